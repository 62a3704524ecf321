"""Truncated SVD of a matrix that is looked at in row pieces: sketched, by block Krylov sweeps, or exact.

All end in the same sweep. For an orthonormal V, Y = BV and Z = YᵀB come from one look at B; with an orthonormal
basis Q of Y's columns, QᵀB follows from Z, and from that the best rank-k matrix within the span of Y. Both factors
are combinations of the rows of Y and of the columns of Z, so that a row or a column of B that is 10⁻²⁴ of the others
keeps its own relative precision.

At 9216×1024, k = 20, a slow spectrum, in GEMMs B·G with 30 columns, the products W∘A included: one sweep
after the sketch costs 4 for at most 1 % above the optimum, two sweeps 6 for 0.1 %, the Gram matrix 13.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from wlra_dist.linalg.rows.products import Swept, gram, sweep, transposed_times
from wlra_dist.linalg.rows.rows import FAINT, FLOAT32, FLOAT64, ArrayRows, Rows, pieces
from wlra_dist.linalg.rows.sketch import sketch_rows
from wlra_dist.linalg.spectral.lanczos import leading_eigenvectors
from wlra_dist.linalg.threads import serial_blas

Method = Literal["sketched", "krylov", "exact"]
"""One sweep after the sketch, two sweeps, or the Gram matrix."""

METHODS: tuple[Method, ...] = get_args(Method)

OVERSAMPLED = 12
"""Columns of V beyond k, at least."""

LANES = 8
"""Their number is rounded up to whole vectors of the processor: a product with 30 columns is slower than with 32."""

SKETCH = 20
"""Rows of the sketch for each column of V: with 10 the error doubles, 40 cost as much as a sweep."""

POWER = 2
"""Steps of the subspace iteration on the sketch, each with (SSᵀ)²: a third would gain a tenth of the error."""

SMALL = 256
"""On so few rows or columns the Gram matrix and all its eigenvectors cost less than a sketch."""

BLIND = {FLOAT32: 1e-2, FLOAT64: 1e-9}
"""Tails below this fraction of the energy are not left to a Gram matrix in float32, in float64."""

UNSEEN = {FLOAT32: 1e-5, FLOAT64: 1e-12}
"""Tails below this fraction are not left to a sketch: the energies that show them are sums of squares."""

ROUNDING = float(np.finfo(float).eps)

NOISE = 2.0**-46
"""Directions of YᵀY below this fraction of the largest are rounding."""


@dataclass(frozen=True, eq=False)
class Truncated:
    """L X ≈ B (n×d) of rank at most k.

    Attributes:
        L: n×k', orthonormal to rounding; k' < k where B has no more directions above rounding.
        X: LᵀB (k'×d), its rows orthogonal and by falling length.
        energy: ‖B‖_F².
    """

    L: np.ndarray
    X: np.ndarray
    energy: float

    @property
    def tail(self) -> float:
        """‖B − LX‖_F² by Pythagoras, to the rounding of the energy."""
        return max(0.0, self.energy - float(np.square(self.X, dtype=float).sum()))

    def shows(self, smallest: float) -> bool:
        """Whether the tail is above this fraction of the energy, and the energy in the middle of the type's range."""
        return FAINT < self.energy < 1 / FAINT and self.tail >= smallest * self.energy

    def typed(self, dtype: np.dtype) -> "Truncated":
        return Truncated(self.L.astype(dtype, copy=False), self.X.astype(dtype, copy=False), self.energy)


def truncated_svd(B: Rows, k: int, method: Method, rng: np.random.Generator) -> Truncated:
    """L X ≈ B of rank k by one of the methods, in B's type, or in float64 where float32 does not do."""
    with serial_blas():
        return exact_svd(B, k) if method == "exact" else randomised_svd(B, k, rng, 1 if method == "sketched" else 2)


def randomised_svd(B: Rows, k: int, rng: np.random.Generator, sweeps: int = 1) -> Truncated:
    """L X of rank k near the optimum: a CountSketch, then block Krylov sweeps (Musco & Musco 2015).

    Computed in float32, whatever the type of B; in float64 where float32 does not see the tail, and where a sketch does
    not, exactly. So is a matrix with few rows or columns.
    """
    if min(B.shape) <= max(SMALL, k + OVERSAMPLED):
        return exact_svd(B, k)
    found = _seen(B, (FLOAT32, FLOAT64), UNSEEN, lambda C: _krylov(C, k, rng, sweeps))
    return found or exact_svd(B, k)


def exact_svd(B: Rows, k: int) -> Truncated:
    """L X with ‖B − LX‖_F² within 1e-9 of ‖B_{−k}‖_F², from the Gram matrix of the smaller side; no coins.

    Computed in float32, whatever the type of B, in float64 where the Gram matrix does not see the tail, and where it
    does not then either, by the SVD proper.
    """
    types = (FLOAT64,) if min(B.shape) <= SMALL and B.dtype == FLOAT64 else (FLOAT32, FLOAT64)
    found = _seen(B, types, BLIND, lambda C: _by_gram(C, k)) if min(B.shape) > k else None
    return found or _by_svd(B.typed(FLOAT64), k)


def _seen(
    B: Rows, types: tuple[np.dtype, ...], least: dict[np.dtype, float], method: Callable[[Rows], Truncated]
) -> Truncated | None:
    """What the method finds in the first type that shows it the tail; in B's type or that, whichever is longer."""
    for dtype in types:
        try:
            with np.errstate(over="ignore", invalid="ignore"):  # numbers that float32 does not have
                found = method(B.typed(dtype))
        except np.linalg.LinAlgError:  # infinite Gram matrices have no eigenvalues
            continue
        if found.shows(least[dtype]):
            return found.typed(np.result_type(dtype, B.dtype))
    return None


def _by_gram(B: Rows, k: int) -> Truncated:
    return _best([sweep(B, _row_space(B, leading_eigenvectors(gram(_standing(B)), k)))], k)


def _standing(B: Rows) -> Rows:
    """B or Bᵀ, whichever has no more columns than rows."""
    return B if B.shape[1] <= B.shape[0] else B.T


def _row_space(B: Rows, vectors: np.ndarray) -> np.ndarray:
    """V (d×c, orthonormal) from right singular vectors of `_standing(B)`."""
    return vectors if B.shape[1] <= B.shape[0] else _orthonormal(transposed_times(B, vectors))


def _orthonormal(columns: np.ndarray) -> np.ndarray:
    """Of columns that may differ by many orders of magnitude."""
    lengths = np.linalg.norm(columns, axis=0)
    return np.linalg.qr(columns / np.where(lengths > 0, lengths, 1))[0]


def _krylov(B: Rows, k: int, rng: np.random.Generator, sweeps: int) -> Truncated:
    width = sketch_width(*B.shape, k)
    S = sketch_rows(B, SKETCH * width, rng)
    looks = [sweep(B, _leading_rows(S, width, rng))]
    for _ in range(sweeps - 1):
        looks.append(sweep(B, _following(looks)))
    return _best(looks, k)


def sketch_width(n: int, d: int, k: int) -> int:
    """Columns of V, for B n×d and rank k."""
    return min(n, d, -(-(k + OVERSAMPLED) // LANES) * LANES)


def _leading_rows(S: np.ndarray, width: int, rng: np.random.Generator) -> np.ndarray:
    """V (d×width): roughly the leading right singular vectors of a sketch, by subspace iteration."""
    X = rng.standard_normal((len(S), width)).astype(S.dtype)
    for _ in range(POWER):
        X = S @ (S.T @ X)
        X = np.linalg.qr(S @ (S.T @ X))[0]
    return np.linalg.qr(S.T @ X)[0]


def _following(looks: list[Swept]) -> np.ndarray:
    """The next block of the Krylov space: BᵀBV less its part in the blocks before."""
    V = _orthonormal(looks[-1].Z.T.astype(float))
    for _ in range(2):  # "twice is enough" (Kahan)
        for before in looks:
            V -= before.V @ (before.V.T @ V)
        V = np.linalg.qr(V)[0]
    return V


def _best(looks: list[Swept], k: int) -> Truncated:
    """The best rank-k matrix whose columns are in the span of all Y.

    YᵀY is accumulated in float64 from Y itself: from Z it would carry the rounding of the largest direction.
    """
    Y, Z = np.hstack([look.Y for look in looks]), np.vstack([look.Z for look in looks])
    basis = whitening(gram(ArrayRows(Y, FLOAT64)))
    within = basis.T @ Z
    leading = np.linalg.eigh(within @ within.T)[1][:, ::-1][:, :k]
    return Truncated(Y @ (basis @ leading).astype(Y.dtype), (leading.T @ within).astype(Y.dtype), looks[0].energy)


def whitening(G: np.ndarray) -> np.ndarray:
    """M (l×l') such that the columns of YM are an orthonormal basis of those of Y, for G = YᵀY in float64."""
    squares, vectors = np.linalg.eigh(G)
    significant = squares > NOISE * squares.max(initial=0.0)
    return vectors[:, significant] / np.sqrt(squares[significant])


def _by_svd(B: Rows, k: int) -> Truncated:
    """QR by row pieces and LAPACK's SVD of R (TSQR; Demmel et al. 2012) find V; then Y = BV and least squares for X.

    Nothing is read off an orthonormal matrix, whose small rows and columns would be rounding.
    """
    R = np.empty((0, min(B.shape)))
    for _, piece in pieces(_standing(B), least=min(B.shape)):
        R = np.asarray(np.linalg.qr(np.vstack([R, piece]), mode="r"))
    look = sweep(B, _row_space(B, np.linalg.svd(R)[2][:k].T))
    Q, R = np.linalg.qr(look.Y)
    lengths = np.abs(np.diag(R))
    significant = int(np.sum(np.logical_and.accumulate(lengths > max(B.shape) * ROUNDING * lengths.max(initial=0.0))))
    # LU of a triangle is the triangle: back substitution
    X = np.linalg.solve(R[:significant, :significant], transposed_times(B, Q[:, :significant]).T)
    return Truncated(look.Y[:, :significant] / lengths[:significant], lengths[:significant, None] * X, look.energy)
