"""The laws of a weight type."""

from typing import Any

import numpy as np

from wlra_dist.instances.kept_weights import Kept, OfFields
from wlra_dist.testing.laws import require, under_check
from wlra_dist.weights import Weights
from wlra_dist.weights.support import rows_that_count, support_places, support_sizes


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
        than in ``dense``; columns that ``groups`` calls equal and are not; a rank above ``rank``; a support, or factors
        of W∘W, that are others, where the type has them; or fields from which a record cannot make the same W again.
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
        _check_support(W, whole)
        _check_record(W, whole)


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


def _check_support(W: Any, whole: np.ndarray) -> None:
    """What a type may know faster than by looking."""
    rows, columns = support_places(W, slice(None))
    places = np.argwhere(whole.T > 0)
    require(np.array_equal(np.stack([columns, rows], axis=1), places), "`support_places` is not where W is not 0")
    counts = (whole > 0).sum(axis=0)
    require(np.array_equal(support_sizes(W, slice(None)), counts), "`support_sizes` is not how often W is not 0")
    require(np.array_equal(rows_that_count(W), np.flatnonzero(whole.any(axis=1))), "`rows_that_count` is not which do")
    if hasattr(W, "square_factors"):
        P, Q = W.square_factors()
        require((P >= 0).all() and (Q >= 0).all(), "`square_factors` are at least 0")
        require(np.allclose(P @ Q, np.square(whole), rtol=1e-12), "`square_factors` are not those of W∘W")


def _check_record(W: Any, whole: np.ndarray) -> None:
    if getattr(W, "in_file", False):
        return
    facts, arrays = OfFields(type(W)).keep(W, None)
    again = OfFields(type(W)).restore(Kept(facts, arrays), None)
    require(_is(again, whole), "the fields of its dataclass do not make the same W again")
