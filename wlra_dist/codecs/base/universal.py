"""A code of numbers that have no public bound: Elias delta, log2(v) + 2 log2 log2(v) bits for v."""

from dataclasses import dataclass

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import DecodeError

_WIDTH = 63
"""Bits of the largest number plus one: numbers stay below 2^63 − 1, and so within an int64."""


@dataclass(frozen=True)
class Natural:
    """One integer in 0..2^63 − 2: 1 bit for 0, 4 for 1 and 2, 5 for 3 to 6, 8 for 7 to 14, 73 for the largest.

    The number plus one follows its own width, which follows the width's width in unary (Elias 1975).
    """

    @property
    def limit(self) -> int:
        return self.bits(2**_WIDTH - 2)

    def bits(self, value: int) -> int:
        width = (value + 1).bit_length()
        return 2 * width.bit_length() - 1 + width - 1

    def write(self, value: int, out: BitWriter) -> None:
        width = (value + 1).bit_length()
        if value < 0 or width > _WIDTH:
            raise ValueError(f"expected an integer from 0 to 2^{_WIDTH} − 2, got {value}")
        out.uint(width, 2 * width.bit_length() - 1)
        out.uint(value + 1 - (1 << width - 1), width - 1)

    def read(self, bits: BitReader) -> int:
        zeros = 0
        while not bits.uint(1):
            zeros += 1
            if zeros >= _WIDTH.bit_length():
                raise DecodeError(f"a number of more than {_WIDTH} bits came")
        width = 1 << zeros | bits.uint(zeros)
        return (1 << width - 1 | bits.uint(width - 1)) - 1
