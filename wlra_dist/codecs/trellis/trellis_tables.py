"""Distributions of the indices of trellis-coded entries: the mixtures of `mixtures`, seen by either quantiser.

Both have the unit of two steps. The even multiples round a number to the nearest unit: index k has the cell from k − ½
to k + ½. The odd multiples and 0 have the cells from k − 1 to k for k ≥ 2, and 0 and ±1 share what lies between.
"""

from functools import cache

import numpy as np

from wlra_dist.codecs.entropy.entropy import PRECISION
from wlra_dist.codecs.entropy.mixtures import SHAPES as ALL_SHAPES
from wlra_dist.codecs.entropy.mixtures import decay, power
from wlra_dist.codecs.trellis.trellis import MOST

LEVELS = 42
"""σ is 2^((level − 14)/4) units: 0.09 to 108."""

_MOST_RATIO = 13

SHAPES = (*ALL_SHAPES[:6], *(shape for shape in ALL_SHAPES[6:] if max(shape) <= _MOST_RATIO))
"""Those of `mixtures` but the widest mixtures of two Gaussians: scales differ by entry here."""


@cache
def masses() -> np.ndarray:
    """Masses of the indices 0 … MOST, those of −1, −2, … being the same (quantisers×shapes×levels×indices)."""
    gaussians = _gaussians(LEVELS + max(map(max, SHAPES)))
    table = np.zeros((2, len(SHAPES), LEVELS, MOST + 1))
    for shape, weights in enumerate(SHAPES):
        for offset, weight in weights.items():
            table[:, shape] += weight * gaussians[:, np.maximum(np.arange(LEVELS) + offset, 0)]
    table.flags.writeable = False
    return table


@cache
def index_bits() -> np.ndarray:
    """What an index takes, of either sign (quantisers×shapes×levels×indices): to choose by, not to code with."""
    p = masses() / (2 * masses().sum(axis=-1, keepdims=True) - masses()[..., :1])
    return -np.log2(np.maximum(p, 2.0**-PRECISION)).astype(np.float32)


def gaussian_bits() -> np.ndarray:
    """`index_bits` of Gaussians, for each quantiser and level (2·levels×indices)."""
    return index_bits()[:, 0].reshape(-1, MOST + 1)


@cache
def energies() -> np.ndarray:
    """The mean square in steps of a rounded Gaussian, for each level."""
    gaussian, index = masses()[:, 0], np.arange(MOST + 1)
    squares = np.stack([(2 * index) ** 2, np.where(index > 0, 2 * index - 1, 0) ** 2])
    both_sides = 2 * gaussian.sum(axis=-1) - gaussian[..., 0]
    return ((2 * gaussian * squares[:, None]).sum(axis=-1) / both_sides).mean(axis=0)


@cache
def entropies() -> np.ndarray:
    """Bits of a rounded Gaussian, for each level."""
    gaussian = masses()[0, 0]
    both_sides = 2 * gaussian
    both_sides[:, 0] /= 2
    return (both_sides * index_bits()[0, 0]).sum(axis=-1) / both_sides.sum(axis=-1)


def _gaussians(levels: int) -> np.ndarray:
    """Masses of one side for the first levels (2×levels×(MOST+1)): the density at odd eighths of a unit, summed."""
    decays = np.array([[decay(level)] for level in range(levels)])
    index = np.arange(MOST + 1)
    even = sum(power(decays, (8 * index - 4 + eighth) ** 2) for eighth in (1, 3, 5, 7))
    odd = sum(power(decays, (8 * index - 8 + eighth) ** 2) for eighth in (3, 5, 7))
    nearest = power(decays, np.ones(1, dtype=np.int64))
    odd = odd + np.where(index > 1, power(decays, (8 * index - 7) ** 2), 0.0)
    odd = np.where(index > 0, odd, 2 * nearest)
    table = np.stack([even, odd])
    return table / (2 * np.add.accumulate(table, axis=2)[..., -1:] - table[..., :1])
