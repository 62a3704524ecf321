"""Rounded coefficients: rows of integers, each row at the entropy of its own scale and shape.

The entries of most rows of QᵀB, in steps of the rounding, follow a Gaussian or something more peaked. Their low bits
are as good as random and travel raw; what remains, of a standard deviation of about 25 at most, is coded with one of
the tables of `mixtures`, which takes a dozen bits to name, or with the histogram of all rows together, whichever is
shorter. Short rows share a table. Where none of that pays, the integers travel plainly.
"""

from dataclasses import dataclass

import numpy as np

from wlra_dist.codecs.bits import BitReader, BitWriter
from wlra_dist.codecs.codec import DecodeError, encode
from wlra_dist.codecs.grouped import Grouped
from wlra_dist.codecs.integers import Count

_PLAIN, _CODED = 0, 1

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
        coded = min((self._coded(value, rows) for rows in self._groupings), key=_bits, default=None)
        if coded is None or coded.bits >= self._plain.bits(value):
            out.uint(_PLAIN, 1)
            self._plain.write(value, out)
        else:
            out.uint(_CODED, 1)
            out.packed(coded.payload(), coded.bits)

    def read(self, bits: BitReader) -> np.ndarray:
        """int64 array of shape `shape`."""
        if bits.uint(1) == _PLAIN:
            return self._plain.read(bits)
        rows = Count(self.shape[0]).read(bits)
        if not rows or not self.shape[1]:
            raise DecodeError("groups of rows came that have no entries")
        return Grouped(self.shape, self.bound, rows).read(bits)

    @property
    def _plain(self) -> "_Plain":
        return _Plain(self.shape, self.bound)

    @property
    def _groupings(self) -> list[int]:
        """How many rows may share a table."""
        rows, columns = self.shape
        if not rows or not columns:
            return []
        if columns >= max(_ENTRIES):
            return [1]
        together = {min(-(-entries // columns), rows) for entries in (*_ENTRIES, rows * columns)}
        return [count for count in sorted(together) if rows <= count * _MOST_GROUPS]

    def _coded(self, value: np.ndarray, rows: int) -> BitWriter:
        out = BitWriter()
        Count(self.shape[0]).write(rows, out)
        Grouped(self.shape, self.bound, rows).write(value, out)
        return out


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


def _bits(written: BitWriter) -> int:
    return written.bits


def _largest(value: np.ndarray) -> int:
    return max(-int(value.min()), int(value.max())) if value.size else 0


def _width(value: np.ndarray) -> int:
    """Bits of the largest in two's complement."""
    return _largest(value).bit_length() + 1 if value.any() else 0
