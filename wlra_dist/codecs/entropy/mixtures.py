"""Shapes of a row of rounded coefficients: mixtures of Gaussians about 0, as masses of the cells of magnitudes.

A Gaussian of standard deviation σ has density exp(−x²/2σ²) = q^(j²) at x = j/8, with q = exp(−1/128σ²), up to a factor.
So all it takes is one q for each σ, rounded correctly by `decimal`, and products: every machine has the same masses to
the last bit (see `entropy`). A Laplace or a Student distribution is a mixture of Gaussians, and so is a row whose
columns are of two kinds.
"""

from decimal import Decimal, localcontext
from functools import cache

import numpy as np

from wlra_dist.codecs.entropy.cells import Cells
from wlra_dist.codecs.entropy.entropy import PRECISION

CELLS = Cells(linear=7, parts=2)
"""128 magnitudes of their own, then four cells an octave."""

LEVELS = 36
"""σ is 2^((level − 14)/4) steps: 0.09 to 38."""

SHAPES: tuple[dict[int, int], ...] = (
    {0: 1},  # Gaussian
    {-8: 4, -6: 9, -4: 28, -2: 65, 0: 92, 2: 52, 4: 6},  # variance Gamma(2): between Gaussian and Laplace
    {-14: 3, -12: 3, -10: 5, -8: 11, -6: 20, -4: 35, -2: 54, 0: 63, 2: 47, 4: 15},  # Laplace: variance Gamma(1)
    {-4: 6, -2: 52, 0: 91, 2: 65, 4: 28, 6: 9, 8: 3, 10: 1, 12: 1},  # Student with 4 degrees of freedom
    {-4: 15, -2: 47, 0: 63, 2: 54, 4: 35, 6: 20, 8: 11, 10: 5, 12: 3, 14: 1, 16: 1, 18: 1},  # 2
    dict(zip(range(-4, 30, 2), (24, 36, 43, 39, 31, 24, 17, 12, 9, 6, 4, 3, 2, 2, 1, 1, 2), strict=True)),  # 1
    *({0: 256 - wide, ratio: wide} for ratio in (5, 9, 13, 18, 24, 32) for wide in (2, 8, 24, 64, 128, 192)),
)
"""Weights of Gaussians by how many levels they lie above the row's own: what it mixes, in quarters of an octave.

In the last 36, a part of 1/128 to 3/4 of the entries is 2.4 to 256 times as wide as the others.
"""

_FIRST_LEVEL = 14  # σ is one step there
_MOST_CELLS = 184
"""Cells up to 2^21, hundreds of the widest σ; what lies beyond has the least probability there is."""


@cache
def masses() -> np.ndarray:
    """Masses of the cells 0, 1, 2, … on one side of 0, for each shape and level (shapes×levels×184)."""
    gaussians = _gaussians(LEVELS + max(map(max, SHAPES)))
    table = np.zeros((len(SHAPES), LEVELS, _MOST_CELLS))
    for shape, weights in enumerate(SHAPES):
        for offset, weight in weights.items():
            table[shape] += weight * gaussians[np.maximum(np.arange(LEVELS) + offset, 0)]
    table.flags.writeable = False
    return table


@cache
def cell_bits() -> np.ndarray:
    """What a number of each cell takes on each side of 0 (shapes×levels×184): to choose by, not to code with."""
    p = masses() / (2 * masses().sum(axis=-1, keepdims=True) - masses()[..., :1])
    return -np.log2(np.maximum(p, 2.0**-PRECISION))


def two_sided(one_side: np.ndarray, top: int) -> np.ndarray:
    """Masses of the cells −top … top, from those on one side (last axis)."""
    side = one_side[..., : top + 1]
    beyond = np.zeros((*side.shape[:-1], top + 1 - side.shape[-1]))
    side = np.concatenate([side, beyond], axis=-1)
    return np.concatenate([side[..., :0:-1], side], axis=-1)


def _gaussians(levels: int) -> np.ndarray:
    """Masses of one side for the first levels (levels×184), normalised: four points of the density in each cell."""
    decays = np.array([[decay(level)] for level in range(levels)])
    cells = np.arange(_MOST_CELLS)
    width = np.int64(1) << CELLS.extra(cells)
    table = np.zeros((levels, _MOST_CELLS))
    for eighth in (1, 3, 5, 7):
        table += width * power(decays, (8 * CELLS.first(cells) - 4 + eighth * width) ** 2)
    return table / (2 * np.add.accumulate(table, axis=1)[:, -1:] - table[:, :1])


def decay(level: int) -> float:
    """exp(−1/128σ²), correctly rounded."""
    with localcontext(prec=40):
        octaves, odd = divmod(level - _FIRST_LEVEL, 2)
        variance = Decimal(1 << max(octaves, 0)) / (1 << max(-octaves, 0)) * (Decimal(2).sqrt() if odd else 1)
        return float((-1 / (128 * variance)).exp())


def power(bases: np.ndarray, exponents: np.ndarray) -> np.ndarray:
    """Each base (m×1) to each whole exponent ≥ 0, by squaring: a fixed order of products."""
    powers, squares = np.ones((len(bases), len(exponents))), bases
    for bit in range(int(exponents.max()).bit_length()):
        powers = np.where(exponents >> bit & 1, powers * squares, powers)
        squares = squares * squares
    return powers
