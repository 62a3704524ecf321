"""Which columns of a block: as a subset, or as the same places in every group of columns with equal weights."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import encode
from wlra_dist.codecs.base.integers import Count
from wlra_dist.codecs.entropy.subset import Subset


@dataclass(frozen=True)
class Places:
    """A subset of 0 … below−1: the first so many, or how many and where they begin if they are a run, or which.

    That they are the `likely` first ones takes two bits.
    """

    below: int
    likely: int | None = None

    @property
    def limit(self) -> int:
        sizes = {0, self.below // 2}
        return 3 + 2 * Count(self.below).limit + max(Subset(size, self.below).limit for size in sizes)

    def bits(self, value: np.ndarray) -> int:
        return encode(self, value).bits

    def write(self, value: np.ndarray, out: BitWriter) -> None:
        size = len(value)
        run = size and int(value[-1] - value[0]) == size - 1
        leading = bool(run and value[0] == 0)
        out.uint(leading, 1)
        self._write_size(size, self.likely if leading else None, out)
        if leading:
            return
        out.uint(bool(run), 1)
        if run:
            Count(self.below - size).write(int(value[0]), out)
        else:
            Subset(size, self.below).write(value, out)

    def read(self, bits: BitReader) -> np.ndarray:
        """int64 array, ascending."""
        if bits.uint(1):
            return np.arange(self._read_size(self.likely, bits))
        size = self._read_size(None, bits)
        if bits.uint(1):
            return Count(self.below - size).read(bits) + np.arange(size)
        return Subset(size, self.below).read(bits)

    def _write_size(self, size: int, likely: int | None, out: BitWriter) -> None:
        if likely is not None:
            out.uint(size == min(likely, self.below), 1)
        if likely is None or size != min(likely, self.below):
            Count(self.below).write(size, out)

    def _read_size(self, likely: int | None, bits: BitReader) -> int:
        if likely is not None and bits.uint(1):
            return min(likely, self.below)
        return Count(self.below).read(bits)


@dataclass(frozen=True, eq=False)
class ColumnSet:
    """An ascending subset of columns; `groups` numbers the columns by equal weights (public).

    `likely` is how many columns of each group there may be expected to be.
    """

    groups: np.ndarray
    likely: int | None = None

    @property
    def limit(self) -> int:
        return 1 + max(self._repeated.limit, self._at_once.limit)

    def bits(self, value: np.ndarray) -> int:
        return encode(self, value).bits

    def write(self, value: np.ndarray, out: BitWriter) -> None:
        pattern = np.unique(self._place[value])
        at_once, repeated = self._at_once, self._repeated
        repeats = np.array_equal(value, self._everywhere(pattern)) and repeated.bits(pattern) < at_once.bits(value)
        out.uint(repeats, 1)
        if repeats:
            repeated.write(pattern, out)
        else:
            at_once.write(value, out)

    def read(self, bits: BitReader) -> np.ndarray:
        """int64 array, ascending."""
        if bits.uint(1):
            return self._everywhere(self._repeated.read(bits))
        return self._at_once.read(bits)

    @cached_property
    def _place(self) -> np.ndarray:
        """The place of each column within its group."""
        order = np.argsort(self.groups, kind="stable")
        _, starts, sizes = np.unique(self.groups[order], return_index=True, return_counts=True)
        place = np.empty(len(order), dtype=np.int64)
        place[order] = np.arange(len(order)) - np.repeat(starts, sizes)
        return place

    @property
    def _at_once(self) -> Places:
        return Places(len(self.groups))

    @property
    def _repeated(self) -> Places:
        return Places(int(self._place.max(initial=-1)) + 1, self.likely)

    def _everywhere(self, pattern: np.ndarray) -> np.ndarray:
        return np.flatnonzero(np.isin(self._place, pattern))
