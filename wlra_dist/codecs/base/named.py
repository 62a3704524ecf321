"""A part of a message that the ledger counts by itself."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import Codec

T = TypeVar("T")


@dataclass(frozen=True)
class Named(Generic[T]):
    """A value of `code`, booked under `name`."""

    name: str
    code: Codec[T]

    @property
    def limit(self) -> int:
        return self.code.limit

    def bits(self, value: T) -> int:
        return self.code.bits(value)

    def write(self, value: T, out: BitWriter) -> None:
        with out.part(self.name):
            self.code.write(value, out)

    def read(self, bits: BitReader) -> T:
        with bits.part(self.name):
            return self.code.read(bits)
