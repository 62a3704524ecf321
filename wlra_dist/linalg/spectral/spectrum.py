"""The energy beyond the K largest singular values: a lower bound on OPT (Woodruff & Yasuda, Thm 1.2).

The Gram matrix of the smaller side is the cheapest way, and blind below n·eps·‖B‖². Each way therefore
returns its own rounding error along with the tail, and the caller goes on to the next when that error shows.
"""

from typing import Any

import numpy as np

from wlra_dist.linalg.basis import residual_energy
from wlra_dist.linalg.blocks import column_energies, energy, gram, inner, roundoff, row_pieces, shape_of
from wlra_dist.linalg.matrix import Matrix, is_sparse
from wlra_dist.linalg.on_demand import OnDemand
from wlra_dist.linalg.scale import centred, scaled_energy

VISIBLE = 1e-3
"""The Gram matrix is believed while the bound on its rounding error is below this fraction of the tail."""

LARGE = 4000
"""Sparse blocks with a smaller side above this are left to ARPACK: their Gram matrix would be dense."""

EPS = float(np.finfo(float).eps)


def tail_energy(B: Matrix, K: int) -> float:
    """‖B_{−K}‖_F² = Σ_{i>K} σ_i² of B (n×d); 0 for K ≥ min(n, d)."""
    B, power = centred(B)
    return scaled_energy(_tail(B, K)[0], power)


def certified_tail_energy(B: Matrix, K: int) -> float:
    """A lower bound on ‖B'_{−K}‖_F² for every B' whose entries round to those of B.

    √tail is the distance to the matrices of rank K, hence 1-Lipschitz in the Frobenius norm: what rounding
    does to the entries, and a backward stable QR and SVD to the block, costs √roundoff_energy(B). The Gram
    matrix adds K + 1 times (energy, and each of K eigenvalues by Weyl) the error (n + d)·eps·‖B‖² of its dot
    products and of the eigenvalues. Worst-case constants for the Gram matrix, probabilistic ones (Higham &
    Mary 2019) for QR. Large sparse blocks rest on ARPACK's convergence as well, which nothing here proves.
    """
    B, power = centred(B)
    tail, error = _tail(B, K)
    shrunk = np.sqrt(max(0.0, tail - error)) - np.sqrt(roundoff_energy(B))
    return scaled_energy(float(max(0.0, shrunk)) ** 2, power)


def roundoff_energy(B: Matrix) -> float:
    """The energy below which a residual of B is rounding noise: (4·eps_B² + 64²·max(n, d)·eps²)·‖B‖_F².

    eps_B belongs to the type of B, whose entries are rounded products, eps to float64, in which we compute.
    """
    return roundoff(B.dtype, max(shape_of(B))) ** 2 * energy(B)


def leading_right_vectors(B: Matrix, K: int) -> np.ndarray:
    """V (d×K'): right singular vectors of the K largest singular values; K' < K where the rest is noise."""
    B, (n, d) = centred(B)[0], shape_of(B)
    if _is_large(B, K):
        return _sparse_singular(B, K)[1]
    values, vectors = np.linalg.eigh(gram(B if d <= n else B.T))
    significant = values > (n + d) * EPS * values.max(initial=0.0)
    values, vectors = values[significant][::-1][:K], vectors[:, significant][:, ::-1][:, :K]
    return vectors if d <= n else inner(vectors, B).T / np.sqrt(values)


def _tail(B: Matrix, K: int) -> tuple[float, float]:
    """The tail and a bound on the error that its computation adds to that of a backward stable SVD."""
    B = _trimmed(B)
    if min(shape_of(B)) <= K:
        return 0.0, 0.0
    if K <= 0:
        return energy(B), 0.0
    error = (K + 1) * sum(shape_of(B)) * EPS * energy(B)
    if _is_large(B, K):
        return residual_energy(B, _sparse_singular(B, K)[0]), error
    tail = _gram_tail(B, K)
    return (tail, error) if tail * VISIBLE > error else (_singular_tail(B, K), 0.0)


def _trimmed(B: Matrix) -> Matrix:
    """B without the rows and columns that are zero, which have no part in its singular values."""
    columns = column_energies(B) > 0
    if isinstance(B, OnDemand):  # rows of zeros do no harm
        return B if columns.all() else B.within(np.flatnonzero(columns))
    if not columns.all():
        B = B[:, columns]
    rows = (B != 0).any(axis=1) if isinstance(B, np.ndarray) else np.bincount(B.indices, minlength=shape_of(B)[0]) > 0
    return B if rows.all() else B[rows]


def _gram_tail(B: Matrix, K: int) -> float:
    squares = np.linalg.eigvalsh(gram(_standing(B)))
    return float(np.maximum(squares[: len(squares) - K], 0.0).sum())


def _singular_tail(B: Matrix, K: int) -> float:
    """From the singular values of the R factor, whose error is eps·‖B‖ and not √eps·‖B‖."""
    R = _triangular_factor(_standing(B))
    return float(np.square(np.linalg.svd(R, compute_uv=False)[K:]).sum())


def _triangular_factor(B: Matrix) -> np.ndarray:
    """R of B = QR, row piece by row piece (TSQR; Demmel et al. 2012)."""
    R = np.empty((0, shape_of(B)[1]))
    for piece in row_pieces(B):
        R = np.asarray(np.linalg.qr(np.vstack([R, piece]), mode="r"))
    return R


def _standing(B: Matrix) -> Matrix:
    """B or Bᵀ, whichever has no more columns than rows."""
    n, d = shape_of(B)
    return B if d <= n else B.T  # a transposed csc_array is csr, which the kernels take as well


def _is_large(B: Matrix, K: int) -> bool:
    """ARPACK pays where the Gram matrix is large and K is a small part of it."""
    return is_sparse(B) and min(shape_of(B)) > LARGE and 0 < 10 * K < min(shape_of(B))


def _sparse_singular(B: Any, K: int) -> tuple[np.ndarray, np.ndarray]:
    """U (n×K) and V (d×K) of the K largest singular values of a large sparse block."""
    from scipy.sparse.linalg import svds

    start = np.random.default_rng(0).standard_normal(min(shape_of(B)))  # fixed: every rank must find the same
    U, _, Vt = svds(B.astype(float), k=K, v0=start)
    return np.asarray(U), np.asarray(Vt).T
