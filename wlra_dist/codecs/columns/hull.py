"""Integer columns whose nonzeros stand close together: between which depths, then every entry there as a digit."""

from dataclasses import dataclass

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import DecodeError
from wlra_dist.codecs.base.digits import Digits, Spread
from wlra_dist.codecs.base.integers import Count
from wlra_dist.codecs.columns.layout import Layout


@dataclass(frozen=True, eq=False)
class Hull:
    """One run of depths for all columns. Random entries there cost log2 of their range each: no code has less.

    That the run is of the `likely` first depths, all if not given, takes a bit; and so does it that entries are 0 or 1.
    """

    layout: Layout
    bound: int
    likely: int | None = None

    def write(self, values: np.ndarray, out: BitWriter) -> None:
        depth = self.layout.depth
        filled = depth[values != 0]
        first, stop = (int(filled.min()), int(filled.max()) + 1) if len(filled) else (0, 0)
        binary = 0 <= int(values.min(initial=0)) <= int(values.max(initial=0)) <= 1
        narrow, usual = (self._digits(self._inside(*run), binary).limit for run in ((first, stop), self._usual))
        if stop <= self._usual[1] and usual <= narrow + 2 * self._end.limit:
            first, stop = self._usual
        inside = self._inside(first, stop)
        with out.part("support of C"):
            self._write_run(first, stop, out)
        with out.part("values of C"):
            out.uint(binary, 1)
            self._digits(inside, binary).write(values[inside] + (0 if binary else self.bound), out)

    def read(self, bits: BitReader) -> np.ndarray:
        with bits.part("support of C"):
            inside = self._inside(*self._read_run(bits))
        values = np.zeros(len(inside), dtype=np.int64)
        with bits.part("values of C"):
            binary = bool(bits.uint(1))
            values[inside] = self._digits(inside, binary).read(bits) - (0 if binary else self.bound)
        return values

    def _write_run(self, first: int, stop: int, out: BitWriter) -> None:
        is_usual = (first, stop) == self._usual
        out.uint(is_usual, 1)
        if not is_usual:
            self._end.write(first, out)
            self._end.write(stop, out)

    def _read_run(self, bits: BitReader) -> tuple[int, int]:
        if bits.uint(1):
            return self._usual
        first, stop = self._end.read(bits), self._end.read(bits)
        if stop < first:
            raise DecodeError(f"a run of depths from {first} to {stop} came")
        return first, stop

    @property
    def _usual(self) -> tuple[int, int]:
        most = self._end.most
        return 0, most if self.likely is None else min(self.likely, most)

    @property
    def _end(self) -> Count:
        return Count(int(self.layout.sizes.max(initial=0)))

    def _inside(self, first: int, stop: int) -> np.ndarray:
        """Which places are between these depths."""
        return (self.layout.depth >= first) & (self.layout.depth < stop)

    def _digits(self, inside: np.ndarray, binary: bool) -> Digits | Spread:
        size = int(inside.sum())
        return Digits(size, 1 + min(self.bound, 1)) if binary else Spread(size, 2 * self.bound)
