"""Numbers modulo M, where the receiver knows them well enough to tell which of those it is (Wyner & Ziv 1976).

Once some rows and columns have come, the coordinator predicts the others. A sender that does not know the prediction
need only send the index modulo M, for an M that is wider than the error: the member of the coset that is nearest to the
prediction is meant.
"""

from dataclasses import dataclass
from math import ceil

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.digits import Digits

LEVELS = 56
"""Moduli from 2 to 2^15, four to an octave."""

WIDTH = 7.4
"""Standard deviations of the error that a modulus is wide."""


def modulus(level: int) -> int:
    """⌈2^(1 + level/4)⌉."""
    return ceil(2 ** (1 + level / 4) - 1e-9)


def level_for(deviation: float) -> int:
    """The level of a modulus for errors of this standard deviation, in steps; LEVELS if none is so wide."""
    wanted = WIDTH * deviation
    return next((level for level in range(LEVELS) if modulus(level) >= wanted), LEVELS)


def resolve(residue: np.ndarray, level: int, predicted: np.ndarray) -> np.ndarray:
    """The indices of these residues that are nearest to the predicted ones."""
    M = modulus(level)
    return residue + M * np.rint((predicted - residue) / M).astype(np.int64)


@dataclass(frozen=True)
class Cosets:
    """A t×c array of integers below M."""

    shape: tuple[int, int]
    M: int

    @property
    def limit(self) -> int:
        return self._digits.limit

    def bits(self, value: np.ndarray) -> int:
        return self._digits.bits(value.ravel())

    def write(self, value: np.ndarray, out: BitWriter) -> None:
        out.count(value.size)
        self._digits.write(value.ravel(), out)

    def read(self, bits: BitReader) -> np.ndarray:
        """int64 array of this shape."""
        bits.count(self.shape[0] * self.shape[1])
        return self._digits.read(bits).reshape(self.shape)

    @property
    def _digits(self) -> Digits:
        return Digits(self.shape[0] * self.shape[1], self.M)
