"""Truncated SVD of a matrix that is looked at in row pieces: sketched, by block Krylov sweeps, or exact.

All end in the same sweep. For an orthonormal V, Y = BV and Z = YᵀB come from one look at B; with an orthonormal
basis Q of Y's columns, QᵀB follows from Z, and from that the best rank-k matrix within the span of Y. Both factors
are combinations of the rows of Y and of the columns of Z, so that a row or a column of B that is 10⁻²⁴ of the others
keeps its own relative precision.

At 9216×1024 in float32, k = 20, a slow spectrum, in GEMMs B·G with 30 columns, the products W∘A included: one sweep
after the sketch costs 4 for at most 1 % above the optimum, two sweeps 6 for 0.1 %, the Gram matrix 13.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from wlra_dist.linalg.eigen import leading_eigenvectors
from wlra_dist.linalg.row_sketch import sketch_rows
from wlra_dist.linalg.rows import FLOAT64, Plain, Rows, pieces

Method = Literal["sketched", "krylov", "exact"]
"""One sweep after the sketch, two sweeps, or the Gram matrix."""

OVERSAMPLED = 12
"""Columns of V beyond k, at least."""

LANES = 8
"""Their number is rounded up to whole vectors of the processor: a product with 30 columns is slower than with 32."""

SKETCH = 20
"""Rows of the sketch for each column of V: with 10 the error doubles, 40 cost as much as a sweep."""

SMALL = 256
"""On so few rows or columns the Gram matrix and all its eigenvectors cost less than a sketch."""

BLIND = {"f": 1e-2, "d": 1e-9}
"""Tails below this fraction of the energy are not left to a Gram matrix in float32, in float64."""

UNSEEN = {"f": 1e-5, "d": 1e-12}
"""Tails below this fraction are not left to a sketch: the energies that show them are sums of squares."""

TALL = 3
"""A piece of a Gram matrix has so many times as many rows as columns: with 1/2 a third of the speed is lost."""

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
        """Whether the tail is above this fraction of the energy."""
        return self.tail >= smallest * self.energy


@dataclass(frozen=True, eq=False)
class Swept:
    """One look at B (n×d) through V (d×l)."""

    V: np.ndarray
    Y: np.ndarray
    """BV (n×l)."""
    Z: np.ndarray
    """YᵀB (l×d)."""
    energy: float
    """‖B‖_F²."""


def truncated_svd(B: Rows, k: int, method: Method, rng: np.random.Generator) -> Truncated:
    """L X ≈ B of rank k by one of the methods."""
    return exact_svd(B, k) if method == "exact" else randomised_svd(B, k, rng, 1 if method == "sketched" else 2)


def randomised_svd(B: Rows, k: int, rng: np.random.Generator, sweeps: int = 1) -> Truncated:
    """L X of rank k near the optimum: a CountSketch, then block Krylov sweeps (Musco & Musco 2015).

    Where float32 does not see the tail it is computed anew in float64, and where a sketch does not, exactly. So is a
    matrix with few rows or columns.
    """
    if min(B.shape) <= max(SMALL, k + OVERSAMPLED):
        return exact_svd(B, k)
    found = _krylov(B, k, rng, sweeps)
    if found.shows(UNSEEN[B.dtype.char]):
        return found
    return exact_svd(B, k) if B.dtype == float else randomised_svd(B.doubled(), k, rng, sweeps)


def exact_svd(B: Rows, k: int) -> Truncated:
    """L X with ‖B − LX‖_F² within 1e-9 of ‖B_{−k}‖_F², from the Gram matrix of the smaller side; no coins.

    Where the Gram matrix does not see the tail: float64, then the SVD proper, to rounding.
    """
    if min(B.shape) > k:
        found = _best([sweep(B, _row_space(B, leading_eigenvectors(gram(_standing(B)), k)))], k)
        if found.shows(BLIND[B.dtype.char]):
            return found
    return _by_svd(B, k) if B.dtype == float else exact_svd(B.doubled(), k)


def sweep(B: Rows, V: np.ndarray) -> Swept:
    """V is d×l, orthonormal."""
    n, d = B.shape
    V = V.astype(B.dtype)
    Y, Z, energy = np.empty((n, V.shape[1]), B.dtype), np.zeros((V.shape[1], d), B.dtype), 0.0
    for run, piece in pieces(B):
        np.matmul(piece, V, out=Y[run])
        Z += Y[run].T @ piece
        energy += float(np.vdot(piece, piece))
    return Swept(V, Y, Z, energy)


def gram(B: Rows, tall: int = TALL) -> np.ndarray:
    """BᵀB (d×d), from pieces of so many times d rows."""
    d = B.shape[1]
    G = np.zeros((d, d), B.dtype)
    for _, piece in pieces(B, least=tall * d):
        G += piece.T @ piece
    return G


def transposed_times(B: Rows, U: np.ndarray) -> np.ndarray:
    """BᵀU (d×c), for U n×c."""
    U = U.astype(B.dtype, copy=False)
    product = np.zeros((B.shape[1], U.shape[1]), B.dtype)
    for run, piece in pieces(B):
        product += piece.T @ U[run]
    return product


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
    width = min(*B.shape, -(-(k + OVERSAMPLED) // LANES) * LANES)
    S = sketch_rows(B, SKETCH * width, rng)
    looks = [sweep(B, _leading_rows(S, width, rng))]
    for _ in range(sweeps - 1):
        looks.append(sweep(B, _following(looks)))
    return _best(looks, k)


def _leading_rows(S: np.ndarray, width: int, rng: np.random.Generator) -> np.ndarray:
    """V (d×width): roughly the leading right singular vectors of a sketch, by three subspace iterations."""
    G = S @ S.T
    X = rng.standard_normal((len(S), width)).astype(S.dtype)
    for _ in range(3):
        X = np.linalg.qr(G @ (G @ X))[0]
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
    squares, vectors = np.linalg.eigh(gram(Plain(Y, FLOAT64)))
    shown = squares > NOISE * squares.max(initial=0.0)
    whitening = vectors[:, shown] / np.sqrt(squares[shown])
    within = whitening.T @ Z
    leading = np.linalg.eigh(within @ within.T)[1][:, ::-1][:, :k]
    return Truncated(Y @ (whitening @ leading).astype(Y.dtype), (leading.T @ within).astype(Y.dtype), looks[0].energy)


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
    shown = int(np.sum(np.logical_and.accumulate(lengths > max(B.shape) * ROUNDING * lengths.max(initial=0.0))))
    # LU of a triangle is the triangle: back substitution
    X = np.linalg.solve(R[:shown, :shown], transposed_times(B, Q[:, :shown]).T)
    return Truncated(look.Y[:, :shown] / lengths[:shown], lengths[:shown, None] * X, look.energy)
