"""What a codec is: values to bits and back, its longest message known from public shapes alone.

Rule 1: self-delimiting. `read` consumes exactly what `write` wrote, so messages can follow one another.
Rule 2: `read(write(x))` is what the receiver gets, in every world; rounding is part of the game.
Rule 3: bytes that are no message raise DecodeError and nothing else. A codec is built from public shapes and
bounds, and `read` never allocates more than those allow, whatever the bytes claim.
Rule 4: `bits(x)` is the exact length of `write(x)`.
"""

from typing import Protocol, TypeVar

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.bits import DecodeError as DecodeError

T = TypeVar("T")


class Codec(Protocol[T]):
    """A way to write a T as bits."""

    def write(self, value: T, out: BitWriter) -> None: ...

    def read(self, bits: BitReader) -> T: ...

    def bits(self, value: T) -> int:
        """The exact number of bits that `write` takes for `value`."""
        ...

    @property
    def limit(self) -> int:
        """The most bits that any message of this codec takes."""
        ...


def encode(codec: Codec[T], value: T) -> BitWriter:
    """The bits of `value`."""
    out = BitWriter()
    codec.write(value, out)
    return out


def decode(codec: Codec[T], payload: bytes, bits: int) -> tuple[T, BitReader]:
    """The value, and the reader that says which part took how many bits; DecodeError on anything else."""
    reader = BitReader(payload, bits)
    value = codec.read(reader)
    reader.finish()
    return value, reader


def received(codec: Codec[T], value: T) -> T:
    """What the receiver gets for `value`: a sender that asks this knows its own rounding."""
    written = encode(codec, value)
    return decode(codec, written.payload(), written.bits)[0]
