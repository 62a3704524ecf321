"""Rows of numbers that are multiples of one step: entropy-coded, or as plain software would send them."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from wlra_dist.codecs.bits import BitReader, BitWriter
from wlra_dist.codecs.codec import Codec, encode
from wlra_dist.codecs.grid import EXPONENT, LEAST, step
from wlra_dist.codecs.integers import Count, Integers
from wlra_dist.codecs.quantised import Quantised
from wlra_dist.codecs.reals import Floats

Entries = Literal["coded", "words", "float32", "float64"]
"""How numbers travel: at their entropy, at the width of the largest, or in floating point, where no step is needed."""

GRID_BOUND = 2**40
"""No multiple is larger: a coarser step would do."""


class Multiples(NamedTuple):
    """c rows of numbers.

    Attributes:
        exponent: of the step, as in `grid`; 0 in floating point.
        grid: whole multiples of it (int64), or the numbers themselves.
    """

    exponent: int
    grid: np.ndarray

    @classmethod
    def near(cls, numbers: np.ndarray, exponent: int, entries: Entries) -> "Multiples | None":
        """The multiples nearest to the numbers; None if one of them is too large for this step."""
        if entries == "float32":
            return cls(0, numbers.astype(np.float32).astype(float))
        if entries == "float64":
            return cls(0, numbers)
        multiples = numbers / step(exponent)
        if np.abs(multiples).max(initial=0.0) >= GRID_BOUND:
            return None
        return cls(exponent, np.rint(multiples).astype(np.int64))

    @property
    def numbers(self) -> np.ndarray:
        """As the receiver has them (c×columns, floats)."""
        return self.grid * step(self.exponent)


@dataclass(frozen=True)
class MultiplesCode:
    """At most `most` rows of `columns` numbers: how many, the step, the multiples."""

    most: int
    columns: int
    entries: Entries

    @property
    def limit(self) -> int:
        return Count(self.most).limit + EXPONENT.limit + self._grid(self.most).limit

    def bits(self, value: Multiples) -> int:
        return encode(self, value).bits

    def write(self, value: Multiples, out: BitWriter) -> None:
        rows = len(value.grid)
        Count(self.most).write(rows, out)
        if rows and self._is_on_a_grid:
            EXPONENT.write(value.exponent - LEAST, out)
        self._grid(rows).write(self._shaped(value.grid), out)
        out.count(value.grid.size)

    def read(self, bits: BitReader) -> Multiples:
        rows = Count(self.most).read(bits)
        exponent = EXPONENT.read(bits) + LEAST if rows and self._is_on_a_grid else 0
        grid = self._grid(rows).read(bits).reshape(rows, self.columns)
        bits.count(grid.size)
        return Multiples(exponent, grid)

    @property
    def _is_on_a_grid(self) -> bool:
        return self.entries in ("coded", "words")

    def _shaped(self, grid: np.ndarray) -> np.ndarray:
        return grid.ravel() if self.entries == "words" else grid

    def _grid(self, rows: int) -> Codec[np.ndarray]:
        shape = rows, self.columns
        if self.entries == "coded":
            return Quantised(shape, GRID_BOUND)
        if self.entries == "words":
            return Integers(rows * self.columns, GRID_BOUND)
        return Floats(shape, 32 if self.entries == "float32" else 64)
