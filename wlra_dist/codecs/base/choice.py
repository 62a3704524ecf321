"""One of several codes: which, then what it wrote. The first is the usual one, and takes a bit to name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import Codec
from wlra_dist.codecs.base.integers import Count


class Choice(NamedTuple):
    """A value in the code number `which` of several."""

    which: int
    value: Any


@dataclass(frozen=True)
class Which:
    """One of `choices` numbers 0, 1, …: a bit for 0, the others at the width of the last; none if 0 is all there is."""

    choices: int

    @property
    def limit(self) -> int:
        return self.bits(self.choices - 1)

    def bits(self, value: int) -> int:
        return min(self.choices - 1, 1) + (self._other.limit if value else 0)

    def write(self, value: int, out: BitWriter) -> None:
        if self.choices > 1:
            out.uint(value == 0, 1)
        if value:
            self._other.write(value - 1, out)

    def read(self, bits: BitReader) -> int:
        return 0 if self.choices == 1 or bits.uint(1) else 1 + self._other.read(bits)

    @property
    def _other(self) -> Count:
        return Count(max(self.choices - 2, 0))


@dataclass(frozen=True)
class OneOf:
    """A Choice among these codes."""

    codes: Sequence[Codec[Any]]

    @property
    def limit(self) -> int:
        return self._which.limit + max(code.limit for code in self.codes)

    def bits(self, value: Choice) -> int:
        return self._which.bits(value.which) + self.codes[value.which].bits(value.value)

    def write(self, value: Choice, out: BitWriter) -> None:
        self._which.write(value.which, out)
        self.codes[value.which].write(value.value, out)

    def read(self, bits: BitReader) -> Choice:
        which = self._which.read(bits)
        return Choice(which, self.codes[which].read(bits))

    @property
    def _which(self) -> Which:
        return Which(len(self.codes))
