"""CountSketch: n rows hashed to a few, with random signs (Clarkson & Woodruff 2013)."""

from typing import TYPE_CHECKING

import numpy as np

from wlra_dist.linalg.blocks import shape_of
from wlra_dist.weights import Matrix

if TYPE_CHECKING:
    from scipy.sparse import csc_array

PANEL = 256
"""Columns that are sketched at once: a bucket's rows then stay in the cache from the gather to the sum."""


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
    return _sketch_sparse(B, rows, bucket, sign_of_row)


def _sketch_dense(B: np.ndarray, rows: int, order: np.ndarray, sign: np.ndarray) -> np.ndarray:
    Y = np.empty((rows, B.shape[1]), dtype=B.dtype)
    for start in range(0, B.shape[1], PANEL):
        panel = B[:, start : start + PANEL]
        if panel.strides[1] != panel.itemsize:  # gathering rows of a Fortran array costs 100 times the copy
            panel = np.ascontiguousarray(panel)
        for bucket in range(rows):
            Y[bucket, start : start + PANEL] = sign[bucket::rows] @ panel[order[bucket::rows]]
    return Y


def _sketch_sparse(B: "csc_array", rows: int, bucket: np.ndarray, sign: np.ndarray) -> np.ndarray:
    d = shape_of(B)[1]
    place = np.repeat(np.arange(d) * rows, np.diff(B.indptr)) + bucket[B.indices]
    sums = np.bincount(place, weights=sign[B.indices] * B.data, minlength=d * rows)
    return np.ascontiguousarray(sums.reshape(d, rows).T)
