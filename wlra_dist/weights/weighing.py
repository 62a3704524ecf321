"""B = W∘A, and other entrywise steps on blocks that may be dense or sparse."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from wlra_dist.linalg.blocks import runs
from wlra_dist.linalg.matrix import Matrix, is_sparse
from wlra_dist.linalg.matrix import dense as dense
from wlra_dist.linalg.on_demand import OnDemand
from wlra_dist.weights import Weights

if TYPE_CHECKING:
    from scipy.sparse import csc_array

CHUNK_ENTRIES = 1 << 22
"""Entries that are formed at a time (32 MB of floats)."""

HELD = 1 << 20
"""Entries of a W∘A that is formed once and held (8 MB of floats)."""


def column_runs(n: int, d: int) -> Iterator[slice]:
    """d columns of n entries in runs of at most CHUNK_ENTRIES entries."""
    width = max(1, CHUNK_ENTRIES // max(n, 1))
    return (slice(start, min(d, start + width)) for start in range(0, d, width))


def weigh(W: Weights, A: Matrix, S: np.ndarray | slice = slice(None)) -> Matrix:
    """B = W∘A for columns A that are the columns S of W; as sparse as A is."""
    return _scaled(A, _weights_of_entries(W, A, S)) if is_sparse(A) else W.dense(S) * dense(A)


def weighed(W: Weights, A: Matrix) -> Matrix:
    """The same for all of A; where it would be large it is formed when it is looked at, since A is there already."""
    return product_of(W, A) if isinstance(A, np.ndarray) and A.size > HELD else weigh(W, A)


def product_of(W: Weights, A: np.ndarray) -> OnDemand:
    """B = W∘A, with the bits of `weigh`."""
    rows = np.arange(len(A))
    return OnDemand(
        W.shape,
        lambda run: W.rows(rows[run]).dense(slice(None)) * A[run],
        lambda columns: W.dense(columns) * A[:, columns],
    )


def weight_pieces(W: Weights) -> Iterator[tuple[slice, np.ndarray]]:
    """(run, W[run]) from top to bottom, in float64."""
    n, d = W.shape
    return ((run, W.rows(np.arange(n)[run]).dense(slice(None))) for run in runs(n, d))


def on_support(W: Weights, A: Matrix, S: np.ndarray | slice = slice(None)) -> Matrix:
    """A where W is not 0, and 0 elsewhere, for columns A that are the columns S of W."""
    if not is_sparse(A):
        return np.where(W.dense(S) > 0, dense(A), 0.0)
    return _scaled(A, (_weights_of_entries(W, A, S) > 0).astype(float))


def _weights_of_entries(W: Weights, A: "csc_array", S: np.ndarray | slice) -> np.ndarray:
    """W where A has an entry: no n×d weights are formed."""
    columns = np.repeat(np.arange(W.shape[1])[S], np.diff(A.indptr))
    return W.entries(A.indices, columns)


def _scaled(A: "csc_array", factors: np.ndarray) -> "csc_array":
    scaled = A.copy()
    scaled.data = A.data * factors
    scaled.eliminate_zeros()
    return scaled


def others(S: np.ndarray, d: int) -> np.ndarray:
    """The columns not in S, ascending."""
    return np.setdiff1d(np.arange(d), S, assume_unique=True)
