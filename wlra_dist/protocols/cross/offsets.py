"""Steps by how far they are from one that both sides know, in quarters of an octave: a few bits in place of 16."""

from dataclasses import dataclass
from math import sqrt

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.grid import FINENESS, LEAST, MOST, exponent_below
from wlra_dist.codecs.base.universal import Natural

QUARTER = FINENESS // 4


@dataclass(frozen=True)
class Offset:
    """A small integer of either sign."""

    @property
    def limit(self) -> int:
        return Natural().bits(2 * (MOST - LEAST))

    def bits(self, value: int) -> int:
        return Natural().bits(_folded(value))

    def write(self, value: int, out: BitWriter) -> None:
        Natural().write(_folded(value), out)

    def read(self, bits: BitReader) -> int:
        folded = Natural().read(bits)
        return -(folded >> 1) - 1 if folded & 1 else folded >> 1


def offset(exponent: int, base: int) -> int:
    """From the known exponent to the nearest of its quarters of an octave."""
    return round((exponent - base) / QUARTER)


def at(offset: int, base: int) -> int:
    """The exponent of which this is the offset."""
    return min(max(base + QUARTER * offset, LEAST), MOST)


def usual(size: int, n: int, d: int) -> int:
    """On a grid that all servers share: the exponent of a root mean square where ‖B_i‖_F of n×d has this exponent."""
    return (size + exponent_below(1 / sqrt(n * d))) // QUARTER * QUARTER


def _folded(value: int) -> int:
    return 2 * value if value >= 0 else -2 * value - 1
