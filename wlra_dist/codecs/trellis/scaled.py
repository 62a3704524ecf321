"""Trellis-coded matrices: each entry at the entropy of its own scale and of the quantiser that it has."""

from dataclasses import dataclass

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import DecodeError
from wlra_dist.codecs.base.universal import Natural
from wlra_dist.codecs.entropy.entropy import END_LIMIT, SYMBOL_LIMIT, reading_block, writing_block
from wlra_dist.codecs.trellis.scale_fit import expected, fitted
from wlra_dist.codecs.trellis.scales import MOST_RAW, Hints, ScalesCode
from wlra_dist.codecs.trellis.trellis import MOST, NEXT, lanes, multiples, path, positions, quantised, rounded
from wlra_dist.codecs.trellis.trellis_tables import gaussian_bits

LARGEST = 1 << 18
"""Entries of a matrix that may be trellis-coded: of more, the sender's search and a table a symbol take too long."""

_TOP = Natural()


@dataclass(frozen=True, eq=False)
class Scaled:
    """Multiples of a step that are a path of the trellis, row after row; as many as `hints` tells of."""

    hints: Hints

    @property
    def suits(self) -> bool:
        """Whether a matrix of this shape may be trellis-coded."""
        return 0 < self._size <= LARGEST

    @property
    def limit(self) -> int:
        return _TOP.bits(MOST) + self._scales.limit + self._size * (SYMBOL_LIMIT + MOST_RAW) + END_LIMIT

    def written(self, value: np.ndarray) -> BitWriter | None:
        """The message; None if the value is no path of the trellis, or too large for its scales."""
        found = path(value.ravel()) if self.suits else None
        if found is None:
            return None
        indices, odd = found
        scales = fitted(self.hints, value, indices, odd)
        levels = scales.levels(self.hints)
        symbols = rounded(indices, levels.shifts)
        top = int(np.abs(symbols).max())
        if top > MOST:
            return None
        out = BitWriter()
        self._scales.write(scales, out)
        self._write_raw(indices, levels.shifts, out)
        _TOP.write(top, out)
        tables, rows = scales.tables(top), np.where(odd, levels.rows[1], levels.rows[0])
        with writing_block(out) as block:
            for run in positions(self._size):
                block.various(symbols[run] + top, tables, rows[run])
        return out

    def read(self, bits: BitReader) -> np.ndarray:
        """int64 array of shape `hints.shape`."""
        scales = self._scales.read(bits)
        levels = scales.levels(self.hints)
        indices, odd = self._read_raw(levels.shifts, bits), np.zeros(self._size, dtype=np.int64)
        top = _TOP.read(bits)
        if top > MOST:
            raise DecodeError(f"indices of at most {MOST} were due, {top} came")
        tables, state = scales.tables(top), np.zeros(lanes(self._size), dtype=np.int64)
        with reading_block(bits, self._size) as block:
            for run in positions(self._size):
                state = state[: run.stop - run.start]
                odd[run] = state & 1
                rows = np.where(state & 1, levels.rows[1, run], levels.rows[0, run])
                indices[run] += block.various(tables, rows).astype(np.int64) - top << levels.shifts[run]
                state = NEXT[state, indices[run] & 1]
        return multiples(indices, odd).reshape(self.hints.shape)

    def nearest(self, x: np.ndarray, price: float) -> np.ndarray | None:
        """A path near to x (in steps) that takes few bits, each at this price in squared steps; None if not suited.

        An entry of 2^MOST_RAW does not suit. The sender does not know yet what bits will take: it goes by Gaussians.
        """
        if not self.suits or np.abs(x).max() >= 1 << MOST_RAW:
            return None
        levels = expected(self.hints, x)
        return quantised(x.ravel(), levels.rows, levels.shifts, gaussian_bits(), price).reshape(x.shape)

    def _write_raw(self, indices: np.ndarray, shifts: np.ndarray, out: BitWriter) -> None:
        for shift in np.unique(shifts[shifts > 0]).tolist():
            low = indices[shifts == shift] + (1 << shift >> 1) & (1 << shift) - 1
            out.words(low.astype(np.uint64), shift)

    def _read_raw(self, shifts: np.ndarray, bits: BitReader) -> np.ndarray:
        """What the raw low bits add to indices."""
        low = np.zeros(self._size, dtype=np.int64)
        for shift in np.unique(shifts[shifts > 0]).tolist():
            here = shifts == shift
            low[here] = bits.words(int(here.sum()), shift).astype(np.int64) - (1 << shift >> 1)
        return low

    @property
    def _size(self) -> int:
        return self.hints.shape[0] * self.hints.shape[1]

    @property
    def _scales(self) -> ScalesCode:
        return ScalesCode(self.hints.shape)
