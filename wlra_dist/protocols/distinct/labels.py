"""To which of p groups each of n things belongs: at the entropy of the groups' sizes, for nothing if all differ.

W is public, and things whose weights differ may be known to be apart: then only what that leaves open is said.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import Codec, DecodeError, encode
from wlra_dist.codecs.base.digits import Digits
from wlra_dist.codecs.base.integers import Count
from wlra_dist.codecs.entropy.histogram import Counted
from wlra_dist.weights import Weights
from wlra_dist.weights.distinct import equal_weights
from wlra_dist.weights.grouping import Groups, numbered

_MOST_COUNTED = 1 << 16
"""With more groups than that, their sizes would cost more than they save."""

LARGEST = 2**28
"""Entries of W that are looked at for equal rows and columns."""


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


@dataclass(frozen=True, eq=False)
class LabelsBeside:
    """Labels of which some are told by public groups: all of them, or where it is shorter what the groups leave open.

    Attributes:
        size: how many labels.
        public: the public group of each thing, asked for where it is used; None where finding it would cost too much.
    """

    size: int
    public: Callable[[], np.ndarray] | None

    @property
    def limit(self) -> int:
        return 1 + Labels(self.size).limit + self.size * (Count(self.size).limit + 1)

    def bits(self, value: np.ndarray) -> int:
        return encode(self, value).bits

    def write(self, value: np.ndarray, out: BitWriter) -> None:
        plainly, refined = BitWriter(), BitWriter()
        Labels(self.size).write(value, plainly)
        if self.public is None:
            out.extend(plainly)
            return
        if apart := _refines(value, self.public()):
            _Refined(self.public()).write(value, refined)
        shorter = apart and refined.bits < plainly.bits
        out.uint(shorter, 1)
        out.extend(refined if shorter else plainly)

    def read(self, bits: BitReader) -> np.ndarray:
        """int64 array of shape (size,), numbered by first occurrence where it was told beside the public groups."""
        if self.public is None or not bits.uint(1):
            return Labels(self.size).read(bits)
        return _Refined(self.public()).read(bits)


@dataclass(frozen=True, eq=False)
class _Refined:
    """Labels, none in two public groups: of each group the labels within it."""

    public: np.ndarray

    def write(self, value: np.ndarray, out: BitWriter) -> None:
        for members in self._shared:
            Labels(len(members)).write(numbered(value[members]), out)

    def read(self, bits: BitReader) -> np.ndarray:
        value = self.public.astype(np.int64) * len(self.public)
        for members in self._shared:
            value[members] += Labels(len(members)).read(bits)
        return numbered(value)

    @property
    def _shared(self) -> list[np.ndarray]:
        """The members of each public group that has several."""
        order = np.argsort(self.public, kind="stable")
        groups = np.split(order, np.flatnonzero(np.diff(self.public[order])) + 1)
        return [members for members in groups if len(members) > 1]


def _refines(value: np.ndarray, public: np.ndarray) -> bool:
    """Whether no label is in two public groups, and labels are numbered by first occurrence."""
    first = np.unique(value, return_index=True)[1]
    return np.array_equal(public[first][value], public) and np.array_equal(numbered(value), value)


def labels_beside(n: int, d: int, kinds: Callable[[], Groups] | None) -> tuple[LabelsBeside, LabelsBeside]:
    """The codes of rows' and of columns' labels, beside the groups of equal weights."""
    rows, columns = (kinds and partial(_side, kinds, side) for side in (0, 1))
    return LabelsBeside(n, rows), LabelsBeside(d, columns)


def _side(kinds: Callable[[], Groups], side: int) -> np.ndarray:
    return kinds()[side]


def kinds_of_weights(W: Weights) -> Callable[[], Groups] | None:
    """The groups of equal rows and of equal columns of W, looked for once, when asked for; None for very large W."""
    n, d = W.shape
    return cache(lambda: equal_weights(W)) if n * d <= LARGEST else None
