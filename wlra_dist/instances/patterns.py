"""Drawn weights of the family of Lemma A.1 (Woodruff & Yasuda): integers, so that integer games may use them."""

from typing import Literal, TypeAlias, get_args

import numpy as np

from wlra_dist.weights import StructuredWeights
from wlra_dist.weights.structured.kinds import RankOnePiece, block_diagonal, disjoint, plus_entries, staircase

Pattern: TypeAlias = Literal[
    "stripes", "stripes+sparse", "stripes+diagonal", "stripes+blocks", "stripes+bands", "blocks", "staircase"
]
"""`stripes` are r runs of rows, each a rank-one piece; + adds a sparse part. `blocks` are r diagonal blocks of rank
one, and `staircase` has r steps: 0 elsewhere."""

PATTERNS = get_args(Pattern)

WIDE = 2
"""Bands reach so far from the diagonal, and blocks of the sparse part are so many times 2 rows wide."""


def patterned(
    pattern: Pattern, shape: tuple[int, int], r: int, largest: int, rng: np.random.Generator
) -> StructuredWeights:
    """W (n×d) of r pieces whose factors, and what is added, are drawn from 1 … largest."""
    n, d = shape
    u, v = (rng.integers(1, largest + 1, side).astype(float) for side in shape)
    rows, columns = np.arange(n) * r // n, np.arange(d) * r // d
    if pattern == "blocks":
        return block_diagonal(rows, columns, u, v)
    if pattern == "staircase":
        return staircase((rows + 1) * d // r, u, v)
    stripes = [np.flatnonzero(rows == stripe) for stripe in range(r)]
    factors = rng.integers(1, largest + 1, (r, d)).astype(float)
    W = disjoint(shape, [RankOnePiece(own, np.arange(d), u[own], factors[at]) for at, own in enumerate(stripes)])
    if pattern == "stripes":
        return W
    at = _places(pattern.removeprefix("stripes+"), shape, rng)
    return plus_entries(W, *at, rng.integers(1, largest + 1, len(at[0])).astype(float))


def _places(part: str, shape: tuple[int, int], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of a sparse part; of one without an order, n + d of them at most."""
    n, d = shape
    if part == "sparse":
        places = np.unique(rng.integers(0, n * d, min(n + d, n * d // 4 + 1)))
        return places // d, places % d
    side = np.arange(min(n, d))
    if part == "diagonal":
        return side, side
    offsets = np.arange(-WIDE, WIDE + 1) if part == "bands" else np.arange(2 * WIDE)
    rows = np.repeat(side, len(offsets))
    base = rows if part == "bands" else rows - rows % (2 * WIDE)
    columns = base + np.tile(offsets, len(side))
    inside = (columns >= 0) & (columns < d)
    return rows[inside], columns[inside]
