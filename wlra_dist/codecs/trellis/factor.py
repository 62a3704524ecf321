"""A factor of a rounded product: trellis-coded, or plain multiples by rows or columns of one scale each."""

from dataclasses import dataclass

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import DecodeError, encode
from wlra_dist.codecs.entropy.quantised import Quantised
from wlra_dist.codecs.trellis.lattice import Lattice, RoundedEntries
from wlra_dist.codecs.trellis.scales import Hints

_SAMPLE = 1 << 16
"""Of about so many entries, all are tried both ways."""


@dataclass(frozen=True, eq=False)
class Factor:
    """Multiples of a step, of absolute value at most `bound` < 2^56, whose scales the receiver has hints of."""

    hints: Hints
    bound: int

    @property
    def limit(self) -> int:
        plain = Quantised(self.hints.shape, self.bound).limit
        return 2 + (max(plain, self._lattice.limit) if self._lattice.suits else plain)

    def bits(self, value: RoundedEntries) -> int:
        return encode(self, value).bits

    def write(self, value: RoundedEntries, out: BitWriter) -> None:
        out.uint(value.scales is None, 1)
        if value.scales is not None:
            self._lattice.write(value, out)
            return
        turned = self._is_shorter_turned(value.v)
        out.uint(turned, 1)
        self._plain(turned).write(value.v.T if turned else value.v, out)

    def read(self, bits: BitReader) -> RoundedEntries:
        if not bits.uint(1):
            return self._trellised(bits)
        turned = bool(bits.uint(1))
        v = self._plain(turned).read(bits)
        return RoundedEntries.plainly(v.T if turned else v)

    @property
    def _lattice(self) -> Lattice:
        return Lattice(self.hints)

    def _plain(self, turned: bool) -> Quantised:
        rows, columns = self.hints.shape
        return Quantised((columns, rows) if turned else (rows, columns), self.bound)

    def _is_shorter_turned(self, v: np.ndarray) -> bool:
        """Whether columns of one scale each take fewer bits than rows; of many entries, a sample tells."""
        every = max(1, v.size // _SAMPLE)
        some = v[:, ::every] if v.shape[1] > v.shape[0] else v[::every]
        by_rows, by_columns = (Quantised(of.shape, self.bound).bits(of) for of in (some, some.T))
        return by_columns < by_rows

    def _trellised(self, bits: BitReader) -> RoundedEntries:
        if not self._lattice.suits:
            raise DecodeError("a matrix came trellis-coded whose shape does not allow it")
        value = self._lattice.read(bits)
        if np.abs(value.v).max() > self.bound:
            raise DecodeError(f"multiples of at most {self.bound} were due, larger ones came")
        return value
