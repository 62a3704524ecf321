"""Which m of N positions: log2 C(N, m) bits and a few, at the speed of the entropy coder.

Small sets travel as their rank among all sets of that size. For others the gaps between positions are coded as if each
position were chosen independently with probability m/N: gaps are then geometric, whatever the set, since they add up to
at most N − m, this takes log2 C(N, m) + ½ log2(2πm) bits at most.
"""

from dataclasses import dataclass
from functools import cached_property
from math import ceil, comb, log2

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import DecodeError, encode
from wlra_dist.codecs.base.integers import Count
from wlra_dist.codecs.base.universal import Natural
from wlra_dist.codecs.entropy.entropy import END_LIMIT, ROUNDING, Model, reading_block, weighted, writing_block

_RANKED = 128
"""Subsets of so few positions travel as their rank."""

_MEAN = 6
"""Bits of the mean gap that are coded; the rest is as good as uniform, and travels as it is."""

_REACH = 16
"""A symbol reaches so many mean gaps far; the last one says "further", and the next counts on from there."""

_MOST_POSITIONS = 1 << 48
"""Beyond it, sums of forged gaps could pass an int64."""


@dataclass(frozen=True)
class Subset:
    """`size` of the positions 0 … below−1 (below ≤ 2^48), ascending; both numbers are known to the reader."""

    size: int
    below: int

    def __post_init__(self) -> None:
        if not 0 <= self.size <= self.below <= _MOST_POSITIONS:
            raise ValueError(f"expected a subset of at most 2^48 positions, got {self.size} of {self.below}")

    @property
    def limit(self) -> int:
        return self._rank.limit if self.below <= _RANKED else self._gaps.limit

    def bits(self, value: np.ndarray) -> int:
        return encode(self, value).bits

    def write(self, value: np.ndarray, out: BitWriter) -> None:
        """Positions must ascend strictly."""
        positions = np.asarray(value, dtype=np.int64)
        if len(positions) != self.size or not _ascend(positions, self.below):
            raise ValueError(f"expected {self.size} ascending positions below {self.below}")
        if self.below <= _RANKED:
            self._rank.write(_rank(positions.tolist()), out)
        else:
            self._gaps.write(np.diff(self._fewer(positions), prepend=-1) - 1, out)

    def read(self, bits: BitReader) -> np.ndarray:
        """int64 array of shape (size,), ascending."""
        if self.below <= _RANKED:
            return np.array(_unrank(self._rank.read(bits), self.size, self.below), dtype=np.int64)
        positions = np.cumsum(self._gaps.read(bits) + 1)
        positions -= 1
        if not _ascend(positions, self.below):
            raise DecodeError(f"a position below {self.below} was due")
        return self._fewer(positions)

    @property
    def _rank(self) -> Count:
        return Count(comb(self.below, self.size) - 1)

    @property
    def _gaps(self) -> "_Gaps":
        return _Gaps(min(self.size, self.below - self.size), self.below)

    def _fewer(self, positions: np.ndarray) -> np.ndarray:
        """The positions chosen, or those left out if they are fewer; and back again."""
        if 2 * self.size <= self.below:
            return positions
        left_out = np.ones(self.below, dtype=bool)
        left_out[positions] = False
        return np.flatnonzero(left_out)


@dataclass(frozen=True)
class _Gaps:
    """`size` gaps of sum at most below − size, with 2·size ≤ below."""

    size: int
    below: int

    @property
    def limit(self) -> int:
        if not self.size:
            return 0
        symbols = self.size + self._most_further
        skipped = -(self.below - self.size >> self._shift) * log2(self._skip)
        coded = skipped - self.size * log2(1 - self._skip) + symbols * ROUNDING
        return Natural().limit + ceil(coded) + END_LIMIT + self.size * self._shift

    def write(self, gaps: np.ndarray, out: BitWriter) -> None:
        if not self.size:
            return
        symbols = gaps >> self._shift
        far = np.flatnonzero(symbols >= self._reach)
        further, symbols[far] = np.divmod(symbols[far], self._reach)
        symbols = np.insert(symbols, np.repeat(far, further), self._reach)
        Natural().write(len(symbols) - self.size, out)
        with writing_block(out) as block:
            block.symbols(symbols, self._model)
        if self._shift:
            out.words((gaps & ((1 << self._shift) - 1)).view(np.uint64), self._shift)

    def read(self, bits: BitReader) -> np.ndarray:
        if not self.size:
            return np.zeros(0, dtype=np.int64)
        further = Natural().read(bits)
        if further > self._most_further:
            raise DecodeError(f"gaps that reach beyond {self.below} came")
        with reading_block(bits, self.size + further) as block:
            symbols = block.symbols(self.size + further, self._model)
        passed = np.flatnonzero(symbols == self._reach)
        if len(passed) != further or (further and passed[-1] + 1 == len(symbols)):
            raise DecodeError(f"{self.size} gaps were due, {len(symbols) - len(passed)} came")
        gaps = np.delete(symbols, passed).astype(np.int64)
        np.add.at(gaps, passed - np.arange(further), self._reach)
        if self._shift:
            gaps <<= self._shift
            gaps += bits.words(self.size, self._shift).view(np.int64)
        return gaps

    @property
    def _shift(self) -> int:
        """The low bits of a gap that travel as they are."""
        return max((self.below // self.size).bit_length() - _MEAN, 0)

    @property
    def _reach(self) -> int:
        return _REACH * ((self.below // self.size >> self._shift) + 1)

    @property
    def _most_further(self) -> int:
        return self.below // (self._reach << self._shift)

    @cached_property
    def _skip(self) -> float:
        """The probability that a gap goes on for another 2^shift positions."""
        skip = (self.below - self.size) / self.below
        for _ in range(self._shift):
            skip *= skip
        return skip

    @property
    def _model(self) -> Model:
        """Geometric, all that is beyond reach in the last symbol."""
        reached = np.multiply.accumulate(np.full(self._reach, self._skip))
        weights = np.concatenate([[1.0], reached[:-1]]) * (1 - self._skip)
        return weighted(np.append(weights, reached[-1]))


def _ascend(positions: np.ndarray, below: int) -> bool:
    if not len(positions):
        return True
    return bool((np.diff(positions) > 0).all()) and positions[0] >= 0 and int(positions[-1]) < below


def _rank(positions: list[int]) -> int:
    """The place of a set in the colexicographic order of all sets of its size."""
    return sum(comb(position, i + 1) for i, position in enumerate(positions))


def _unrank(rank: int, size: int, below: int) -> list[int]:
    positions, position = [], below
    for i in range(size, 0, -1):
        position -= 1
        while comb(position, i) > rank:
            position -= 1
        rank -= comb(position, i)
        positions.append(position)
    return positions[::-1]
