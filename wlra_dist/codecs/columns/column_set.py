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
    """A subset of 0 … below−1: how many, then where they begin if they are a run, or which they are."""

    below: int

    @property
    def limit(self) -> int:
        return 2 * Count(self.below).limit + 1 + max(Subset(size, self.below).limit for size in {0, self.below // 2})

    def bits(self, value: np.ndarray) -> int:
        return encode(self, value).bits

    def write(self, value: np.ndarray, out: BitWriter) -> None:
        size = len(value)
        run = size and int(value[-1] - value[0]) == size - 1
        Count(self.below).write(size, out)
        out.uint(bool(run), 1)
        if run:
            Count(self.below - size).write(int(value[0]), out)
        else:
            Subset(size, self.below).write(value, out)

    def read(self, bits: BitReader) -> np.ndarray:
        """int64 array, ascending."""
        size = Count(self.below).read(bits)
        if bits.uint(1):
            return Count(self.below - size).read(bits) + np.arange(size)
        return Subset(size, self.below).read(bits)


@dataclass(frozen=True, eq=False)
class ColumnSet:
    """An ascending subset of columns; `groups` numbers the columns by equal weights (public)."""

    groups: np.ndarray

    @property
    def limit(self) -> int:
        return 1 + max(self._repeated.limit, Places(len(self.groups)).limit)

    def bits(self, value: np.ndarray) -> int:
        return encode(self, value).bits

    def write(self, value: np.ndarray, out: BitWriter) -> None:
        pattern = np.unique(self._place[value])
        at_once, repeated = Places(len(self.groups)), self._repeated
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
        return Places(len(self.groups)).read(bits)

    @cached_property
    def _place(self) -> np.ndarray:
        """The place of each column within its group."""
        order = np.argsort(self.groups, kind="stable")
        _, starts, sizes = np.unique(self.groups[order], return_index=True, return_counts=True)
        place = np.empty(len(order), dtype=np.int64)
        place[order] = np.arange(len(order)) - np.repeat(starts, sizes)
        return place

    @property
    def _repeated(self) -> Places:
        return Places(int(self._place.max(initial=-1)) + 1)

    def _everywhere(self, pattern: np.ndarray) -> np.ndarray:
        return np.flatnonzero(np.isin(self._place, pattern))
