"""Integers at their exact width."""

from dataclasses import dataclass

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import DecodeError


@dataclass(frozen=True)
class Count:
    """One integer in 0..most, at the width of `most`."""

    most: int

    @property
    def limit(self) -> int:
        return self.most.bit_length()

    def bits(self, value: int) -> int:  # noqa: ARG002  each value takes the same
        return self.limit

    def write(self, value: int, out: BitWriter) -> None:
        if not 0 <= value <= self.most:
            raise ValueError(f"expected a count of at most {self.most}, got {value}")
        out.uint(value, self.limit)

    def read(self, bits: BitReader) -> int:
        value = bits.uint(self.limit)
        if value > self.most:
            raise DecodeError(f"a count of at most {self.most} was due, {value} came")
        return value


@dataclass(frozen=True)
class Indices:
    """`size` indices below `below`, each at the width of the largest."""

    size: int
    below: int

    @property
    def width(self) -> int:
        return max(self.below - 1, 0).bit_length()

    @property
    def limit(self) -> int:
        return self.size * self.width

    def bits(self, value: np.ndarray) -> int:  # noqa: ARG002  each value takes the same
        return self.limit

    def write(self, value: np.ndarray, out: BitWriter) -> None:
        out.words(value, self.width)

    def read(self, bits: BitReader) -> np.ndarray:
        value = bits.words(self.size, self.width).astype(np.int64)
        if self.size and value.max() >= self.below:
            raise DecodeError(f"an index below {self.below} was due, {value.max()} came")
        return value


@dataclass(frozen=True)
class Integers:
    """`size` integers of absolute value at most `bound` < 2^62: their least, then each at the width of their range."""

    size: int
    bound: int

    @property
    def limit(self) -> int:
        return self._least.limit + self._width.limit + self.size * self._least.limit

    def bits(self, value: np.ndarray) -> int:
        return self._least.limit + self._width.limit + self.size * _range(value)[1]

    def write(self, value: np.ndarray, out: BitWriter) -> None:
        least, width = _range(value)
        if value.max(initial=least) > self.bound:
            raise ValueError(f"expected integers of at most {self.bound}, got {value.max()}")
        self._least.write(least + self.bound, out)
        self._width.write(width, out)
        out.words((value - least).astype(np.uint64), width)

    def read(self, bits: BitReader) -> np.ndarray:
        """int64 array of shape (size,)."""
        least = self._least.read(bits) - self.bound
        above = bits.words(self.size, self._width.read(bits))
        if self.size and int(above.max()) + least > self.bound:
            raise DecodeError(f"an integer of at most {self.bound} was due, {int(above.max()) + least} came")
        return above.astype(np.int64) + least

    @property
    def _least(self) -> Count:
        """The code of the least, above −bound."""
        return Count(2 * self.bound)

    @property
    def _width(self) -> Count:
        return Count(self._least.limit)


def _range(value: np.ndarray) -> tuple[int, int]:
    """The least, and the bits of the difference to the largest."""
    least, largest = (int(value.min()), int(value.max())) if len(value) else (0, 0)
    return least, (largest - least).bit_length()
