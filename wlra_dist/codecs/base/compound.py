"""Records, rows and lists of messages, one after the other: each part delimits itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import Codec
from wlra_dist.codecs.base.integers import Count

T = TypeVar("T")
Message = TypeVar("Message", bound=tuple[Any, ...])


@dataclass(frozen=True)
class Fields(Generic[Message]):
    """A NamedTuple, field after field, each in its own code.

    Attributes:
        kind: the type, made from its fields in order.
        codes: one for each field.
    """

    kind: Callable[..., Message]
    codes: Sequence[Codec[Any]]

    @property
    def limit(self) -> int:
        return sum(code.limit for code in self.codes)

    def bits(self, value: Message) -> int:
        return sum(code.bits(field) for code, field in zip(self.codes, value, strict=True))

    def write(self, value: Message, out: BitWriter) -> None:
        for code, field in zip(self.codes, value, strict=True):
            code.write(field, out)

    def read(self, bits: BitReader) -> Message:
        return self.kind(*[code.read(bits) for code in self.codes])


@dataclass(frozen=True)
class Each(Generic[T]):
    """A value of each of these codes, in turn: as many as there are codes."""

    codes: Sequence[Codec[T]]

    @property
    def limit(self) -> int:
        return sum(code.limit for code in self.codes)

    def bits(self, value: list[T]) -> int:
        return sum(code.bits(item) for code, item in zip(self.codes, value, strict=True))

    def write(self, value: list[T], out: BitWriter) -> None:
        for code, item in zip(self.codes, value, strict=True):
            code.write(item, out)

    def read(self, bits: BitReader) -> list[T]:
        return [code.read(bits) for code in self.codes]


@dataclass(frozen=True)
class ListOf(Generic[T]):
    """At most `most` values of `item`: how many, then each."""

    item: Codec[T]
    most: int

    @property
    def limit(self) -> int:
        return Count(self.most).limit + self.most * self.item.limit

    def bits(self, value: Sequence[T]) -> int:
        return Count(self.most).limit + sum(map(self.item.bits, value))

    def write(self, value: Sequence[T], out: BitWriter) -> None:
        Count(self.most).write(len(value), out)
        for item in value:
            self.item.write(item, out)

    def read(self, bits: BitReader) -> list[T]:
        return [self.item.read(bits) for _ in range(Count(self.most).read(bits))]


@dataclass(frozen=True)
class Maybe(Generic[T]):
    """A value of `code`, or None: a bit says which."""

    code: Codec[T]

    @property
    def limit(self) -> int:
        return 1 + self.code.limit

    def bits(self, value: T | None) -> int:
        return 1 if value is None else 1 + self.code.bits(value)

    def write(self, value: T | None, out: BitWriter) -> None:
        out.uint(value is not None, 1)
        if value is not None:
            self.code.write(value, out)

    def read(self, bits: BitReader) -> T | None:
        return self.code.read(bits) if bits.uint(1) else None
