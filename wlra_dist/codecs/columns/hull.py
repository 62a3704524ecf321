"""Integer columns whose nonzeros stand close together: between which depths, then every entry there as a digit."""

from dataclasses import dataclass

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import DecodeError
from wlra_dist.codecs.base.digits import Spread
from wlra_dist.codecs.base.integers import Count
from wlra_dist.codecs.columns.layout import Layout


@dataclass(frozen=True, eq=False)
class Hull:
    """One run of depths for all columns. Random entries there cost log2 of their range each: no code has less."""

    layout: Layout
    bound: int

    def write(self, values: np.ndarray, out: BitWriter) -> None:
        depth = self.layout.depth
        filled = depth[values != 0]
        first, stop = (int(filled.min()), int(filled.max()) + 1) if len(filled) else (0, 0)
        with out.part("support of C"):
            self._end.write(first, out)
            self._end.write(stop, out)
        inside = (depth >= first) & (depth < stop)
        with out.part("values of C"):
            self._digits(inside).write(values[inside] + self.bound, out)

    def read(self, bits: BitReader) -> np.ndarray:
        with bits.part("support of C"):
            first, stop = self._end.read(bits), self._end.read(bits)
        if stop < first:
            raise DecodeError(f"a run of depths from {first} to {stop} came")
        depth = self.layout.depth
        inside = (depth >= first) & (depth < stop)
        values = np.zeros(len(depth), dtype=np.int64)
        with bits.part("values of C"):
            values[inside] = self._digits(inside).read(bits) - self.bound
        return values

    @property
    def _end(self) -> Count:
        return Count(int(self.layout.sizes.max(initial=0)))

    def _digits(self, inside: np.ndarray) -> Spread:
        return Spread(int(inside.sum()), 2 * self.bound)
