"""An energy, rounded down: what is promised or allowed must not grow on its way."""

from dataclasses import dataclass

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import DecodeError

_UPPER = 32  # bits of a double that travel: sign, exponent and 20 of the fraction


@dataclass(frozen=True)
class Energy:
    """A finite number ≥ 0: the upper 32 bits of its double, so 20 bits of mantissa and every magnitude."""

    @property
    def limit(self) -> int:
        return _UPPER

    def bits(self, value: float) -> int:  # noqa: ARG002  each value takes the same
        return _UPPER

    def write(self, value: float, out: BitWriter) -> None:
        if not 0 <= value < np.inf:
            raise ValueError(f"expected an energy, got {value}")
        out.uint(int(np.float64(value).view(np.uint64)) >> _UPPER & 0x7FFFFFFF, _UPPER)
        out.count(1)

    def read(self, bits: BitReader) -> float:
        value = float(np.uint64(bits.uint(_UPPER) << _UPPER).view(np.float64))
        if not 0 <= value < np.inf or np.signbit(value):
            raise DecodeError("an energy was due, and what came is none")
        bits.count(1)
        return value
