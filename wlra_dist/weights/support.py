"""Where W is not 0; a class of weights that knows it by its structure answers itself, without n×d numbers."""

import numpy as np

from wlra_dist.linalg.blocks import runs
from wlra_dist.weights import Weights


def support_sizes(W: Weights, columns: np.ndarray | slice) -> np.ndarray:
    """How many weights of each of these columns (c) are not 0."""
    if (own := getattr(W, "support_sizes", None)) is not None:
        return own(columns)
    asked = np.arange(W.shape[1])[columns]
    sizes = [np.count_nonzero(W.dense(asked[run]), axis=0) for run in runs(len(asked), W.shape[0])]
    return np.concatenate([np.zeros(0, dtype=np.int64), *sizes])


def support_places(W: Weights, columns: np.ndarray | slice) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns (of these, from 0) where W is not 0, column by column."""
    if (own := getattr(W, "support_places", None)) is not None:
        return own(columns)
    places, rows = np.nonzero((W.dense(columns) > 0).T)
    return rows, places


def rows_that_count(W: Weights) -> np.ndarray:
    """The rows in which W is not 0 throughout: all others are 0 in W∘A."""
    if (own := getattr(W, "rows_that_count", None)) is not None:
        return own()
    n, d = W.shape
    counts = np.zeros(n, bool)
    for run in runs(d, n):
        counts |= W.dense(run).any(axis=1)
    return np.flatnonzero(counts)
