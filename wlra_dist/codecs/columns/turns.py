"""Integer columns in which an entry goes by the one to its left: histograms by that one's sign, then all entries.

Columns of equal weights stand side by side, on the same rows. Where neighbours repeat each other, or avoid each other,
that is what brings them to their entropy.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import DecodeError
from wlra_dist.codecs.base.integers import Count
from wlra_dist.codecs.columns.layout import Layout
from wlra_dist.codecs.entropy.entropy import Model, reading_block, writing_block
from wlra_dist.codecs.entropy.histogram import Histogram, histogram_model, rounded_counts

LARGEST_BOUND = 1 << 8
"""More different values take too long to learn."""

_SIGNS = (-1, 0, 1)  # all that there are

_NOTHING = 2
"""Stands for a sign where there is nothing to the left."""


@dataclass(frozen=True, eq=False)
class Turns:
    """One run of depths for all columns, as in a hull, and the range of values there."""

    layout: Layout
    bound: int

    def write(self, values: np.ndarray, out: BitWriter) -> None:
        low, high = _range(values)
        filled = self.layout.depth[values != 0]
        first, stop = (int(filled.min()), int(filled.max()) + 1) if len(filled) else (0, 0)
        with out.part("support of C"):
            self._depth.write(first, out)
            self._depth.write(stop, out)
        with out.part("values of C"):
            self._end.write(-low, out)
            self._end.write(high, out)
            runs = [(sign, values[here] - low) for sign, here in self._runs(first, stop, values)]
            counts = {sign: np.zeros(high - low + 1, dtype=np.int64) for sign in _signs(low, high)}
            for sign, run in runs:
                counts[sign] += np.bincount(run, minlength=high - low + 1)
            code = Histogram(high - low + 1)
            for count in counts.values():
                code.write(count, out)
            models = _models({sign: rounded_counts(count) for sign, count in counts.items()})
            with writing_block(out) as block:
                for sign, run in runs:
                    block.symbols(run, models[sign])

    def read(self, bits: BitReader) -> np.ndarray:
        with bits.part("support of C"):
            first, stop = self._depth.read(bits), self._depth.read(bits)
        values = np.zeros(self.layout.places, dtype=np.int64)
        with bits.part("values of C"):
            low, high = -self._end.read(bits), self._end.read(bits)
            if stop < first:
                raise DecodeError(f"a run of depths from {first} to {stop} came")
            models = _models({sign: Histogram(high - low + 1).read(bits) for sign in _signs(low, high)})
            with reading_block(bits, self.layout.places) as block:
                for sign, here in self._runs(first, stop, values):
                    if sign not in models:
                        raise DecodeError("an entry came beside one that nothing was to stand beside")
                    values[here] = block.symbols(len(here), models[sign]) + low
        return values

    def _runs(self, first: int, stop: int, values: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
        """By sign of the entry to the left, places of the first columns of all cells, of the second, and so on.

        `values` need be known as far as places were told.
        """
        cells = [cell for cell in self.layout.cells if len(cell)]
        if (here := self._places([cell[0] for cell in cells], first, stop)).size:
            yield _NOTHING, here
        for place in range(1, max(map(len, cells), default=0)):
            cells = [cell for cell in cells if len(cell) > place]
            left = np.sign(values[self._places([cell[place - 1] for cell in cells], first, stop)])
            here = self._places([cell[place] for cell in cells], first, stop)
            for sign in _SIGNS:
                if (run := here[left == sign]).size:
                    yield sign, run

    def _places(self, columns: list[int], first: int, stop: int) -> np.ndarray:
        """The places of these columns from depth `first` to `stop`, column after column."""
        chosen = np.array(columns, dtype=np.int64)
        starts, sizes = self.layout.starts(chosen), self.layout.sizes[chosen]
        runs = [start + np.arange(first, min(stop, size)) for start, size in zip(starts, sizes, strict=True)]
        return np.concatenate([np.zeros(0, dtype=np.int64), *runs])

    @property
    def _depth(self) -> Count:
        return Count(int(self.layout.sizes.max(initial=0)))

    @property
    def _end(self) -> Count:
        return Count(self.bound)


def _range(values: np.ndarray) -> tuple[int, int]:
    """The least and the largest value, 0 among them."""
    return min(0, int(values.min(initial=0))), max(0, int(values.max(initial=0)))


def _signs(low: int, high: int) -> list[int]:
    """The signs that values from low to high have, and that of nothing."""
    return [*range(-(low < 0), 1 + (high > 0)), _NOTHING]


def _models(weights: dict[int, np.ndarray]) -> dict[int, Model]:
    """By sign the model of what stands beside it, if anything does."""
    return {sign: histogram_model(weight) for sign, weight in weights.items() if weight.any()}
