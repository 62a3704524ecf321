"""Rounded coefficients: rows of integers, each row at the entropy of its own scale and shape.

The entries of most rows of QᵀB, in steps of the rounding, follow a Gaussian or something more peaked. Their low bits
are as good as random and travel raw; what remains, of a standard deviation of about 25 at most, is coded with one of
the tables of `mixtures`, which takes a dozen bits to name, or with the histogram of all rows together, whichever is
shorter. Short rows share a table. Where none of that pays, the integers travel plainly.
"""

from dataclasses import dataclass

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import DecodeError, encode
from wlra_dist.codecs.base.integers import Count
from wlra_dist.codecs.entropy.grouped import Grouped
from wlra_dist.codecs.entropy.subset import Subset

_PLAIN, _CODED = 0, 1  # a bit before the numbers says which form they have

_ENTRIES = (16, 64, 512)
"""Groups of so many entries are tried where rows are shorter; a longer row has a table of its own for sure."""

_MOST_GROUPS = 1 << 14
"""More groups of short rows are not tried: finding their tables takes memory."""


@dataclass(frozen=True)
class Quantised:
    """c×d integers of absolute value at most `bound` < 2^61, whose rows differ in scale.

    Within 0.05 bits an entry of the entropy for long rows of Gaussian, Laplace or Student entries, of mixtures of two
    Gaussians, and of any one distribution that all rows share. A row of zeros takes about a bit.
    """

    shape: tuple[int, int]
    bound: int

    @property
    def limit(self) -> int:
        return 1 + self._plain.limit

    def bits(self, value: np.ndarray) -> int:
        return encode(self, value).bits

    def write(self, value: np.ndarray, out: BitWriter) -> None:
        value = np.asarray(value, dtype=np.int64)
        if value.shape != self.shape or _largest(value) > self.bound:
            raise ValueError(f"expected {self.shape} integers of absolute value at most {self.bound}")
        coded = self._coded(value)
        if coded.bits < self._plain.bits(value):
            out.uint(_CODED, 1)
            out.packed(coded.payload(), coded.bits)
        else:
            out.uint(_PLAIN, 1)
            self._plain.write(value, out)

    def read(self, bits: BitReader) -> np.ndarray:
        """int64 array of shape `shape`."""
        if bits.uint(1) == _PLAIN:
            return self._plain.read(bits)
        size = Count(self.shape[0]).read(bits)
        rows = Subset(size, self.shape[0]).read(bits)
        value = np.zeros(self.shape, dtype=np.int64)
        if size and self.shape[1]:
            value[rows] = self._grouped(size, 1 + Count(size - 1).read(bits)).read(bits)
        return value

    @property
    def _plain(self) -> "_Plain":
        return _Plain(self.shape, self.bound)

    def _grouped(self, rows: int, together: int) -> Grouped:
        return Grouped((rows, self.shape[1]), self.bound, together)

    def _coded(self, value: np.ndarray) -> BitWriter:
        """Which rows are not zero, how many of them share a table, and their entries."""
        rows = np.flatnonzero(value.any(axis=1))
        out = BitWriter()
        Count(self.shape[0]).write(len(rows), out)
        Subset(len(rows), self.shape[0]).write(rows, out)
        if len(rows):
            value = value if len(rows) == len(value) else value[rows]
            tried = [(self._entries(value, together), together) for together in self._groupings(len(rows))]
            shortest, together = min(tried, key=lambda each: each[0].bits)
            Count(len(rows) - 1).write(together - 1, out)
            out.packed(shortest.payload(), shortest.bits)
        return out

    def _entries(self, value: np.ndarray, together: int) -> BitWriter:
        out = BitWriter()
        self._grouped(len(value), together).write(value, out)
        return out

    def _groupings(self, rows: int) -> list[int]:
        """How many of the rows that are not zero may share a table."""
        columns = self.shape[1]
        if columns >= max(_ENTRIES):
            return [1]
        together = {min(-(-entries // columns), rows) for entries in (*_ENTRIES, rows * columns)}
        return [count for count in sorted(together) if rows <= count * _MOST_GROUPS]


@dataclass(frozen=True)
class _Plain:
    """Integers in two's complement at the width of the largest, which goes first; 0 if there are only zeros."""

    shape: tuple[int, int]
    bound: int

    @property
    def limit(self) -> int:
        return self._width.limit + self._size * (self.bound.bit_length() + 1)

    def bits(self, value: np.ndarray) -> int:
        return self._width.limit + self._size * _width(value)

    def write(self, value: np.ndarray, out: BitWriter) -> None:
        width = _width(value)
        self._width.write(width, out)
        out.words((value.ravel() & ((1 << width) - 1)).astype(np.uint64), width)

    def read(self, bits: BitReader) -> np.ndarray:
        width = self._width.read(bits)
        words = bits.words(self._size, width).astype(np.int64)
        value = words - ((words << 1) & (1 << width))
        if _largest(value) > self.bound:
            raise DecodeError(f"integers of absolute value at most {self.bound} were due, {_largest(value)} came")
        return value.reshape(self.shape)

    @property
    def _width(self) -> Count:
        return Count(self.bound.bit_length() + 1)

    @property
    def _size(self) -> int:
        return self.shape[0] * self.shape[1]


def _largest(value: np.ndarray) -> int:
    return max(-int(value.min()), int(value.max())) if value.size else 0


def _width(value: np.ndarray) -> int:
    """Bits of the largest in two's complement."""
    return _largest(value).bit_length() + 1 if value.any() else 0
