"""Numbers in steps that are made finer, digit by digit, and the codes of both.

A finer step takes the digits that it adds and no more, so that nothing is lost by beginning with a coarse one.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import DecodeError, encode
from wlra_dist.codecs.base.digits import Digits
from wlra_dist.codecs.base.energy import Energy
from wlra_dist.codecs.base.grid import step
from wlra_dist.codecs.base.integers import Count
from wlra_dist.protocols.bins import Bins

MOST = 64
"""The largest factor by which a step is made finer at once."""


LARGEST = 2**50
"""No coarse index is larger."""


class Grid(NamedTuple):
    """Numbers X in steps of step/factor, of which whole = ⌊(X/step + ½)·factor⌋ tells the middle."""

    whole: np.ndarray
    exponent: int
    factor: int = 1

    @property
    def numbers(self) -> np.ndarray:
        return ((self.whole + 0.5) / self.factor - 0.5) * step(self.exponent)

    def finer(self, digits: np.ndarray, factor: int) -> "Grid":
        """The same in steps that are so many times finer."""
        return Grid(self.whole * factor + digits, self.exponent, self.factor * factor)


def coarse(X: np.ndarray, exponent: int) -> Grid:
    """The nearest multiples of a step."""
    with np.errstate(over="ignore"):
        steps = X / step(exponent)
    return Grid(np.floor(np.clip(steps, -LARGEST, LARGEST) + 0.5).astype(np.int64), exponent)


def digits_of(X: np.ndarray, grid: Grid, factor: int) -> np.ndarray:
    """What makes a grid so many times finer."""
    with np.errstate(over="ignore"):
        within = (X / step(grid.exponent) + 0.5) * (grid.factor * factor) - grid.whole * float(factor)
    return np.clip(np.floor(within), 0, factor - 1).astype(np.int64)


class First(NamedTuple):
    """Indices on a coarse grid, and the energy that this loses."""

    whole: np.ndarray
    loss: float


class Finer(NamedTuple):
    """Digits to the base `factor`, and the energy that is lost with them."""

    factor: int
    digits: np.ndarray
    loss: float


@dataclass(frozen=True)
class FirstCode:
    """A First of t×c numbers."""

    shape: tuple[int, int]

    @property
    def limit(self) -> int:
        return Energy().limit + Bins(self.shape).limit

    def bits(self, value: First) -> int:
        return encode(self, value).bits

    def write(self, value: First, out: BitWriter) -> None:
        with out.part("loss"):
            Energy().write(value.loss, out)
        with out.part("coarse"):
            Bins(self.shape).write(value.whole, out)

    def read(self, bits: BitReader) -> First:
        with bits.part("loss"):
            loss = Energy().read(bits)
        with bits.part("coarse"):
            return First(Bins(self.shape).read(bits), loss)


@dataclass(frozen=True)
class FinerCode:
    """A Finer of t×c numbers."""

    shape: tuple[int, int]

    @property
    def limit(self) -> int:
        most = max(self._digits(factor).limit for factor in range(1, MOST + 1))
        return FACTOR.limit + Energy().limit + most

    def bits(self, value: Finer) -> int:
        return encode(self, value).bits

    def write(self, value: Finer, out: BitWriter) -> None:
        FACTOR.write(value.factor, out)
        with out.part("loss"):
            Energy().write(value.loss, out)
        with out.part("digits"):
            self._digits(value.factor).write(value.digits.ravel(), out)
        out.count(value.digits.size)

    def read(self, bits: BitReader) -> Finer:
        factor = FACTOR.read(bits)
        if not factor:
            raise DecodeError("digits to a base were due, and the base that came is 0")
        with bits.part("loss"):
            loss = Energy().read(bits)
        with bits.part("digits"):
            digits = self._digits(factor).read(bits)
        bits.count(digits.size)
        return Finer(factor, digits.reshape(self.shape), loss)

    def _digits(self, factor: int) -> Digits:
        return Digits(self.shape[0] * self.shape[1], factor)


FACTOR = Count(MOST)
"""The code of a factor."""
