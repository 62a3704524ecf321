"""A factor of a rounded product: trellis-coded, or by rows or columns of integers of one scale each; the shortest."""

from dataclasses import dataclass

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import DecodeError, encode
from wlra_dist.codecs.entropy.quantised import Quantised
from wlra_dist.codecs.trellis.scaled import Scaled
from wlra_dist.codecs.trellis.scales import Hints

_SAMPLE = 1 << 16
"""Of about so many entries, all are tried both ways."""


@dataclass(frozen=True, eq=False)
class Factor:
    """Integers of absolute value at most `bound` < 2^61, whose scales the receiver has hints of."""

    hints: Hints
    bound: int

    @property
    def limit(self) -> int:
        return 2 + Quantised(self.hints.shape, self.bound).limit

    @property
    def trellis(self) -> Scaled:
        """The code of those that are paths of the trellis."""
        return Scaled(self.hints)

    def bits(self, value: np.ndarray) -> int:
        return encode(self, value).bits

    def write(self, value: np.ndarray, out: BitWriter) -> None:
        trellised, turned = self.trellis.written(value), self._is_shorter_turned(value)
        plain = encode(self._plain(turned), value.T if turned else value)
        is_plain = trellised is None or plain.bits < trellised.bits
        out.uint(is_plain, 1)
        if is_plain:
            out.uint(turned, 1)
        message = plain if trellised is None or is_plain else trellised
        out.packed(message.payload(), message.bits)

    def read(self, bits: BitReader) -> np.ndarray:
        """int64 array of shape `hints.shape`."""
        if not bits.uint(1):
            return self._trellised(bits)
        turned = bool(bits.uint(1))
        value = self._plain(turned).read(bits)
        return value.T if turned else value

    def _plain(self, turned: bool) -> Quantised:
        rows, columns = self.hints.shape
        return Quantised((columns, rows) if turned else (rows, columns), self.bound)

    def _is_shorter_turned(self, value: np.ndarray) -> bool:
        """Whether columns of one scale each take fewer bits than rows; of many entries, a sample tells."""
        every = max(1, value.size // _SAMPLE)
        some = value[:, ::every] if value.shape[1] > value.shape[0] else value[::every]
        by_rows, by_columns = (Quantised(of.shape, self.bound).bits(of) for of in (some, some.T))
        return by_columns < by_rows

    def _trellised(self, bits: BitReader) -> np.ndarray:
        if not self.trellis.suits:
            raise DecodeError("a matrix came trellis-coded whose shape does not allow it")
        value = self.trellis.read(bits)
        if np.abs(value).max() > self.bound:
            raise DecodeError(f"integers of absolute value at most {self.bound} were due, larger ones came")
        return value
