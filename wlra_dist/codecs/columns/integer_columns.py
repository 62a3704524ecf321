"""Integer columns in the shortest of several codes, none of which knows what the columns are for."""

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.choice import Which
from wlra_dist.codecs.base.codec import encode
from wlra_dist.codecs.base.integers import Count, Integers
from wlra_dist.codecs.columns.hull import Hull
from wlra_dist.codecs.columns.layout import Layout
from wlra_dist.codecs.columns.neighbours import Neighbours
from wlra_dist.codecs.columns.row_patterns import RowPatterns
from wlra_dist.codecs.columns.turns import LARGEST_BOUND, Turns
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.weights import Weights


class Mode(Protocol):
    """A code of the entries at all places of a layout."""

    def write(self, values: np.ndarray, out: BitWriter) -> None: ...

    def read(self, bits: BitReader) -> np.ndarray: ...


@dataclass(frozen=True, eq=False)
class IntegerColumns:
    """Columns S of an integer block on supp(W), n×c, of absolute value at most `bound`.

    Args:
        W: the public weights of the block.
        S: which of its columns they are.
        bound: the public entry bound.
        sparse: whether the receiver wants a csc_array.
        likely: the first so many places of each column may be expected to be in use; all if not given.
    """

    W: Weights
    S: np.ndarray
    bound: int
    sparse: bool
    likely: int | None = None

    @property
    def limit(self) -> int:
        return most_bits(self._layout.places, self.bound)

    def bits(self, value: Matrix) -> int:
        return encode(self, value).bits

    def write(self, value: Matrix, out: BitWriter) -> None:
        if not self._layout.places:
            return
        values = self._layout.pick(value)
        tries = []
        for mode in self._modes:
            tries.append(BitWriter())
            mode.write(values, tries[-1])
        best = min(range(len(tries)), key=lambda mode: tries[mode].bits)
        self._which.write(best, out)
        out.extend(tries[best])
        out.count(2 * int(np.count_nonzero(values)))

    def read(self, bits: BitReader) -> Matrix:
        if not self._layout.places:
            return self._layout.put(np.zeros(0, dtype=np.int64), sparse=self.sparse)
        values = self._modes[self._which.read(bits)].read(bits)
        bits.count(2 * int(np.count_nonzero(values)))
        return self._layout.put(values, sparse=self.sparse)

    @cached_property
    def _layout(self) -> Layout:
        return Layout(self.W, self.S)

    @cached_property
    def _modes(self) -> list[Mode]:
        few = (Turns,) if self.bound <= LARGEST_BOUND else ()
        others = [mode(self._layout, self.bound) for mode in (RowPatterns, Neighbours, *few)]
        return [Hull(self._layout, self.bound, self.likely), *others]

    @property
    def _which(self) -> Which:
        return Which(len(self._modes))


def most_bits(places: int, bound: int) -> int:
    """The most bits of columns that have so many places: those of a hull around all, which others must beat."""
    return 5 + 2 * Count(places).limit + Integers(places, bound).limit + places // 512 + 64
