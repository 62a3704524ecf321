"""Words passed on as they were heard: the payloads of messages, one after the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.integers import Count


class Words(NamedTuple):
    """A message's payload: so many bits, padded to bytes."""

    bits: int
    payload: bytes


@dataclass(frozen=True)
class Relayed:
    """The words of several messages; it is public that the t-th of them takes `limits[t]` bits at most.

    The theorem's count of them is that of their bits in words of `word` bits.
    """

    limits: Sequence[int]
    word: int

    @property
    def limit(self) -> int:
        return sum(most + Count(most).limit for most in self.limits)

    def bits(self, value: Sequence[Words]) -> int:
        return sum(words.bits + Count(most).limit for words, most in zip(value, self.limits, strict=True))

    def write(self, value: Sequence[Words], out: BitWriter) -> None:
        for (bits, payload), most in zip(value, self.limits, strict=True):
            Count(most).write(bits, out)
            with out.part("relayed words"):
                out.packed(payload, bits)
            out.count(-(-bits // self.word))

    def read(self, bits: BitReader) -> list[Words]:
        return [self._read_one(most, bits) for most in self.limits]

    def _read_one(self, most: int, bits: BitReader) -> Words:
        length = Count(most).read(bits)
        bits.count(-(-length // self.word))
        with bits.part("relayed words"):
            return Words(length, bits.packed(length))
