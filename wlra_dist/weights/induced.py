"""Induced block matchings in the support of W: blocks of ones that see nothing of each other.

Whatever stands in k columns of each, an A' of rank k agrees with it on supp(W): on the rows of a block it repeats that
block's columns in all blocks, and it is 0 elsewhere. So A is told whole by any accurate output, as in Thm 1.5 of
Woodruff & Yasuda, whose mask is one such W.
"""

import numpy as np

from wlra_dist.weights import Weights
from wlra_dist.weights.components import Component

LARGEST = 2**24
"""Entries of W that are looked at."""

_SEEDS = 64
"""Columns that are tried for a block, those first on whose rows the fewest others stand."""


def induced_matching(W: Weights, s: int, k: int) -> list[Component]:
    """Blocks of s rows and at most k columns each, found greedily; there may be matchings of more.

    W > 0 on the rows and columns of a block, and W = 0 on the rows of one and the columns of another.

    Raises:
        ValueError: W has more than 2^24 entries.
    """
    n, d = W.shape
    if n * d > LARGEST:
        raise ValueError(f"a matching is sought in at most {LARGEST:,} entries, but W is {n:,}×{d:,}")
    support = W.dense(slice(None)) > 0
    rows, columns, blocks = np.ones(n, bool), np.ones(d, bool), []
    while (block := _block(support, rows, columns, s, k)) is not None:
        blocks.append(block)
        rows &= ~support[:, block.columns].any(axis=1)
        columns &= ~support[block.rows].any(axis=0)
    return blocks


def _block(support: np.ndarray, rows: np.ndarray, columns: np.ndarray, s: int, k: int) -> Component | None:
    """Of free rows and columns, the block that spoils the fewest other free columns for each of its own."""
    free = support & rows[:, None] & columns
    others = free.sum(axis=1)
    seeds = np.flatnonzero(free.sum(axis=0) >= s)
    crowd = np.where(free[:, seeds], others[:, None], 0).sum(axis=0)
    blocks = [_grown(free, others, j, s, k) for j in seeds[np.argsort(crowd, kind="stable")][:_SEEDS].tolist()]
    return min(blocks, key=lambda block: _spoilt(free, block), default=None)


def _grown(free: np.ndarray, others: np.ndarray, j: int, s: int, k: int) -> Component:
    """The s rows of column j on which the fewest others stand, and k columns, the shortest, that hold all of them."""
    own = np.flatnonzero(free[:, j])
    rows = np.sort(own[np.argsort(others[own], kind="stable")[:s]])
    holding = np.flatnonzero(free[rows].all(axis=0))
    length = free[:, holding].sum(axis=0)
    return Component(rows, np.sort(holding[np.argsort(length, kind="stable")[:k]]))


def _spoilt(free: np.ndarray, block: Component) -> float:
    """Free columns that meet the block's rows, for each of its own."""
    return float(free[block.rows].any(axis=0).sum() / len(block.columns))
