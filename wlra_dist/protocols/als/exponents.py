"""Exponents of steps that a sender chooses for its rows and for what it wants to hear."""

from dataclasses import dataclass

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.grid import Exponent
from wlra_dist.codecs.base.integers import Count


@dataclass(frozen=True)
class Exponents:
    """At most `most` exponents, as in `grid`: how many, then each."""

    most: int

    @property
    def limit(self) -> int:
        return Count(self.most).limit + self.most * Exponent().limit

    def bits(self, value: np.ndarray) -> int:
        return Count(self.most).limit + len(value) * Exponent().limit

    def write(self, value: np.ndarray, out: BitWriter) -> None:
        Count(self.most).write(len(value), out)
        for exponent in value.tolist():
            Exponent().write(exponent, out)
        out.count(len(value))

    def read(self, bits: BitReader) -> np.ndarray:
        """int64 array."""
        size = Count(self.most).read(bits)
        value = np.array([Exponent().read(bits) for _ in range(size)], dtype=np.int64)
        bits.count(size)
        return value
