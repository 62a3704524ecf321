"""Rows of integers in groups that share a distribution: how many of their low bits are raw, and a table for the rest.

Arrays are worked on in runs of rows that fit the processor's cache, or most of the time would go into page faults.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import DecodeError
from wlra_dist.codecs.base.digits import Spread
from wlra_dist.codecs.base.integers import Count
from wlra_dist.codecs.entropy.entropy import reading_block, writing_block
from wlra_dist.codecs.entropy.mixtures import CELLS
from wlra_dist.codecs.entropy.tables import Tables

_KEPT = 3
"""Bits that are coded of the magnitude that a quarter of a group's entries stay below."""

_SAMPLE = 1 << 10
"""About so many entries of a row tell how many low bits are raw."""

_RUN = 1 << 16
"""Entries that are worked on at a time."""

_WIDTHS = 64  # bit lengths that an int64 can have

_FAR = 1 << CELLS.linear
"""Magnitudes below this are cells of their own; cells from here on hold several."""


@dataclass(frozen=True)
class Grouped:
    """c×d integers (c, d ≥ 1) of absolute value at most `bound` < 2^61, every `together` rows a group.

    They are rounded to a multiple of 2^shift. What that took is raw; the multiple is coded if it is small, else its
    cell is, and its place in the cell is raw.
    """

    shape: tuple[int, int]
    bound: int
    together: int

    def write(self, value: np.ndarray, out: BitWriter) -> None:
        shifts = _shifts(value, self._group, self._groups)
        self._shifts_code.write(shifts, out)
        shift = shifts[self._group]
        cells = self._write_low(value, shift, out)
        self._write_cells(cells, out)
        self._write_far(value, cells, shift, out)

    def read(self, bits: BitReader) -> np.ndarray:
        """int64 array of shape `shape`."""
        shift = self._shifts_code.read(bits)[self._group]
        value = self._read_low(shift, bits)
        cells = self._read_cells(bits)
        self._add_multiples(value, cells, shift, bits)
        return value

    @property
    def _groups(self) -> int:
        return -(-self.shape[0] // self.together)

    @property
    def _group(self) -> np.ndarray:
        """The group of each row."""
        return np.arange(self.shape[0]) // self.together

    @property
    def _shifts_code(self) -> Spread:
        return Spread(self._groups, self.bound.bit_length())

    @property
    def _top(self) -> Count:
        """The code of the outermost cell."""
        return Count(int(CELLS.of(np.array([self.bound]))[0]))

    def _runs(self, keys: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
        """(key, rows that have it), a run at a time."""
        step = max(1, _RUN // self.shape[1])
        for key in np.unique(keys).tolist():
            rows = np.flatnonzero(keys == key)
            yield from ((key, rows[start : start + step]) for start in range(0, len(rows), step))

    def _write_low(self, value: np.ndarray, shift: np.ndarray, out: BitWriter) -> np.ndarray:
        """Writes what rounding takes; the cells of the multiples, with their signs (int16, c×d)."""
        cells = np.zeros(self.shape, dtype=np.int16)
        for raw, rows in self._runs(shift):
            raised = value[rows] + (1 << raw >> 1)
            cells[rows] = _signed_cells(raised >> raw)
            if raw:
                out.words((raised & ((1 << raw) - 1)).ravel().view(np.uint64), raw)
        return cells

    def _read_low(self, shift: np.ndarray, bits: BitReader) -> np.ndarray:
        value = np.zeros(self.shape, dtype=np.int64)
        for raw, rows in self._runs(shift):
            if raw:
                low = bits.words(len(rows) * self.shape[1], raw).view(np.int64)
                value[rows] = (low - (1 << raw >> 1)).reshape(-1, self.shape[1])
        return value

    def _write_cells(self, cells: np.ndarray, out: BitWriter) -> None:
        top = max(int(cells.max()), -int(cells.min()))
        self._top.write(top, out)
        tables = Tables(self._groups, top)
        choice = tables.shortest(self._counts(cells, top))
        tables.write(choice, out)
        models, of_group = choice.models(top)
        with writing_block(out) as block:
            for model, rows in self._runs(of_group[self._group]):
                block.symbols((cells[rows] + np.int32(top)).ravel(), models[model])

    def _read_cells(self, bits: BitReader) -> np.ndarray:
        top = self._top.read(bits)
        models, of_group = Tables(self._groups, top).read(bits).models(top)
        cells = np.zeros(self.shape, dtype=np.int16)
        with reading_block(bits, cells.size) as block:
            for model, rows in self._runs(of_group[self._group]):
                symbols = block.symbols(len(rows) * self.shape[1], models[model])
                cells[rows] = symbols.reshape(-1, self.shape[1]) - top
        return cells

    def _counts(self, cells: np.ndarray, top: int) -> np.ndarray:
        """How often each cell −top … top occurs in each group (groups×(2·top+1))."""
        counts = np.zeros((self._groups, 2 * top + 1), dtype=np.int64)
        for _, rows in self._runs(np.zeros(len(cells), dtype=np.int64)):
            group = rows // self.together
            first, last = group[0], group[-1] + 1
            keys = cells[rows] + ((group - first) * counts.shape[1] + top)[:, None]
            found = np.bincount(keys.ravel(), minlength=(last - first) * counts.shape[1])
            counts[first:last] += found.reshape(-1, counts.shape[1])
        return counts

    def _write_far(self, value: np.ndarray, cells: np.ndarray, shift: np.ndarray, out: BitWriter) -> None:
        far = _far(cells)
        raw = shift[far // self.shape[1]]
        multiples = value.flat[far] + (1 << raw >> 1) >> raw
        CELLS.write_places(np.abs(multiples), np.abs(cells.flat[far].astype(np.int64)), out)

    def _add_multiples(self, value: np.ndarray, cells: np.ndarray, shift: np.ndarray, bits: BitReader) -> None:
        far = _far(cells)
        raw, low, far_cells = shift[far // self.shape[1]], value.flat[far], cells.flat[far].astype(np.int64)
        multiples = np.sign(far_cells) * CELLS.read_places(np.abs(far_cells), bits)
        self._check(multiples, (self.bound >> raw) + 1)
        cells.flat[far] = 0
        for width, rows in self._runs(shift):
            # before they are shifted, or what is too large could wrap round
            self._check(cells[rows], (self.bound >> width) + 1)
            value[rows] += cells[rows].astype(np.int64) << width
        value.flat[far] = low + (multiples << raw)
        self._check(value, self.bound)

    def _check(self, numbers: np.ndarray, most: np.ndarray | int) -> None:
        if (numbers > most).any() or (numbers < -most).any():
            raise DecodeError(f"integers of absolute value at most {self.bound} were due, larger ones came")


def _shifts(value: np.ndarray, group: np.ndarray, groups: int) -> np.ndarray:
    """How many low bits of each group's entries are as good as random: those below an eighth of the first quartile."""
    sample = np.abs(value[:, :: -(-value.shape[1] // _SAMPLE)])
    keys = group[:, None] * _WIDTHS + np.frexp(sample.astype(float))[1]
    counts = np.bincount(keys.ravel(), minlength=groups * _WIDTHS).reshape(groups, _WIDTHS)
    reached = np.cumsum(counts, axis=1)
    quartile = (4 * reached < reached[:, -1:]).sum(axis=1)
    return np.maximum(quartile - _KEPT, 0)


def _signed_cells(numbers: np.ndarray) -> np.ndarray:
    if max(numbers.max(), -numbers.min()) < _FAR:
        return numbers
    return np.sign(numbers) * CELLS.of(np.abs(numbers))


def _far(cells: np.ndarray) -> np.ndarray:
    """Where cells hold several numbers, as indices into the flattened array."""
    return np.flatnonzero(np.abs(cells) >= _FAR)
