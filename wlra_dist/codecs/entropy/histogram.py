"""Symbols with the histogram that they have: sent first, to four significant bits, then coded with it."""

from dataclasses import dataclass

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import DecodeError, encode
from wlra_dist.codecs.base.digits import Digits, Spread
from wlra_dist.codecs.base.integers import Count
from wlra_dist.codecs.entropy.cells import Cells
from wlra_dist.codecs.entropy.entropy import Model, reading_block, weighted, writing_block
from wlra_dist.codecs.entropy.subset import Subset

_CLASSES = Cells(linear=5, parts=4)
"""Counts within 1/16 of each other are one class: that costs below 0.001 bits a symbol."""

_MOST_CLASS = 719
"""The last class of counts below 2^48."""

_DIGITS, _HISTOGRAM = 0, 1  # a bit before the numbers says which form they have


@dataclass(frozen=True)
class Histogram:
    """How often each symbol of an alphabet of at most 2^16 occurs, to four significant bits."""

    alphabet: int

    @property
    def limit(self) -> int:
        # a subset takes a bit a position at most, but for what coding its gaps rounds off
        subset = self.alphabet + self.alphabet // 100 + 128
        return Count(self.alphabet).limit + subset + self._classes(self.alphabet).limit

    def bits(self, value: np.ndarray) -> int:
        return encode(self, value).bits

    def write(self, value: np.ndarray, out: BitWriter) -> None:
        occurring = np.flatnonzero(value)
        Count(self.alphabet).write(len(occurring), out)
        Subset(len(occurring), self.alphabet).write(occurring, out)
        self._classes(len(occurring)).write(_CLASSES.of(value[occurring]), out)

    def read(self, bits: BitReader) -> np.ndarray:
        """The counts as rounded (int64, shape (alphabet,)): what is read would be written, and read, the same again."""
        size = Count(self.alphabet).read(bits)
        occurring = Subset(size, self.alphabet).read(bits)
        classes = self._classes(size).read(bits)
        counts = np.zeros(self.alphabet, dtype=np.int64)
        counts[occurring] = _middles(classes)
        return counts

    def _classes(self, size: int) -> Spread:
        return Spread(size, _MOST_CLASS)


@dataclass(frozen=True)
class Counted:
    """`size` symbols below `alphabet` ≤ 2^16: by their histogram, or as plain digits where that is shorter."""

    size: int
    alphabet: int

    @property
    def limit(self) -> int:
        return 1 + self._digits.limit

    def bits(self, value: np.ndarray) -> int:
        return encode(self, value).bits

    def write(self, value: np.ndarray, out: BitWriter) -> None:
        counted = BitWriter()
        if self.size:
            self._write_counted(value, counted)
        if self.size and counted.bits < self._digits.limit:
            out.uint(_HISTOGRAM, 1)
            out.packed(counted.payload(), counted.bits)
        else:
            out.uint(_DIGITS, 1)
            self._digits.write(value, out)

    def read(self, bits: BitReader) -> np.ndarray:
        """Integer array of shape (size,)."""
        if bits.uint(1) == _DIGITS:
            return self._digits.read(bits)
        weights = Histogram(self.alphabet).read(bits)
        model = histogram_model(weights)
        with reading_block(bits, self.size) as block:
            return block.symbols(self.size, model)

    @property
    def _digits(self) -> Digits:
        return Digits(self.size, self.alphabet)

    def _write_counted(self, value: np.ndarray, out: BitWriter) -> None:
        counts = np.bincount(value, minlength=self.alphabet)
        Histogram(self.alphabet).write(counts, out)
        with writing_block(out) as block:
            block.symbols(value, histogram_model(rounded_counts(counts)))


def rounded_counts(counts: np.ndarray) -> np.ndarray:
    """Counts as the receiver of their `Histogram` has them (int64)."""
    return _middles(_CLASSES.of(counts))


def _middles(classes: np.ndarray) -> np.ndarray:
    """A count in the middle of each class."""
    return _CLASSES.first(classes) + (np.int64(1) << _CLASSES.extra(classes) >> 1)


def histogram_model(weights: np.ndarray) -> Model:
    """The model of a histogram that was read; DecodeError if nothing occurs in it."""
    if not weights.any():
        raise DecodeError("a histogram without any symbols came")
    return weighted(weights)
