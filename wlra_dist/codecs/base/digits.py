"""Integers below any base, at log2(base) bits each, though the base be no power of two."""

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import DecodeError, encode
from wlra_dist.codecs.base.integers import Count, Indices
from wlra_dist.codecs.entropy.entropy import END_LIMIT, Model, reading_block, uniform, writing_block

_EXACT = 64
"""Up to so many bits, all digits are one number: that is the shortest code, and too slow for more."""

_PARTS = 256
"""Parts of a bit by which a symbol's is bounded; the coder rounds off less than two of them (`entropy.ROUNDING`)."""

_ALPHABET = 12
"""Bits of a coded symbol: of 24 bits of probability, 12 are left for its accuracy."""


@dataclass(frozen=True)
class Digits:
    """`size` integers below `base` ≤ 2^62, all equally likely: within 0.1 % and 2 bits of size·log2(base).

    Digits of a small base share a symbol; of those of a large base, the low bits travel as they are.
    """

    size: int
    base: int

    @property
    def limit(self) -> int:
        if self._is_exact:
            return self._exact.limit
        return min(self._plain.limit, self._coded_limit)

    def bits(self, value: np.ndarray) -> int:
        return encode(self, value).bits

    def write(self, value: np.ndarray, out: BitWriter) -> None:
        if self.size and not 0 <= int(value.min()) <= int(value.max()) < self.base:
            raise ValueError(f"expected {self.size} digits below {self.base}, got {value.min()} … {value.max()}")
        if self._is_exact:
            self._exact.write(_number(value.tolist(), self.base), out)
        elif self._plain.limit <= self._coded_limit:
            self._plain.write(value, out)
        else:
            self._write_coded(value.astype(np.int64), out)

    def read(self, bits: BitReader) -> np.ndarray:
        """int64 array of shape (size,)."""
        if self._is_exact:
            return np.array(_digits(self._exact.read(bits), self.size, self.base), dtype=np.int64)
        if self._plain.limit <= self._coded_limit:
            return self._plain.read(bits)
        value = self._read_coded(bits)
        if value.max() >= self.base:
            raise DecodeError(f"a digit below {self.base} was due, {value.max()} came")
        return value

    @property
    def _is_exact(self) -> bool:
        return self.base == 1 or (self.size <= _EXACT and self.base**self.size <= 1 << _EXACT)

    @property
    def _exact(self) -> Count:
        return Count(self.base**self.size - 1)

    @property
    def _plain(self) -> Indices:
        return Indices(self.size, self.base)

    @cached_property
    def _coded_limit(self) -> int:
        coded = sum(count * (_parts(model.size) + 2) for count, model in self._runs)
        return -(-coded // _PARTS) + END_LIMIT + self.size * self._shift

    @property
    def _shift(self) -> int:
        """The low bits of a digit that travel as they are."""
        return max(self.base.bit_length() - _ALPHABET, 0)

    @property
    def _high(self) -> int:
        """The base of what is left of a digit without them."""
        return -(-self.base >> self._shift)

    @cached_property
    def _together(self) -> int:
        """How many digits share a symbol."""
        return max(t for t in range(1, _ALPHABET + 1) if t == 1 or self._high**t <= 1 << _ALPHABET)

    @property
    def _runs(self) -> list[tuple[int, Model]]:
        """(count, model) of the full symbols, and of the last one, of what digits remain."""
        full, rest = divmod(self.size, self._together)
        return [(full, uniform(self._high**self._together)), (min(rest, 1), uniform(self._high**rest))]

    def _write_coded(self, value: np.ndarray, out: BitWriter) -> None:
        high = value >> self._shift
        whole = self.size - self.size % self._together
        full = high[:whole].reshape(-1, self._together) @ self._places(self._together)
        rest = high[whole:] @ self._places(self.size - whole)
        with writing_block(out) as block:
            for symbols, (count, model) in zip((full, np.atleast_1d(rest)), self._runs, strict=True):
                block.symbols(symbols[:count], model)
        out.words((value & ((1 << self._shift) - 1)).astype(np.uint64), self._shift)

    def _read_coded(self, bits: BitReader) -> np.ndarray:
        with reading_block(bits, self.size) as block:
            full, rest = (block.symbols(count, model).astype(np.int64) for count, model in self._runs)
        high = [
            (symbols[:, None] // self._places(together) % self._high).ravel()
            for symbols, together in ((full, self._together), (rest, self.size % self._together))
        ]
        low = bits.words(self.size, self._shift).astype(np.int64)
        return (np.concatenate(high) << self._shift) + low

    def _places(self, digits: int) -> np.ndarray:
        """high^0, high^1, … of the digits that share a symbol."""
        return self._high ** np.arange(digits)


@dataclass(frozen=True)
class Spread:
    """`size` integers in 0..most: the least and the largest, then each as a digit of that range."""

    size: int
    most: int

    @property
    def limit(self) -> int:
        return 2 * Count(self.most).limit + Digits(self.size, self.most + 1).limit

    def bits(self, value: np.ndarray) -> int:
        return encode(self, value).bits

    def write(self, value: np.ndarray, out: BitWriter) -> None:
        low, high = (int(value.min()), int(value.max())) if len(value) else (0, 0)
        Count(self.most).write(low, out)
        Count(self.most).write(high, out)
        Digits(self.size, high - low + 1).write(value - low, out)

    def read(self, bits: BitReader) -> np.ndarray:
        """int64 array of shape (size,)."""
        low, high = (Count(self.most).read(bits) for _ in range(2))
        if low > high:
            raise DecodeError(f"the least integer {low} is above the largest {high}")
        return Digits(self.size, high - low + 1).read(bits) + low


@cache
def _parts(base: int) -> int:
    """⌈256·log2(base)⌉, by integers: sender and receiver choose the code by it, on any machine."""
    return (base**_PARTS - 1).bit_length()


def _number(digits: list[int], base: int) -> int:
    number = 0
    for digit in reversed(digits):
        number = number * base + digit
    return number


def _digits(number: int, size: int, base: int) -> list[int]:
    digits = []
    for _ in range(size):
        number, digit = divmod(number, base)
        digits.append(digit)
    return digits
