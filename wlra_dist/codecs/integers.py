"""Integers at their exact width."""

from dataclasses import dataclass

import numpy as np

from wlra_dist.codecs.bits import BitReader, BitWriter
from wlra_dist.codecs.codec import DecodeError


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
    """`size` integers of absolute value at most `bound` < 2^62: their least and largest, then each at exact width."""

    size: int
    bound: int

    @property
    def _end(self) -> Count:
        return Count(2 * self.bound)

    @property
    def limit(self) -> int:
        return 2 * self._end.limit + self.size * self._end.limit

    def bits(self, value: np.ndarray) -> int:
        low, high = _range(value)
        return 2 * self._end.limit + self.size * (high - low).bit_length()

    def write(self, value: np.ndarray, out: BitWriter) -> None:
        low, high = _range(value)
        self._end.write(low + self.bound, out)
        self._end.write(high + self.bound, out)
        out.words((value - low).astype(np.uint64), (high - low).bit_length())

    def read(self, bits: BitReader) -> np.ndarray:
        """int64 array of shape (size,)."""
        low, high = (self._end.read(bits) - self.bound for _ in range(2))
        if low > high:
            raise DecodeError(f"the least integer {low} is above the largest {high}")
        value = bits.words(self.size, (high - low).bit_length()).astype(np.int64) + low
        if self.size and value.max() > high:
            raise DecodeError(f"an integer of at most {high} was due, {value.max()} came")
        return value


def _range(value: np.ndarray) -> tuple[int, int]:
    return (int(value.min()), int(value.max())) if len(value) else (0, 0)
