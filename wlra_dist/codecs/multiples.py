"""Matrices of numbers that are multiples of one step: entropy-coded, or as plain software would send them."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import Codec, DecodeError, encode
from wlra_dist.codecs.base.grid import GRID_BOUND, Exponent, in_steps, step
from wlra_dist.codecs.base.integers import Count, Integers
from wlra_dist.codecs.base.reals import Floats
from wlra_dist.codecs.entropy.quantised import Quantised

Entries = Literal["coded", "words", "float32", "float64"]
"""How numbers travel: at their entropy, at the width of the largest, or in floating point, where no step is needed."""


def have_a_step(entries: Entries) -> bool:
    """Whether numbers travel as multiples of a step, and not in floating point."""
    return entries in ("coded", "words")


class Multiples(NamedTuple):
    """A matrix.

    Attributes:
        exponent: of the step, as in `grid`; 0 in floating point.
        grid: whole multiples of it (int64), or the numbers themselves.
    """

    exponent: int
    grid: np.ndarray

    @classmethod
    def none(cls, columns: int) -> "Multiples":
        """No rows."""
        return cls(0, np.zeros((0, columns), dtype=np.int64))

    @classmethod
    def near(cls, numbers: np.ndarray, exponent: int, entries: Entries) -> "Multiples | None":
        """The multiples nearest to the numbers; None if one of them is too large for this step."""
        if entries == "float32":
            return cls(0, numbers.astype(np.float32).astype(float))
        if entries == "float64":
            return cls(0, numbers)
        multiples = in_steps(numbers, exponent)
        if np.abs(multiples).max(initial=0.0) >= GRID_BOUND:
            return None
        return cls(exponent, np.rint(multiples).astype(np.int64))

    @property
    def numbers(self) -> np.ndarray:
        """As the receiver has them (floats)."""
        return self.grid * step(self.exponent)


@dataclass(frozen=True)
class MultiplesCode:
    """Multiples in at most so many rows and columns, whose numbers go first.

    Args:
        rows: the most rows.
        columns: the most columns.
        entries: how numbers travel.
        narrower: whether columns may be fewer; where not, their number is public.
    """

    rows: int
    columns: int
    entries: Entries
    narrower: bool = False

    @property
    def limit(self) -> int:
        entries = self._grid((self.rows, self.columns))
        return Count(self.rows).limit + self._left_out.limit + Exponent().limit + entries.limit

    def bits(self, value: Multiples) -> int:
        return encode(self, value).bits

    def write(self, value: Multiples, out: BitWriter) -> None:
        rows, columns = value.grid.shape
        Count(self.rows).write(rows, out)
        self._left_out.write(self.columns - columns, out)
        if value.grid.size:
            if have_a_step(self.entries):
                Exponent().write(value.exponent, out)
            self._grid((rows, columns)).write(value.grid.ravel() if self.entries == "words" else value.grid, out)
            out.count(value.grid.size)

    def read(self, bits: BitReader) -> Multiples:
        shape = Count(self.rows).read(bits), self.columns - self._left_out.read(bits)
        if not all(shape):
            return Multiples(0, np.zeros(shape, dtype=np.int64))
        exponent = Exponent().read(bits) if have_a_step(self.entries) else 0
        grid = self._grid(shape).read(bits).reshape(shape)
        if np.isinf(float(np.abs(grid).max()) * float(step(exponent))):
            raise DecodeError("a multiple of a step came that is infinite")
        bits.count(grid.size)
        return Multiples(exponent, grid)

    @property
    def _left_out(self) -> Count:
        return Count(self.columns if self.narrower else 0)

    def _grid(self, shape: tuple[int, int]) -> Codec[np.ndarray]:
        if self.entries == "coded":
            return Quantised(shape, GRID_BOUND)
        if self.entries == "words":
            return Integers(shape[0] * shape[1], GRID_BOUND)
        return Floats(shape, 32 if self.entries == "float32" else 64)
