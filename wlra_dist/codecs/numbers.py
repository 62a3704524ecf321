"""Energies and small matrices that parties tell each other on the way."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from wlra_dist.codecs.bits import BitReader, BitWriter
from wlra_dist.codecs.codec import DecodeError, encode
from wlra_dist.codecs.grid import EXPONENT, LEAST, step
from wlra_dist.codecs.integers import Count
from wlra_dist.codecs.quantised import Quantised
from wlra_dist.codecs.reals import Coefficients, Floats

GRID_BOUND = 2**50
"""No grid index is larger, so that a product with a step, divided by it, rounds to the index again."""


@dataclass(frozen=True)
class Energies:
    """`size` nonnegative numbers, exactly."""

    size: int

    @property
    def limit(self) -> int:
        return Floats((self.size,)).limit

    def bits(self, value: np.ndarray) -> int:  # noqa: ARG002  each takes the same
        return self.limit

    def write(self, value: np.ndarray, out: BitWriter) -> None:
        Floats((self.size,)).write(np.asarray(value, dtype=float), out)
        out.count(self.size)

    def read(self, bits: BitReader) -> np.ndarray:
        value = Floats((self.size,)).read(bits)
        if value.min(initial=0.0) < 0:
            raise DecodeError(f"energies were due, {value.min()} came")
        bits.count(self.size)
        return value


class Rounded(NamedTuple):
    """A matrix as its receiver has it.

    Attributes:
        fineness: the exponent of its step; in plain numbers, the bits of each.
        values: the numbers.
    """

    fineness: int
    values: np.ndarray


@dataclass(frozen=True)
class MatrixCode:
    """A Rounded matrix of at most `rows`×`columns` numbers, whose shape goes first.

    Args:
        rows: the most rows.
        columns: the most columns.
        plain: whether numbers are in fixed or floating point, as a theorem counts them, or entropy-coded multiples of a
            step, row by row.
    """

    rows: int
    columns: int
    plain: bool

    @property
    def limit(self) -> int:
        most = self.rows, self.columns
        shape = Count(self.rows).limit + Count(self.columns).limit
        if self.plain:
            return shape + Coefficients(most).limit
        return shape + EXPONENT.limit + Quantised(most, GRID_BOUND).limit

    def bits(self, value: Rounded) -> int:
        return encode(self, value).bits

    def write(self, value: Rounded, out: BitWriter) -> None:
        rows, columns = value.values.shape
        Count(self.rows).write(rows, out)
        Count(self.columns).write(columns, out)
        if not value.values.size:
            return
        if self.plain:
            Coefficients((rows, columns)).write((value.fineness, value.values), out)
        else:
            EXPONENT.write(value.fineness - LEAST, out)
            grid = np.rint(value.values / step(value.fineness)).astype(np.int64)
            Quantised((rows, columns), GRID_BOUND).write(grid, out)
        out.count(value.values.size)

    def read(self, bits: BitReader) -> Rounded:
        shape = Count(self.rows).read(bits), Count(self.columns).read(bits)
        size = shape[0] * shape[1]
        if not size:
            return Rounded(0, np.zeros(shape))
        if self.plain:
            value = Rounded(*Coefficients(shape).read(bits))
        else:
            fineness = EXPONENT.read(bits) + LEAST
            with np.errstate(over="ignore"):
                value = Rounded(fineness, Quantised(shape, GRID_BOUND).read(bits) * step(fineness))
        if not np.isfinite(value.values).all():
            raise DecodeError("a matrix came with an infinite entry")
        bits.count(size)
        return value
