"""Integer columns that share rows: in each cell of equal weights the rows in use, then each row's entries as one digit.

A row that is in use is not all zero, so its pattern is one of b^c − 1 for entries of b values in c columns; where c
is small that is what brings scattered rows to their entropy.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import DecodeError
from wlra_dist.codecs.base.digits import Digits, Spread
from wlra_dist.codecs.base.integers import Count
from wlra_dist.codecs.columns.layout import Layout
from wlra_dist.codecs.entropy.subset import Subset

_LARGEST_DIGIT = 2**62
"""Digits stay below it, and so within an int64."""


@dataclass(frozen=True, eq=False)
class RowPatterns:
    """Rows in use and what stands in them, cell by cell."""

    layout: Layout
    bound: int

    def write(self, values: np.ndarray, out: BitWriter) -> None:
        cells = [values[places] for places in self._places()]
        used = [np.flatnonzero(cell.any(axis=1)) for cell in cells]
        with out.part("support of C"):
            for cell, rows in zip(cells, used, strict=True):
                Count(len(cell)).write(len(rows), out)
                Subset(len(rows), len(cell)).write(rows, out)
        patterns = [cell[rows] for cell, rows in zip(cells, used, strict=True)]
        with out.part("values of C"):
            low, high = min(0, int(values.min(initial=0))), max(0, int(values.max(initial=0)))
            self._end.write(-low, out)
            self._end.write(high, out)
            for width in self._widths():
                rows = [pattern for pattern in patterns if pattern.shape[1] == width]
                self._write_patterns(np.concatenate(rows), low, high, out)

    def read(self, bits: BitReader) -> np.ndarray:
        places = self._places()
        with bits.part("support of C"):
            used = [self._read_rows(len(cell), bits) for cell in places]
        values = np.zeros(self.layout.places, dtype=np.int64)
        with bits.part("values of C"):
            low, high = -self._end.read(bits), self._end.read(bits)
            for width in self._widths():
                due = [cell[rows] for cell, rows in zip(places, used, strict=True) if cell.shape[1] == width]
                where = np.concatenate(due)
                values[where] = self._read_patterns(where.shape, low, high, bits)
        return values

    def _places(self) -> list[np.ndarray]:
        """For each cell its places, rows by columns."""
        sizes, starts = self.layout.sizes, self.layout.starts
        return [starts(cell) + np.arange(int(sizes[cell[0]]))[:, None] for cell in self.layout.cells]

    def _widths(self) -> Iterator[int]:
        """The different numbers of columns of a cell."""
        return iter(sorted({len(cell) for cell in self.layout.cells}))

    @property
    def _end(self) -> Count:
        return Count(self.bound)

    def _read_rows(self, below: int, bits: BitReader) -> np.ndarray:
        return Subset(Count(below).read(bits), below).read(bits)

    def _write_patterns(self, rows: np.ndarray, low: int, high: int, out: BitWriter) -> None:
        base, width = high - low + 1, rows.shape[1]
        if base**width > _LARGEST_DIGIT:
            Spread(rows.size, high - low).write(rows.ravel() - low, out)
            return
        powers = base ** np.arange(width)
        pattern, nothing = (rows - low) @ powers, int(-low * powers.sum())
        Digits(len(rows), max(base**width - 1, 1)).write(pattern - (pattern > nothing), out)

    def _read_patterns(self, shape: tuple[int, ...], low: int, high: int, bits: BitReader) -> np.ndarray:
        base, width = high - low + 1, shape[1]
        if base**width > _LARGEST_DIGIT:
            return Spread(shape[0] * width, high - low).read(bits).reshape(shape) + low
        if base == 1 and shape[0]:
            raise DecodeError("rows in use came without a value for them")
        powers = base ** np.arange(width)
        pattern, nothing = Digits(shape[0], max(base**width - 1, 1)).read(bits), int(-low * powers.sum())
        pattern = pattern + (pattern >= nothing)
        return pattern[:, None] // powers % base + low
