"""Steps of rounding: powers of 2^{1/32}, made without a math library, so that every machine has the same."""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.integers import Count

FINENESS = 32
"""Steps to an octave: two neighbours differ by 4 % in the loss that rounding costs."""

_ROOT = sqrt(sqrt(sqrt(sqrt(sqrt(2.0)))))  # IEEE rounds square roots correctly everywhere
_ROOTS = np.cumprod([1.0, *[_ROOT] * (FINENESS - 1)])

LEAST, MOST = -32_000, 32_000
"""Exponents: from 2^-1000 to 2^1000."""


def step(exponent: int | np.ndarray) -> np.ndarray:
    """2^{exponent/32}."""
    return np.ldexp(_ROOTS[np.mod(exponent, FINENESS)], np.floor_divide(exponent, FINENESS))


def in_steps(numbers: np.ndarray, exponent: int | np.ndarray) -> np.ndarray:
    """The numbers in steps; infinite where there are more than a double can tell."""
    with np.errstate(over="ignore"):
        return numbers / step(exponent)


def exponent_below(size: float) -> int:
    """The exponent of the largest step that is at most `size` > 0."""
    share, octave = np.frexp(size)  # exact, so that twice the size has just one octave more
    within = int(np.searchsorted(_ROOTS, 2 * share, side="right")) - 1
    return int(np.clip(FINENESS * (int(octave) - 1) + within, LEAST, MOST))


GRID_BOUND = 2**50
"""No index of a grid is larger, so that a product with a step, divided by it, rounds to the index again."""


@dataclass(frozen=True)
class Exponent:
    """The exponent of a step."""

    @property
    def limit(self) -> int:
        return _ABOVE.limit

    def bits(self, value: int) -> int:  # noqa: ARG002  each takes the same
        return self.limit

    def write(self, value: int, out: BitWriter) -> None:
        _ABOVE.write(value - LEAST, out)

    def read(self, bits: BitReader) -> int:
        return _ABOVE.read(bits) + LEAST


_ABOVE = Count(MOST - LEAST)
