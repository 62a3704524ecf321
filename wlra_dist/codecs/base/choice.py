"""One of several codes: which, then what it wrote."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import Codec
from wlra_dist.codecs.base.integers import Count


@dataclass(frozen=True)
class OneOf:
    """A pair (which, value): value in the code number `which`. Where there is just one, the choice costs nothing."""

    codes: Sequence[Codec[Any]]

    @property
    def limit(self) -> int:
        return self._which.limit + max(code.limit for code in self.codes)

    def bits(self, value: tuple[int, Any]) -> int:
        return self._which.limit + self.codes[value[0]].bits(value[1])

    def write(self, value: tuple[int, Any], out: BitWriter) -> None:
        self._which.write(value[0], out)
        self.codes[value[0]].write(value[1], out)

    def read(self, bits: BitReader) -> tuple[int, Any]:
        which = self._which.read(bits)
        return which, self.codes[which].read(bits)

    @property
    def _which(self) -> Count:
        return Count(len(self.codes) - 1)
