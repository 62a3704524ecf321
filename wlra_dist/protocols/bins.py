"""The code of dithered numbers: each server's, or each column's, under a Gaussian or something more peaked.

Hundreds of servers send some dozens of numbers each, so what names a distribution must be short: 9 bits, as a rule.
The masses are those of `codecs.entropy.mixtures`, which every machine has to the last bit.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import DecodeError, encode
from wlra_dist.codecs.base.integers import Count
from wlra_dist.codecs.entropy.entropy import END_LIMIT, SYMBOL_LIMIT, Model, reading_block, weighted, writing_block
from wlra_dist.codecs.entropy.mixtures import CELLS, LEVELS, cell_bits, masses, two_sided

_SHAPES = 4
"""The first of the mixtures: Gaussian, two towards Laplace, and Student with 4 degrees of freedom."""

_TOP = 183
"""The outermost cell that has a mass."""

_KEPT = 4
"""Bits that are coded of a root mean square."""

BOUND = 2**61
"""No index is larger."""

_SHIFTS = Count(BOUND.bit_length())
_NAME = Count(_SHAPES * LEVELS - 1)


@dataclass(frozen=True)
class Bins:
    """t×c integers of absolute value at most BOUND."""

    shape: tuple[int, int]

    @property
    def limit(self) -> int:
        rows, columns = self.shape
        entry = _SHIFTS.most + SYMBOL_LIMIT + CELLS.extra(np.array(_TOP)).item()
        return 1 + columns * (1 + _SHIFTS.limit + _NAME.limit + END_LIMIT) + rows * columns * entry

    def bits(self, value: np.ndarray) -> int:
        return encode(self, value).bits

    def write(self, value: np.ndarray, out: BitWriter) -> None:
        out.count(value.size)
        if not value.size:
            return
        apart = [self._written([column]) for column in value.T] if self.shape[1] > 1 else []
        together = self._written([value.ravel()])
        is_apart = bool(apart) and sum(each.bits for each in apart) < together.bits
        if self.shape[1] > 1:
            out.uint(is_apart, 1)
        for each in apart if is_apart else [together]:
            out.extend(each)

    def read(self, bits: BitReader) -> np.ndarray:
        """int64 array of this shape."""
        rows, columns = self.shape
        bits.count(rows * columns)
        if not rows * columns:
            return np.zeros(self.shape, dtype=np.int64)
        is_apart = columns > 1 and bits.uint(1)
        groups = [_read_group(rows, bits) for _ in range(columns)] if is_apart else [_read_group(rows * columns, bits)]
        return np.stack(groups, axis=1) if is_apart else groups[0].reshape(self.shape)

    def _written(self, groups: list[np.ndarray]) -> BitWriter:
        out = BitWriter()
        for numbers in groups:
            _write_group(numbers, out)
        return out


def _write_group(numbers: np.ndarray, out: BitWriter) -> None:
    """Low bits that are as good as random, the name of a distribution, then the rest in cells of it."""
    shift = _shift(numbers)
    high = numbers + (1 << shift >> 1) >> shift
    cells = CELLS.of(np.abs(high))
    counts = np.bincount(cells, minlength=_TOP + 1)
    name = int((cell_bits()[:_SHAPES] @ counts).argmin())
    out.uint(shift > 0, 1)
    if shift:
        _SHIFTS.write(shift, out)
        out.words((numbers + (1 << shift >> 1) & ((1 << shift) - 1)).view(np.uint64), shift)
    _NAME.write(name, out)
    with writing_block(out) as block:
        block.symbols(np.sign(high) * cells + _TOP, _model(name))
    far = cells >= 1 << CELLS.linear
    CELLS.write_places(np.abs(high[far]), cells[far], out)


def _read_group(size: int, bits: BitReader) -> np.ndarray:
    shift = _SHIFTS.read(bits) if bits.uint(1) else 0
    low = bits.words(size, shift).view(np.int64) - (1 << shift >> 1) if shift else 0
    model = _model(_NAME.read(bits))
    with reading_block(bits, size) as block:
        high = block.symbols(size, model).astype(np.int64) - _TOP
    far = np.abs(high) >= 1 << CELLS.linear
    high[far] = np.sign(high[far]) * CELLS.read_places(np.abs(high[far]), bits)
    if np.abs(high).max() > (BOUND >> shift) + 1:
        raise DecodeError("an index of a grid was due, and what came is beyond it")
    return (high << shift) + low


def _shift(numbers: np.ndarray) -> int:
    """Low bits beyond _KEPT of the root mean square; more where the largest would have no cell."""
    rms, most = np.sqrt(np.square(numbers.astype(float)).mean()), int(np.abs(numbers).max())
    top = int(CELLS.first(np.array(_TOP)))
    return max(int(np.frexp(rms)[1]) - _KEPT, most.bit_length() - top.bit_length() + 1, 0)


@cache
def _model(name: int) -> Model:
    return weighted(two_sided(masses()[divmod(name, LEVELS)], _TOP))
