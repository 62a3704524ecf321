"""The laws of a weight type."""

from typing import Any

import numpy as np

from wlra_dist.testing.laws import require, under_check
from wlra_dist.weights import Weights


def check_weights(W: Weights) -> None:
    """Holds weights to what `wlra_dist.weights.Weights` asks: all ways to look at W show the same W.

    Parameters
    ----------
    W
        A small one, n×d: it is formed whole.

    Raises
    ------
    AssertionError
        One sentence: entries that are negative or not finite, or another number in ``entries``, ``block`` or ``rows``
        than in ``dense``; columns that ``groups`` calls equal and are not; or a rank above ``rank``.
    """
    with under_check(type(W), f"of shape {W.shape}"):
        whole = W.dense(slice(None))
        n, d = W.shape
        require(whole.shape == (n, d), f"`dense` gives the shape {whole.shape}")
        require(whole.dtype.kind == "f", f"`dense` gives floats, {whole.dtype} came")
        require(np.isfinite(whole).all() and (whole >= 0).all(), "weights are finite and at least 0")
        _check_parts(W, whole)
        _check_groups(W, whole)
        rank = int(np.linalg.matrix_rank(whole))
        require(rank <= W.rank, f"`rank` is {W.rank}, and W has rank {rank}")


def _check_parts(W: Weights, whole: np.ndarray) -> None:
    """Bit for bit the same, however a part is asked for."""
    n, d = whole.shape
    rng = np.random.default_rng(0)
    rows, columns = rng.integers(0, n, 40), rng.integers(0, d, 40)
    require(np.array_equal(W.entries(rows, columns), whole[rows, columns]), "`entries` and `dense` differ")
    for part in (slice(0, 0), slice(1, d), np.arange(d)[::-2], columns):
        require(np.array_equal(W.dense(part), whole[:, part]), "`dense` of some columns differs from that of all")
        require(_is(W.block(part), whole[:, part]), "`block` is not these columns")
    for part in (np.arange(0), np.arange(n)[::-2], rows):
        require(_is(W.rows(part), whole[part]), "`rows` is not these rows")


def _is(W: Any, entries: np.ndarray) -> bool:
    return W.shape == entries.shape and np.array_equal(W.dense(slice(None)), entries)


def _check_groups(W: Weights, whole: np.ndarray) -> None:
    groups = np.asarray(W.groups)
    require(groups.shape == (whole.shape[1],), "`groups` has a number for each column")
    for group in np.unique(groups):
        members = whole[:, groups == group]
        require((members == members[:, :1]).all(), "`groups` calls columns equal that are not")
