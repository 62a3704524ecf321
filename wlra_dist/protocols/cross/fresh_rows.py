"""Gaussian combinations of the rows of a part, which every party draws alike: they prove, and fit nothing."""

import numpy as np

from wlra_dist.protocols.parts import Part

_GAUSSIAN = 6
"""The purpose of these coins."""


def fresh_rows(part: Part) -> int:
    """s: the more, the less a loss must fall short of the target, and the more is sent; about the fewest bits."""
    return 12 * (part.K + 10)


def prove(part: Part) -> bool:
    """Whether fresh rows are much less than all of the part."""
    return 2 * fresh_rows(part) < part.shape[0]


def gaussian(part: Part, seed: int, s: int) -> np.ndarray:
    """G (s×n)."""
    return part.coins(seed, _GAUSSIAN).standard_normal((s, part.shape[0]))
