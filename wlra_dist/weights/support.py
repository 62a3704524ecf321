"""Where W is not 0, told without n×d numbers where its structure says it."""

import numpy as np

from wlra_dist.linalg.blocks import runs
from wlra_dist.weights import BlockMask, SparseWeights, Weights


def support_sizes(W: Weights, columns: np.ndarray | slice) -> np.ndarray:
    """How many weights of each of these columns (c) are not 0."""
    match W:
        case BlockMask():
            rows, blocks = np.sort(W.row_blocks), W.column_blocks[columns]
            return np.searchsorted(rows, blocks, "right") - np.searchsorted(rows, blocks, "left")
        case SparseWeights():
            return np.diff(W.W[:, columns].indptr)
    asked = np.arange(W.shape[1])[columns]
    sizes = [np.count_nonzero(W.dense(asked[run]), axis=0) for run in runs(len(asked), W.shape[0])]
    return np.concatenate([np.zeros(0, dtype=np.int64), *sizes])


def support_places(W: Weights, columns: np.ndarray | slice) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns (of these, from 0) where W is not 0, column by column."""
    if isinstance(W, SparseWeights):
        chosen = W.W[:, columns]
        return chosen.indices, np.repeat(np.arange(len(chosen.indptr) - 1), np.diff(chosen.indptr))
    places, rows = np.nonzero((W.dense(columns) > 0).T)
    return rows, places


def rows_that_count(W: Weights) -> np.ndarray:
    """The rows in which W is not 0 throughout: all others are 0 in W∘A."""
    match W:
        case BlockMask():
            return np.flatnonzero(np.isin(W.row_blocks, W.column_blocks))
        case SparseWeights():
            return np.unique(W.W.indices)
    n, d = W.shape
    counts = np.zeros(n, bool)
    for run in runs(d, n):
        counts |= W.dense(run).any(axis=1)
    return np.flatnonzero(counts)
