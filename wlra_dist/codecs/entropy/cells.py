"""Magnitudes as cells: one for each small number, then a few an octave; the place within a cell travels as raw bits.

A smooth density hardly changes within a cell, so an entropy coder needs to see no more than the cell.
"""

from dataclasses import dataclass

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter


@dataclass(frozen=True)
class Cells:
    """Cells of numbers 0 … 2^62: below 2^linear each its own, then 2^parts to an octave (parts < linear)."""

    linear: int
    parts: int

    def of(self, numbers: np.ndarray) -> np.ndarray:
        """The cell of each number (int64)."""
        cells = np.array(numbers, dtype=np.int64)
        far = cells >> self.linear > 0
        if far.any():
            extra = _widths(cells[far]) - self.parts - 1
            # the leading bit and `parts` more name the cell of an octave
            cells[far] = (1 << self.linear) + ((extra - self._first_extra - 1) << self.parts) + (cells[far] >> extra)
        return cells

    def extra(self, cells: np.ndarray) -> np.ndarray:
        """The raw bits of a number of each cell: the cell holds 2^extra numbers."""
        return np.where(cells >> self.linear > 0, (cells - (1 << self.linear) >> self.parts) + self._first_extra, 0)

    def first(self, cells: np.ndarray) -> np.ndarray:
        """The least number of each cell."""
        within = (cells & ((1 << self.parts) - 1)) + (1 << self.parts)
        return np.where(cells >> self.linear > 0, within << self.extra(cells), cells)

    def write_places(self, numbers: np.ndarray, cells: np.ndarray, out: BitWriter) -> None:
        """The places of the numbers within their cells, narrow cells first."""
        extra, places = self.extra(cells), numbers - self.first(cells)
        for width in np.unique(extra).tolist():
            out.words(places[extra == width].astype(np.uint64), width)

    def read_places(self, cells: np.ndarray, bits: BitReader) -> np.ndarray:
        """The numbers (int64) in these cells."""
        extra, numbers = self.extra(cells), self.first(cells)
        for width in np.unique(extra).tolist():
            here = extra == width
            numbers[here] += bits.words(int(here.sum()), width).astype(np.int64)
        return numbers

    @property
    def _first_extra(self) -> int:
        """The raw bits in the first octave of several numbers a cell."""
        return self.linear - self.parts


def _widths(numbers: np.ndarray) -> np.ndarray:
    """Bits of positive numbers below 2^63; halves first, since a float64 could round up to the next power of two."""
    high = numbers >> 31
    return np.where(high > 0, 31 + np.frexp(high.astype(float))[1], np.frexp((numbers & (2**31 - 1)).astype(float))[1])
