"""What is known of rank(W) ≤ r. r sets how many directions a protocol works with; bounds rest on it only if it holds.

- proven: by the structure of W, by few different rows or columns, or by integers modulo a prime.
- near: some V of rank r is within η·W, entry by entry, η ≤ NEAR; bounds take that off.
- refuted: a minor of order r + 1 is not 0, and no V so near was found.
- unknown: none of these, or W is too large to look at.
"""

from bisect import bisect_left
from dataclasses import dataclass
from typing import Literal

import numpy as np

from wlra_dist.weights import Weights
from wlra_dist.weights.distinct import equal_columns, equal_rows, first_of
from wlra_dist.weights.nearness import NEAR, SPARE, evenly, nearness
from wlra_dist.weights.refutation import LARGEST, Minor, combined_minor, minor, sampled_minor

RankClaim = Literal["proven", "near", "refuted", "unknown"]

MOST = 16
"""The largest rank that is looked for where none is stated."""


@dataclass(frozen=True)
class RankFinding:
    """What is known of rank(W) ≤ r.

    Attributes:
        claim: in a word.
        off: the η of a W that is near rank r, 0 if rank(W) ≤ r; None if neither is known.
        refuted: a minor of order r + 1 that is not 0.
    """

    claim: RankClaim
    off: float | None = None
    refuted: Minor | None = None


def examine(W: Weights, r: int) -> RankFinding:
    """What is known of rank(W) ≤ r.

    A few rows and columns tell of most W that the rank is larger, in some thousandths of a second.
    """
    if W.rank <= r:
        return RankFinding("proven", 0.0)
    sampled = sampled_minor(W, r)
    if sampled and sampled[1] > NEAR:
        return RankFinding("refuted", refuted=sampled[0])
    n, d = W.shape
    if n * d > LARGEST:
        return RankFinding("unknown")
    rows, columns, core = _core(W.dense(slice(None)), r)
    off = nearness(core, r)
    if off <= NEAR:
        return RankFinding("near" if off else "proven", off)
    if sampled:
        return RankFinding("refuted", refuted=sampled[0])
    combined = combined_minor(core, r)
    if combined is None:
        return RankFinding("unknown")
    return RankFinding("refuted", refuted=minor(W, rows[combined[0]], columns[combined[1]]))


def least_rank(W: Weights, most: int) -> int | None:
    """The least r ≤ `most` such that rank(W) ≤ r is proven or near; None if it is for none of them."""
    return None if examine(W, most).off is None else least_below(W, most)


def least_below(W: Weights, r: int) -> int:
    """The same for an r for which it is known."""
    return 1 + bisect_left(range(1, r), True, key=lambda rank: examine(W, rank).off is not None)


def _core(W: np.ndarray, r: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The different rows and the different columns of W, and W there; all, if some that are looked at all differ."""
    n, d = W.shape
    some = W[np.ix_(evenly(n, r + SPARE), evenly(d, r + SPARE))]
    rows, columns = np.arange(n), np.arange(d)
    if len(first_of(equal_rows(some))) < len(some):
        rows = first_of(equal_rows(W))
        W = W[rows]
    if len(first_of(equal_columns(some))) < some.shape[1]:
        columns = first_of(equal_columns(W))
        W = W[:, columns]
    return rows, columns, W
