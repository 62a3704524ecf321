"""Better minorants: P and Q move to where A leaves the most residual.

The bound Σ_l ‖(D_l)_{−k}‖² has the gradient ∂/∂log P_il = ‖(E_l)_{i,:}‖² and ∂/∂log Q_jl = ‖(E_l)_{:,j}‖², where E_l is
what the best rank-k matrix leaves of D_l (Danskin). Each row is then scaled until it touches W∘W, which a soft
maximum of order β makes differentiable: row i's gain ρ_i = Σ_l ‖(E_l)_{i,:}‖² is charged to its entries with weights
π_ij ∝ (S_ij/W_ij²)^β, S = P Qᵀ, and an entry's charge to the terms in proportion to P_il Q_jl. At a maximum every
factor's gain is its charge; so each is multiplied by (gain/charge)^{ω/β}. With one term this is Sinkhorn's
iteration for the transport of row gains to column gains at cost log W_ij², relaxed by ω.

None of this must be exact: `minorant` proves the bound from whatever P and Q come out. Hence the singular
vectors are followed by one subspace iteration a step.
"""

from dataclasses import dataclass

import numpy as np

from wlra_dist.linalg.blocks import runs
from wlra_dist.linalg.matrix import Matrix, squared
from wlra_dist.optima.minorant import NOTHING, in_float64, pressed

SOFTEST = 4.0
"""β of the first step; it grows by 1 with each."""

RELAXATION = 1.8
"""ω; up to 2 it converges faster, beyond it falls back."""

LARGEST_STEP = 1.0
"""No factor changes by more than e to this power in a step."""


@dataclass(frozen=True, eq=False)
class _Gains:
    """What the terms gain from rows (n×L) and columns (d×L), and the singular vectors V (d×L×k) that say so."""

    rows: np.ndarray
    columns: np.ndarray
    V: np.ndarray


def ascend(
    A: Matrix, squares: np.ndarray, P: np.ndarray, Q: np.ndarray, k: int, steps: int
) -> tuple[np.ndarray, np.ndarray]:
    """P (n×L) and Q (d×L) after so many steps; A and W∘W ≤ 1 are n×d.

    A step costs two products of A with kL columns, and some passes over W∘W.
    """
    A = in_float64(A)  # once: a product of two types would convert it each time
    A_squared = squared(A)
    V = np.random.default_rng(0).standard_normal((len(Q), P.shape[1], k))  # fixed: as in `fit`
    V = _gains(A, A_squared, P, Q, _orthonormal(V)).V
    for step in range(steps):
        P, Q = pressed(squares, P, Q)
        gains = _gains(A, A_squared, P, Q, V)
        sharpness = SOFTEST + step
        row_charges, column_charges = _charges(squares, P, Q, gains.rows.sum(axis=1), sharpness)
        P = P * _change(gains.rows, row_charges, sharpness)
        Q = Q * _change(gains.columns, column_charges, sharpness)
        V = gains.V
    return P, Q


def _gains(A: Matrix, A_squared: Matrix, P: np.ndarray, Q: np.ndarray, V: np.ndarray) -> _Gains:
    """Energies of the rows and columns of D_l − D_l V_l V_lᵀ, all terms at once, without forming any D_l."""
    root_P, root_Q = np.sqrt(P)[:, :, None], np.sqrt(Q)[:, :, None]
    Y = root_P * _times(A, root_Q * V)
    Z = root_Q * _times(A.T, root_P * Y)
    rows = P * (A_squared @ Q) - np.square(Y).sum(axis=2)
    gram = np.matmul(Y.transpose(1, 2, 0), Y.transpose(1, 0, 2))
    fitted = np.matmul(V.transpose(1, 0, 2), gram).transpose(1, 0, 2)
    columns = Q * (A_squared.T @ P) + ((fitted - 2 * Z) * V).sum(axis=2)
    return _Gains(np.maximum(rows, 0.0), np.maximum(columns, 0.0), _orthonormal(Z))


def _times(A: Matrix, X: np.ndarray) -> np.ndarray:
    """A X_l for every term: d×L×k to n×L×k."""
    return np.asarray(A @ X.reshape(len(X), -1)).reshape(-1, *X.shape[1:])


def _orthonormal(Z: np.ndarray) -> np.ndarray:
    """An orthonormal basis of the columns of each Z_l (d×L×k)."""
    return np.ascontiguousarray(np.linalg.qr(Z.transpose(1, 0, 2))[0].transpose(1, 0, 2))


def _charges(
    squares: np.ndarray, P: np.ndarray, Q: np.ndarray, row_gains: np.ndarray, sharpness: float
) -> tuple[np.ndarray, np.ndarray]:
    """What the constraint P Qᵀ ≤ W∘W charges each factor (n×L, d×L) for the gains of the rows (n)."""
    rows_charged, columns_charged = np.empty_like(P), np.zeros_like(Q)
    for rows in runs(*squares.shape):
        S = P[rows] @ Q.T
        # at most 1, since each row of P has been scaled
        tightness = np.divide(S, squares[rows], out=np.zeros_like(S), where=(S > 0) & (squares[rows] > 0))
        shares = tightness**sharpness
        shares *= (row_gains[rows] / np.maximum(shares.sum(axis=1), NOTHING))[:, None]
        shares /= np.maximum(S, NOTHING)
        rows_charged[rows] = P[rows] * (shares @ Q)
        columns_charged += shares.T @ P[rows]
    return rows_charged, Q * columns_charged


def _change(gains: np.ndarray, charges: np.ndarray, sharpness: float) -> np.ndarray:
    """(gain/charge)^{ω/β} within the largest step; 1 where either is nothing."""
    changing = (gains > np.finfo(float).eps * gains.max(initial=0.0)) & (charges > 0)
    ratio = np.divide(gains, charges, out=np.ones_like(gains), where=changing)
    return np.exp(np.clip(RELAXATION / sharpness * np.log(ratio), -LARGEST_STEP, LARGEST_STEP))
