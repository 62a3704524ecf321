"""Columns S and rows I of an integer block that cross in a basis of it: what a block of low rank is made of.

Rows are columns of the transpose, and travel as such.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import DecodeError, encode
from wlra_dist.codecs.columns.column_set import ColumnSet, Places
from wlra_dist.codecs.columns.integer_columns import IntegerColumns, most_bits
from wlra_dist.codecs.entropy.subset import Subset
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.weights import DenseWeights, Weights
from wlra_dist.weights.weighing import dense, others


class Skeleton(NamedTuple):
    """A on supp(W), in as many columns as rows.

    Attributes:
        S: c columns of the block, ascending.
        C: A on these, n×c.
        rows: c of its rows, ascending.
        R: A on these and on the columns not in S, c×(d−c).
    """

    S: np.ndarray
    C: Matrix
    rows: np.ndarray
    R: np.ndarray


@dataclass(frozen=True, eq=False)
class SkeletonCode:
    """The Skeleton of a block with public weights W (n×d) and entry bound `bound`."""

    W: Weights
    bound: int
    sparse: bool

    @property
    def limit(self) -> int:
        n, d = self.W.shape
        return ColumnSet(self.W.groups).limit + Places(n).limit + 2 * most_bits(n * d, self.bound)

    def bits(self, value: Skeleton) -> int:
        return encode(self, value).bits

    def write(self, value: Skeleton, out: BitWriter) -> None:
        S, C, rows, R = value
        with out.part("column indices"):
            ColumnSet(self.W.groups).write(S, out)
        with out.part("row indices"):
            Subset(len(S), self.W.shape[0]).write(rows, out)
        IntegerColumns(self.W, S, self.bound, self.sparse).write(C, out)
        self._rows_code(S, rows).write(R.T, out)
        out.count(len(S) + len(rows))

    def read(self, bits: BitReader) -> Skeleton:
        n, _ = self.W.shape
        with bits.part("column indices"):
            S = ColumnSet(self.W.groups).read(bits)
        if len(S) > n:
            raise DecodeError(f"{len(S)} columns came with as many rows, but there are {n} rows")
        with bits.part("row indices"):
            rows = Subset(len(S), n).read(bits)
        C = IntegerColumns(self.W, S, self.bound, self.sparse).read(bits)
        R = dense(self._rows_code(S, rows).read(bits)).T
        bits.count(len(S) + len(rows))
        return Skeleton(S, C, rows, R)

    def _rows_code(self, S: np.ndarray, rows: np.ndarray) -> IntegerColumns:
        """The code of these rows on the columns not in S, as columns of Aᵀ."""
        rest = others(S, self.W.shape[1])
        weights = self.W.entries(np.tile(rows, len(rest)), np.repeat(rest, len(rows)))
        transposed = DenseWeights(weights.reshape(len(rest), len(rows)))
        return IntegerColumns(transposed, np.arange(len(rows)), self.bound, sparse=False)
