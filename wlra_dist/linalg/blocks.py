"""One block of columns, dense or sparse: the few operations in which the two kinds differ.

Everything is computed in float64 on C-ordered pieces that are copied out of the block. So float32 loses
nothing beyond its own rounding, no second n×d array is formed, and the bits of a result do not depend on the
memory layout of the block. Sparse blocks are canonical (no entry twice), as scipy makes them.
"""

from collections.abc import Iterator

import numpy as np

from wlra_dist.linalg.matrix import Matrix, dense, is_sparse
from wlra_dist.linalg.on_demand import PIECE, OnDemand

SQUARED = 2**15
"""Entries in a piece that is read once only: 256 KiB, for the smallest cache."""

TALL = 4
"""Rows for each column of a piece in float32: with one, products take a quarter longer."""

MAGNIFIED = 64
"""What nearly dependent columns make of a rounding error. With 4, one small integer block in 300 gets
a column more than its rank, with 16 one in 7500, with 64 none was seen."""


def shape_of(B: Matrix) -> tuple[int, int]:
    """(n, d); scipy's own types leave the shape of a sparse array open."""
    n, d = B.shape  # pyright: ignore[reportGeneralTypeIssues]
    return n, d


def roundoff(dtype: np.dtype, size: int) -> float:
    """The relative length below which a remainder of a vector is noise.

    In quadrature: 4 roundings of the entries to their own type (A, W, their product, one to spare), and what
    a projection in float64 leaves of a vector within the span: a random walk of `size` roundings (Higham &
    Mary 2019), magnified by how nearly dependent the columns of the basis were.
    """
    own = 2 * float(np.finfo(dtype).eps) if dtype.kind == "f" else 0.0
    computed = MAGNIFIED * np.sqrt(max(size, 1)) * float(np.finfo(float).eps)
    return float(np.hypot(own, computed))


def dense_columns(B: Matrix, columns: np.ndarray | slice) -> np.ndarray:
    """A float64, C-ordered copy of some columns of B (n×|columns|)."""
    if isinstance(B, OnDemand):
        return np.ascontiguousarray(B[:, columns])
    return np.array(dense(B[:, columns]), dtype=float, order="C")


def runs(length: int, width: int, entries: int = PIECE) -> Iterator[slice]:
    """Consecutive slices of [0, length) whose pieces of `width` entries a line hold about `entries`."""
    step = max(1, entries // max(width, 1))
    return (slice(start, min(start + step, length)) for start in range(0, length, step))


def row_pieces(B: Matrix, dtype: type = float, tall: int = 1) -> Iterator[np.ndarray]:
    """B from top to bottom in pieces of this type, of at least `tall` times as many rows as columns while they last."""
    n, d = shape_of(B)
    rows = B.tocsr() if is_sparse(B) else B
    step = max(1, tall * d, PIECE // max(d, 1))
    for start in range(0, n, step):
        yield np.array(dense(rows[start : start + step]), dtype=dtype, order="C")


def column_energies(B: Matrix) -> np.ndarray:
    """‖b_j‖² of every column (d)."""
    d = shape_of(B)[1]
    energies = np.zeros(d)
    if isinstance(B, OnDemand):
        for _, piece in B.pieces():
            energies += np.einsum("ij,ij->j", piece, piece)
        return energies
    if isinstance(B, np.ndarray):
        step = max(1, SQUARED // max(d, 1))
        for run, panel in _panels(B):
            for start in range(0, len(B), step):
                piece = panel[start : start + step].astype(float)
                energies[run] += np.einsum("ij,ij->j", piece, piece)
        return energies
    for run in runs(d, len(B.data) // max(d, 1), SQUARED):
        begin, end = B.indptr[run.start], B.indptr[run.stop]
        full = np.flatnonzero(np.diff(B.indptr[run.start : run.stop + 1])) + run.start
        if len(full):
            energies[full] = np.add.reduceat(np.square(B.data[begin:end], dtype=float), B.indptr[full] - begin)
    return energies


def _panels(B: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """B in C order: as it is, or copied out in panels of columns; of other layouts, short rows are dear."""
    if B.flags.c_contiguous:
        yield slice(None), B
        return
    for run in runs(B.shape[1], len(B)):
        yield run, np.ascontiguousarray(B[:, run])


def energy(B: Matrix) -> float:
    """‖B‖_F²."""
    return float(column_energies(B).sum())


def inner(Q: np.ndarray, B: Matrix) -> np.ndarray:
    """QᵀB (c×d), for Q n×c in float64."""
    n, d = shape_of(B)
    if is_sparse(B):
        return np.ascontiguousarray((B.astype(float).T @ Q).T)
    if isinstance(B, OnDemand):
        return B.inner(Q)
    Y = np.empty((Q.shape[1], d))
    for run in runs(d, n):
        Y[:, run] = Q.T @ dense_columns(B, run)
    return Y


def gram(B: Matrix, rough: bool = False) -> np.ndarray:
    """BᵀB (d×d, float64); roughly, from float32 products of a dense B, G_ij errs by some 1e-7·‖b_i‖‖b_j‖."""
    if is_sparse(B):
        exact = B.astype(float)
        return (exact.T @ exact).toarray()
    G = np.zeros((B.shape[1], B.shape[1]))
    for piece in row_pieces(B, np.float32, TALL) if rough else row_pieces(B):
        G += piece.T @ piece
    return G
