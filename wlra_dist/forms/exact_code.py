"""Integer columns and rounded coefficients Ŷ of the others."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import DecodeError, encode
from wlra_dist.codecs.base.grid import GRID_BOUND, Exponent
from wlra_dist.codecs.columns.column_set import ColumnSet
from wlra_dist.codecs.columns.integer_columns import IntegerColumns, most_bits
from wlra_dist.codecs.entropy.quantised import Quantised
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.weights import Weights


class Likely(NamedTuple):
    """What public facts lead to expect, so that it takes a bit to say: it need not be so.

    Attributes:
        columns: of each group of columns of equal weights, the first so many are chosen.
        height: the first so many places of each column are in use.
    """

    columns: int | None = None
    height: int | None = None


ANYTHING = Likely()
"""Nothing is expected."""


class DescribedColumns(NamedTuple):
    """Columns of an integer block, and what the others are made of.

    Attributes:
        S: c columns of the block, ascending.
        C: A on these and on supp(W), n×c.
        exponent: of the step of Y.
        Y: grid indices of QᵀB on the columns not in S, c×(d−c).
        rounded: whether the receiver shall round Ã to integers.
    """

    S: np.ndarray
    C: Matrix
    exponent: int
    Y: np.ndarray
    rounded: bool


@dataclass(frozen=True, eq=False)
class IntegerColumnsAndY:
    """DescribedColumns of a block with public weights W (n×d) and entry bound `bound`."""

    W: Weights
    bound: int
    sparse: bool
    likely: Likely = ANYTHING

    @property
    def limit(self) -> int:
        n, d = self.W.shape
        columns = self._set.limit + most_bits(n * d, self.bound)
        return columns + 2 + Exponent().limit + Quantised((d, d), GRID_BOUND).limit

    def bits(self, value: DescribedColumns) -> int:
        return encode(self, value).bits

    def write(self, value: DescribedColumns, out: BitWriter) -> None:
        with out.part("column indices"):
            self._set.write(value.S, out)
        self._columns(value.S).write(value.C, out)
        any_Y = bool(value.Y.any())
        out.uint(any_Y, 1)
        if any_Y:
            out.uint(value.rounded, 1)
            with out.part("coefficients"):
                Exponent().write(value.exponent, out)
                Quantised(value.Y.shape, GRID_BOUND).write(value.Y, out)
        out.count(len(value.S) + value.Y.size)

    def read(self, bits: BitReader) -> DescribedColumns:
        with bits.part("column indices"):
            S = self._set.read(bits)
        C = self._columns(S).read(bits)
        shape = len(S), self.W.shape[1] - len(S)
        exponent, Y, rounded = 0, np.zeros(shape, dtype=np.int64), False
        if bits.uint(1):
            rounded = bool(bits.uint(1))
            with bits.part("coefficients"):
                exponent = Exponent().read(bits)
                Y = Quantised(shape, GRID_BOUND).read(bits)
            if not Y.any():
                raise DecodeError("coefficients were announced, and all are 0")
        bits.count(len(S) + Y.size)
        return DescribedColumns(S, C, exponent, Y, rounded)

    @property
    def _set(self) -> ColumnSet:
        return ColumnSet(self.W.groups, self.likely.columns)

    def _columns(self, S: np.ndarray) -> IntegerColumns:
        return IntegerColumns(self.W, S, self.bound, self.sparse, self.likely.height)
