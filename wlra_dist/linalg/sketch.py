"""CountSketch: n rows hashed to a few, with random signs (Clarkson & Woodruff 2013)."""

from typing import TYPE_CHECKING

import numpy as np

from wlra_dist.linalg.blocks import shape_of
from wlra_dist.linalg.matrix import Matrix, is_sparse
from wlra_dist.linalg.on_demand import OnDemand

if TYPE_CHECKING:
    from scipy.sparse import csc_array

CACHED = 2**18
"""Entries of a bucket's rows that are gathered at once: they stay in the cache until they are summed."""

WIDEST = 1024
"""Columns of a panel at most, and so of the copy that other layouts than C order need."""


def count_sketch(B: Matrix, rows: int, rng: np.random.Generator) -> np.ndarray:
    """SB (rows×d, in B's type, float64 if sparse): each row of B goes to one of `rows` with a random sign.

    The rows are dealt out evenly in a random order, so no bucket is crowded: with rows ≥ n nothing collides
    and S is an isometry. E SᵀS = I; a column pair's inner product has variance below 2/rows·‖x‖²‖y‖².
    """
    n = shape_of(B)[0]
    order, sign = rng.permutation(n), rng.choice(np.array([-1.0, 1.0]), n)
    if isinstance(B, np.ndarray):
        return _sketch_dense(B, rows, order, sign.astype(B.dtype))
    bucket = np.empty(n, dtype=np.int64)
    bucket[order] = np.arange(n) % rows
    sign_of_row = np.empty(n)
    sign_of_row[order] = sign
    if is_sparse(B):
        return _sketch_sparse(B, rows, bucket, sign_of_row)
    return _sketch_on_demand(B, rows, bucket, sign_of_row)


def _sketch_dense(B: np.ndarray, rows: int, order: np.ndarray, sign: np.ndarray) -> np.ndarray:
    n, d = B.shape
    Y = np.zeros((rows, d), dtype=B.dtype)
    tall = -(-n // rows)
    width = min(WIDEST, max(1, CACHED // tall), max(d, 1))
    for start in range(0, d, width):
        panel = B[:, start : start + width]
        # np.take copies what is not contiguous anew for each bucket, and a Fortran array's rows cost 100 times a copy
        panel = np.ascontiguousarray(panel)
        gathered = np.empty((tall, panel.shape[1]), dtype=B.dtype)
        for bucket in range(min(rows, n)):
            chosen = order[bucket::rows]
            lines = np.take(panel, chosen, axis=0, out=gathered[: len(chosen)], mode="clip")  # "raise" would buffer
            Y[bucket, start : start + width] = sign[bucket::rows] @ lines
    return Y


def _sketch_sparse(B: "csc_array", rows: int, bucket: np.ndarray, sign: np.ndarray) -> np.ndarray:
    d = shape_of(B)[1]
    place = np.repeat(np.arange(d) * rows, np.diff(B.indptr)) + bucket[B.indices]
    sums = np.bincount(place, weights=sign[B.indices] * B.data, minlength=d * rows)
    return np.ascontiguousarray(sums.reshape(d, rows).T)


def _sketch_on_demand(B: OnDemand, rows: int, bucket: np.ndarray, sign: np.ndarray) -> np.ndarray:
    from scipy.sparse import csc_array

    Y = np.zeros((rows, B.shape[1]))
    for run, piece in B.pieces():
        height = len(piece)
        S = csc_array((sign[run], bucket[run], np.arange(height + 1)), shape=(rows, height))
        Y += S @ piece
    return Y
