"""Sums of rank-one minorants of W²: lower bounds on OPT for any W, of full rank as well.

Theorem. Let P (n×L) and Q (d×L) be nonnegative with Σ_l P_il Q_jl ≤ W_ij² for all i, j. Then
OPT ≥ Σ_l ‖(D_l)_{−k}‖_F² with D_l = diag(√P_{:,l}) A diag(√Q_{:,l}).

Proof. For every A' of rank at most k,
    ‖W∘(A − A')‖_F² ≥ Σ_ij Σ_l P_il Q_jl (A − A')_ij² = Σ_l ‖D_l − diag(√P_{:,l}) A' diag(√Q_{:,l})‖_F²,
and what is subtracted from D_l has rank at most k (Eckart & Young). ∎

Zeros are allowed: a term whose P is zero on some rows and Q on some columns speaks of a submatrix only. Hence
bounds on the parts of any partition of the entries may be added up; `groups` is that case.
"""

from dataclasses import dataclass
from typing import Any, TypeVar, cast

import numpy as np

from wlra_dist.linalg.blocks import runs
from wlra_dist.linalg.matrix import Matrix, dense, is_sparse
from wlra_dist.linalg.on_demand import OnDemand
from wlra_dist.linalg.spectral.spectrum import EPS, certified_tail_energy
from wlra_dist.weights import Weights
from wlra_dist.weights.weighing import HELD, weight_pieces

MatrixT = TypeVar("MatrixT", bound=Matrix)

NOTHING = 2.0**-300
"""Factors below this (W² is at most 1) are set to 0, so that no product of two underflows unnoticed."""


@dataclass(frozen=True, eq=False)
class Minorant:
    """P (n×L) and Q (d×L), nonnegative, with P Qᵀ ≤ W∘W in exact arithmetic."""

    P: np.ndarray
    Q: np.ndarray


def unit_squares(W: Weights) -> tuple[np.ndarray, int]:
    """W∘W for a W that a power of two has made at most 1, and that power."""
    share, power = np.frexp(max((float(piece.max(initial=0.0)) for _, piece in weight_pieces(W)), default=0.0))
    power = int(power) - (share == 0.5)  # 1 is at most 1
    squares = np.empty(W.shape)
    for run, piece in weight_pieces(W):
        np.square(np.ldexp(piece, -power), out=squares[run])
    return squares, power


def under(squares: np.ndarray, P: np.ndarray, Q: np.ndarray) -> Minorant:
    """The minorant that P and Q make when they are pressed under W∘W.

    An entry of P Qᵀ is a sum of L products without cancellation, computed to (L + 1) roundings, and the squares,
    quotients and scalings add a few; P gives up more than that.

    Args:
        squares: W∘W (n×d), at most 1; an entry may be rounded once.
        P, Q: nonnegative factors, n×L and d×L.
    """
    P, Q = pressed(squares, visible(P), visible(Q))
    return Minorant(visible(P * (1 - (P.shape[1] + 16) * EPS)), visible(Q))


def pressed(squares: np.ndarray, P: np.ndarray, Q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """P and Q after each row of P, then each row of Q, is scaled by the largest factor with P Qᵀ ≤ W∘W.

    A factor of any size would do where P Qᵀ is zero; it is 1 there.
    """
    P, column_room = P.copy(), np.full(len(Q), np.inf)
    for rows in runs(*squares.shape):
        room = _quotient(squares[rows], P[rows] @ Q.T)
        row_room = room.min(axis=1, initial=np.inf)
        P[rows] *= _finite(row_room)
        # a row of P that has just become zero leaves the columns alone: x/0 = ∞
        column_room = np.minimum(column_room, _quotient(room, row_room[:, None]).min(axis=0, initial=np.inf))
    return P, Q * _finite(column_room)


def _quotient(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """Entry by entry; infinite where the denominator is 0 or the numerator already is."""
    quotient = np.full(numerator.shape, np.inf)
    with np.errstate(over="ignore"):
        return np.divide(numerator, denominator, out=quotient, where=(denominator > 0) & np.isfinite(numerator))


def _finite(room: np.ndarray) -> np.ndarray:
    """The factors as a column, with 1 for ∞."""
    return np.where(np.isfinite(room), room, 1.0)[:, None]


def minorant_bound(A: Matrix, minorant: Minorant, k: int) -> float:
    """Σ_l ‖(diag(√P_l) A diag(√Q_l))_{−k}‖_F² ≤ OPT (module docstring), less its own rounding error; A is n×d."""
    return sum(_term_bound(A, p, q, k) for p, q in zip(minorant.P.T, minorant.Q.T, strict=True))


def _term_bound(A: Matrix, p: np.ndarray, q: np.ndarray, k: int) -> float:
    """Only rows and columns that count enter, since the cost of a tail goes with the smaller side."""
    rows, columns = np.flatnonzero(p), np.flatnonzero(q)
    if min(len(rows), len(columns)) <= k:
        return 0.0
    D = scaled(submatrix(A, rows, columns), np.sqrt(p[rows]), np.sqrt(q[columns]))
    return certified_tail_energy(D, k)


def submatrix(A: Matrix, rows: np.ndarray, columns: np.ndarray) -> Matrix:
    """A on these rows and columns, both ascending; A itself if they are all."""
    if (len(rows), len(columns)) == A.shape:
        return A
    if not is_sparse(A):
        return dense(A)[np.ix_(rows, columns)]
    return A[rows][:, columns] if A.format == "csr" else A[:, columns][rows]


def scaled(A: Matrix, rows: np.ndarray, columns: np.ndarray) -> Matrix:
    """diag(rows) A diag(columns), in float64: four roundings an entry with those of the two roots."""
    if not is_sparse(A):
        entries = dense(A)
        if entries.size <= HELD:
            return rows[:, None] * entries * columns
        return OnDemand(
            entries.shape,
            lambda some: rows[some, None] * entries[some] * columns,
            lambda some: rows[:, None] * entries[:, some] * columns[some],
        )
    D = in_float64(A.tocsc())
    D.data *= rows[D.indices] * np.repeat(columns, np.diff(D.indptr))
    return D


def in_float64(A: MatrixT) -> MatrixT:
    """A copy of A in float64, as sparse as A is."""
    return cast(MatrixT, cast(Any, A).astype(float))


def visible(factor: np.ndarray) -> np.ndarray:
    """The factor with 0 in place of what could make a product underflow."""
    return np.where(factor > NOTHING, factor, 0.0)
