"""Arrays of real numbers: in floating point as they are, or rounded to a fixed-point grid."""

from dataclasses import dataclass
from math import prod
from typing import Literal

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import DecodeError
from wlra_dist.codecs.base.integers import Count

_SINGLE, _DOUBLE = 32, 64  # bits of a float
_WIDTH = Count(_DOUBLE)
_FIXED_WIDTHS = range(2, 54)
"""A grid index of 53 bits is still an exact float64."""


@dataclass(frozen=True)
class Floats:
    """An array of finite IEEE floats of 64 or 32 bits; 32 rounds to nearest."""

    shape: tuple[int, ...]
    width: Literal[32, 64] = 64

    @property
    def limit(self) -> int:
        return prod(self.shape) * self.width

    def bits(self, value: np.ndarray) -> int:  # noqa: ARG002  each value takes the same
        return self.limit

    def write(self, value: np.ndarray, out: BitWriter) -> None:
        with np.errstate(over="ignore"):
            floats = value.astype(f">f{self.width // 8}")
        if not np.isfinite(floats).all():
            raise ValueError(f"expected numbers that are finite as float{self.width}")
        out.packed(floats.tobytes(), self.limit)

    def read(self, bits: BitReader) -> np.ndarray:
        """float64 array of shape `shape`."""
        value = np.frombuffer(bits.packed(self.limit), dtype=f">f{self.width // 8}")
        if not np.isfinite(value).all():
            raise DecodeError("a number that is not finite came")
        return value.astype(float).reshape(self.shape)


@dataclass(frozen=True)
class Fixed:
    """An array in [−bound, bound] rounded to 2^width − 1 equidistant points, 0 among them.

    The bound travels first, as the float32 next above max|value|; an all-zero array has bound 0.
    """

    shape: tuple[int, ...]
    width: int

    def __post_init__(self) -> None:
        if self.width not in _FIXED_WIDTHS:
            raise ValueError(f"expected a width of 2 to 53 bits, got {self.width}")

    @property
    def limit(self) -> int:
        return _SINGLE + prod(self.shape) * self.width

    def bits(self, value: np.ndarray) -> int:  # noqa: ARG002  each value takes the same
        return self.limit

    @staticmethod
    def suits(value: np.ndarray) -> bool:
        """Whether a float32 can bound the numbers."""
        return float(np.abs(value).max(initial=0.0)) < float(np.finfo(np.float32).max)

    @property
    def _most(self) -> int:
        return 2 ** (self.width - 1) - 1

    def write(self, value: np.ndarray, out: BitWriter) -> None:
        bound = _bound(value)
        out.packed(np.array(bound, dtype=">f4").tobytes(), _SINGLE)
        out.words((self._grid(value, bound).ravel() + self._most).astype(np.uint64), self.width)

    def read(self, bits: BitReader) -> np.ndarray:
        """float64 array of shape `shape`."""
        bound = float(np.frombuffer(bits.packed(_SINGLE), dtype=">f4")[0])
        if not (np.isfinite(bound) and bound >= 0):
            raise DecodeError(f"a bound of a fixed-point array was due, {bound} came")
        words = bits.words(prod(self.shape), self.width)
        if len(words) and words.max() > 2 * self._most:
            raise DecodeError(f"a grid point of at most {2 * self._most} was due, {words.max()} came")
        grid = words.astype(np.int64) - self._most
        return grid.astype(float).reshape(self.shape) * (bound / self._most)

    def _grid(self, value: np.ndarray, bound: float) -> np.ndarray:
        if not bound:
            return np.zeros(self.shape)
        # at 53 bits the rounding of the product can pass the last point
        return np.clip(np.rint(value * (self._most / bound)), -self._most, self._most)


@dataclass(frozen=True)
class Coefficients:
    """(width, array): how many bits a number takes, then the numbers; Fixed of 2..53 bits, or Floats of 64."""

    shape: tuple[int, ...]

    @property
    def limit(self) -> int:
        return _WIDTH.limit + max(Fixed(self.shape, max(_FIXED_WIDTHS)).limit, Floats(self.shape).limit)

    def bits(self, value: tuple[int, np.ndarray]) -> int:
        return _WIDTH.limit + self.at(value[0]).limit

    def at(self, width: int) -> Fixed | Floats:
        """The code of the numbers alone."""
        return Floats(self.shape) if width == _DOUBLE else Fixed(self.shape, width)

    def write(self, value: tuple[int, np.ndarray], out: BitWriter) -> None:
        width, array = value
        _WIDTH.write(width, out)
        self.at(width).write(array, out)

    def read(self, bits: BitReader) -> tuple[int, np.ndarray]:
        width = _WIDTH.read(bits)
        if width not in _FIXED_WIDTHS and width != _DOUBLE:
            raise DecodeError(f"a width of 2..53 or 64 bits was due, {width} came")
        return width, self.at(width).read(bits)


def _bound(value: np.ndarray) -> float:
    """The least float32 that is at least max|value|."""
    largest = float(np.abs(value).max()) if value.size else 0.0
    if not largest < float(np.finfo(np.float32).max):
        raise ValueError(f"expected numbers below the largest float32, got {largest}")
    single = np.float32(largest)
    # numpy would compare a float32 and a Python float as float32s: always equal
    return float(single if float(single) >= largest else np.nextafter(single, np.float32(np.inf)))
