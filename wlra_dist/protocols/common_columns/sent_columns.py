"""Columns of a block on their own, with no coefficients: the message by which all get to know the same columns.

Columns of A travel exactly, or as floats; columns of B = W∘A may also be rounded, each to a grid of its own step.
Either way the receiver can pass them on: what it decoded, it can encode without further loss.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import Codec, DecodeError, encode
from wlra_dist.codecs.base.compound import Each
from wlra_dist.codecs.base.grid import GRID_BOUND, Exponent, step
from wlra_dist.codecs.columns.column_set import ColumnSet
from wlra_dist.codecs.columns.columns import SparseColumns, entries
from wlra_dist.codecs.columns.integer_columns import IntegerColumns, most_bits
from wlra_dist.codecs.entropy.quantised import Quantised
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.weights import Weights

Travel = Literal["integer", "plain", "rounded"]


class SentColumns(NamedTuple):
    """Some columns of a block, as the receiver has them.

    Attributes:
        S: which they are, ascending.
        C: n×c, columns of A on supp(W), or rounded columns of B.
        exponents: of the steps of rounded columns (c); zeros where they are not rounded.
    """

    S: np.ndarray
    C: Matrix
    exponents: np.ndarray


@dataclass(frozen=True, eq=False)
class SentColumnsCode:
    """SentColumns of a block with public weights W (n×d).

    Args:
        W: the weights.
        columns: how columns travel: integers in their shortest code, plain numbers, or rounded.
        bound: the public entry bound of integers; None where A is real.
        sparse: whether the receiver wants a csc_array; rounded columns are dense.
        width: bits of a plain real entry.
    """

    W: Weights
    columns: Travel
    bound: int | None
    sparse: bool
    width: Literal[32, 64] = 64

    @property
    def limit(self) -> int:
        n, d = self.W.shape
        most = {
            "integer": lambda: most_bits(n * d, self.bound or 0),
            "plain": lambda: 1 + entries(n * d, self.bound, self.width).limit,
            "rounded": lambda: d * Exponent().limit + Quantised((d, n), GRID_BOUND).limit,
        }
        return ColumnSet(self.W.groups).limit + most[self.columns]()

    def bits(self, value: SentColumns) -> int:
        return encode(self, value).bits

    def write(self, value: SentColumns, out: BitWriter) -> None:
        with out.part("column indices"):
            ColumnSet(self.W.groups).write(value.S, out)
        out.count(len(value.S))
        if self.columns != "rounded":
            self._entries(value.S).write(value.C, out)
            return
        with out.part("steps"):
            _steps(value.S).write(value.exponents.tolist(), out)
        with out.part("values of C"):
            rows = self._rows(value.S)
            grid = np.rint(np.asarray(value.C)[rows] / step(value.exponents)).astype(np.int64)
            Quantised(grid.T.shape, GRID_BOUND).write(grid.T, out)
        out.count(2 * int(np.count_nonzero(grid)))

    def read(self, bits: BitReader) -> SentColumns:
        with bits.part("column indices"):
            S = ColumnSet(self.W.groups).read(bits)
        bits.count(len(S))
        if self.columns != "rounded":
            return SentColumns(S, self._entries(S).read(bits), np.zeros(len(S), dtype=np.int64))
        with bits.part("steps"):
            exponents = np.array(_steps(S).read(bits), dtype=np.int64)
        with bits.part("values of C"):
            rows = self._rows(S)
            grid = Quantised((len(S), len(rows)), GRID_BOUND).read(bits).T
        bits.count(2 * int(np.count_nonzero(grid)))
        C = np.zeros((self.W.shape[0], len(S)))
        with np.errstate(over="ignore"):
            C[rows] = grid * step(exponents)
        if not np.isfinite(C).all():
            raise DecodeError("a column came with an infinite entry")
        return SentColumns(S, C, exponents)

    def _entries(self, S: np.ndarray) -> Codec[Matrix]:
        if self.columns == "integer":
            return IntegerColumns(self.W, S, self.bound or 0, self.sparse)
        return SparseColumns(self.W, S, self.bound, self.sparse, self.width)

    def _rows(self, S: np.ndarray) -> np.ndarray:
        """The rows that travel: those in which a column may have an entry."""
        return np.flatnonzero(self.W.dense(S).any(axis=1))


def _steps(S: np.ndarray) -> Each[int]:
    return Each([Exponent()] * len(S))
