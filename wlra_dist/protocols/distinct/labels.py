"""To which of p groups each of n things belongs: at the entropy of the groups' sizes, for nothing if all differ."""

from dataclasses import dataclass

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import Codec, DecodeError, encode
from wlra_dist.codecs.base.digits import Digits
from wlra_dist.codecs.base.integers import Count
from wlra_dist.codecs.entropy.histogram import Counted

_MOST_COUNTED = 1 << 16
"""With more groups than that, their sizes would cost more than they save."""


@dataclass(frozen=True)
class Labels:
    """`size` labels 0 … p−1, each of which occurs: p, then the labels; n different ones are 0 … n−1 in order."""

    size: int

    @property
    def limit(self) -> int:
        most = max(
            (self._labels(groups).limit for groups in {1, self.size - 1, min(self.size, _MOST_COUNTED)}), default=0
        )
        return Count(self.size).limit + most

    def bits(self, value: np.ndarray) -> int:
        return encode(self, value).bits

    def write(self, value: np.ndarray, out: BitWriter) -> None:
        groups = int(value.max(initial=-1)) + 1
        if groups == self.size and not np.array_equal(value, np.arange(self.size)):
            raise ValueError(f"expected {self.size} different labels in order")
        Count(self.size).write(groups, out)
        if groups < self.size:
            self._labels(groups).write(value, out)
        out.count(self.size if groups < self.size else 0)

    def read(self, bits: BitReader) -> np.ndarray:
        """int64 array of shape (size,)."""
        groups = Count(self.size).read(bits)
        if groups == self.size:
            return np.arange(self.size)
        if not groups:
            raise DecodeError(f"{self.size} labels were due, of no group")
        value = self._labels(groups).read(bits).astype(np.int64)
        if len(np.unique(value)) < groups:
            raise DecodeError(f"labels of {groups} groups were due, some have no member")
        bits.count(self.size)
        return value

    def _labels(self, groups: int) -> Codec[np.ndarray]:
        alphabet = max(groups, 1)
        return Counted(self.size, alphabet) if alphabet <= _MOST_COUNTED else Digits(self.size, alphabet)
