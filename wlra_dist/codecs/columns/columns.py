"""Columns of A and the coefficients X: the message of Woodruff & Yasuda, Thm 3.1, as the theorem counts it.

W is public, so a column of A travels on supp(W) only: either the value of each entry there, or, where most are zero,
the rows of the nonzeros and their values; whichever is shorter.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import Codec, DecodeError
from wlra_dist.codecs.base.integers import Count, Indices, Integers
from wlra_dist.codecs.base.reals import Coefficients, Floats
from wlra_dist.linalg.matrix import Matrix, dense, is_sparse
from wlra_dist.linalg.matrix import nonzeros as number_of_nonzeros
from wlra_dist.weights import SparseWeights, Weights
from wlra_dist.weights.support import support_places, support_sizes


@dataclass(frozen=True, eq=False)
class SparseColumns:
    """n×c columns of A, zero off the support of W.

    Args:
        W: the public weights of the block that the columns are from.
        S: which of its columns they are.
        bound: the public entry bound of an integer game; None for real entries.
        sparse: whether the receiver wants a scipy.sparse csc_array rather than a dense array.
        width: bits of a real entry.
    """

    W: Weights
    S: np.ndarray | slice
    bound: int | None
    sparse: bool
    width: Literal[32, 64] = 64

    @cached_property
    def support(self) -> np.ndarray:
        """Where W is not 0 on these columns (bool, n×c); formed only where all of its entries travel."""
        return self.W.dense(self.S) > 0

    @cached_property
    def columns(self) -> np.ndarray:
        """S as indices (c)."""
        return np.arange(self.W.shape[1])[self.S]

    @cached_property
    def sizes(self) -> np.ndarray:
        """How many entries each column's support has (c)."""
        return support_sizes(self.W, self.columns)

    @property
    def shape(self) -> tuple[int, int]:
        """n, c."""
        return self.W.shape[0], len(self.columns)

    @property
    def limit(self) -> int:
        return 1 + self._values(int(self.sizes.sum())).limit

    def bits(self, value: Matrix) -> int:
        nonzeros = self._shorter_listed(value)
        return 1 + (self._bits_listed(nonzeros) if nonzeros else self._bits_full(value))

    def write(self, value: Matrix, out: BitWriter) -> None:
        nonzeros = self._shorter_listed(value)
        out.uint(nonzeros is not None, 1)
        if nonzeros:
            values = nonzeros.values
            with out.part("support of C"):
                self._row_counts.write(nonzeros.counts, out)
                self._rows(len(values)).write(nonzeros.rows, out)
            out.count(2 * len(values))
        else:
            values = self._on_support(value)
            out.count(self._words(values))
        with out.part("values of C"):
            self._values(len(values)).write(values, out)

    def read(self, bits: BitReader) -> Matrix:
        if bits.uint(1):
            with bits.part("support of C"):
                counts = self._row_counts.read(bits)
                if (counts > self.sizes).any():
                    raise DecodeError("a column came with more nonzeros than W has")
                rows = self._rows(int(counts.sum())).read(bits)
            columns = np.repeat(np.arange(len(counts)), counts)
            self._check(rows, columns)
            bits.count(2 * len(rows))
            return self._matrix(rows, columns, self._read_values(len(rows), bits))
        values = self._read_values(int(self.sizes.sum()), bits)
        bits.count(self._words(values))
        if self.sparse:
            return self._matrix(*support_places(self.W, self.columns), values)
        C = np.zeros(self.support.shape)
        C.T[self.support.T] = values
        return C

    def _read_values(self, size: int, bits: BitReader) -> np.ndarray:
        with bits.part("values of C"):
            values = self._values(size).read(bits)
        return values.astype(float)

    def _words(self, values: np.ndarray) -> int:
        """The theorem's count of all entries of the support: a row and a value a nonzero, or each value if fewer."""
        as_sent = values.astype(np.float32) if self.bound is None and self.width == 32 else values
        return min(len(values), 2 * int(np.count_nonzero(as_sent)))

    def _shorter_listed(self, value: Matrix) -> "Nonzeros | None":
        """The nonzeros, where listing them is shorter than all entries of the support."""
        full = self._bits_full(value)
        size = number_of_nonzeros(value)
        places = self._row_counts.limit + self._rows(size).limit
        if places + (self._values(size).limit if self.bound is None else 0) >= full:
            return None  # whatever the values are; finding the nonzeros costs more than counting them
        nonzeros = Nonzeros.of(value)
        return nonzeros if self._bits_listed(nonzeros) < full else None

    @property
    def _row_counts(self) -> Indices:
        n, c = self.shape
        return Indices(c, n + 1)

    def _rows(self, size: int) -> Indices:
        return Indices(size, self.shape[0])

    def _values(self, size: int) -> Codec[Any]:
        return entries(size, self.bound, self.width)

    def _bits_listed(self, nonzeros: "Nonzeros") -> int:
        size = len(nonzeros.rows)
        return self._row_counts.limit + self._rows(size).limit + self._values(size).bits(nonzeros.values)

    def _bits_full(self, value: Matrix) -> int:
        size = int(self.sizes.sum())
        codec = self._values(size)
        if self.bound is None:
            return codec.limit
        if is_sparse(value):  # a range is one with any number of zeros
            return codec.bits(np.append(value.data, np.zeros(int(value.nnz < size))))
        return codec.bits(self._on_support(value))

    def _on_support(self, value: Matrix) -> np.ndarray:
        """The entries on the support, column by column."""
        if is_sparse(value):
            return SparseWeights(value).entries(*support_places(self.W, self.columns))
        return dense(value).T[self.support.T]

    def _check(self, rows: np.ndarray, columns: np.ndarray) -> None:
        if (np.diff(columns * self.shape[0] + rows) <= 0).any():
            raise DecodeError("the rows of a column do not ascend")
        if not self.W.entries(rows, self.columns[columns]).all():
            raise DecodeError("an entry came where W is 0")

    def _matrix(self, rows: np.ndarray, columns: np.ndarray, values: np.ndarray) -> Matrix:
        if self.sparse:
            from scipy.sparse import csc_array

            return csc_array((values, (rows, columns)), shape=self.shape)
        C = np.zeros(self.shape)
        C[rows, columns] = values
        return C


def entries(size: int, bound: int | None, width: Literal[32, 64]) -> Codec[Any]:
    """The code of `size` entries of A: exact integers below a public bound, or floats."""
    return Floats((size,), width) if bound is None else Integers(size, bound)


class Nonzeros(NamedTuple):
    """The nonzeros of a matrix, column by column."""

    counts: np.ndarray
    rows: np.ndarray
    values: np.ndarray

    @classmethod
    def of(cls, C: Matrix) -> "Nonzeros":
        if not is_sparse(C):
            entries = dense(C).T
            nonzero = entries != 0
            return cls(nonzero.sum(axis=1), np.nonzero(nonzero)[1], entries[nonzero])
        sorted_C: Any = C.copy()
        sorted_C.sum_duplicates()
        sorted_C.eliminate_zeros()
        return cls(np.diff(sorted_C.indptr), sorted_C.indices, sorted_C.data)


class SelectedColumns(NamedTuple):
    """Columns S of a block of A, and how the other columns of W∘A follow from them.

    Attributes:
        S: the indices of the c columns within the block, in the order chosen.
        C: A's columns S on supp(W), n×c.
        X: c×(d−c) coefficients of the columns not in S, ascending; those of S are the identity and cost nothing.
        width: bits of a coefficient.
        rounded: whether the receiver, who knows that A is integral, shall round Ã to integers.
    """

    S: np.ndarray
    C: Matrix
    X: np.ndarray
    width: int
    rounded: bool


@dataclass(frozen=True, eq=False)
class ColumnsAndX:
    """SelectedColumns of a block of A with public weights W (n×d): how many, which, C on supp(W), X."""

    W: Weights
    bound: int | None
    sparse: bool
    width: Literal[32, 64] = 64

    @property
    def limit(self) -> int:
        n, d = self.W.shape
        indices = Count(d).limit + Indices(d, d).limit
        return indices + 2 + entries(n * d, self.bound, self.width).limit + Coefficients((d, d)).limit

    def bits(self, value: SelectedColumns) -> int:
        d, c = self.W.shape[1], len(value.S)
        indices = Count(d).limit + Indices(c, d).limit
        coefficients = Coefficients((c, d - c)).bits((value.width, value.X))
        return indices + 1 + self._columns(value.S).bits(value.C) + coefficients

    def write(self, value: SelectedColumns, out: BitWriter) -> None:
        d, c = self.W.shape[1], len(value.S)
        Count(d).write(c, out)
        out.uint(value.rounded, 1)
        with out.part("column indices"):
            Indices(c, d).write(value.S, out)
        self._columns(value.S).write(value.C, out)
        with out.part("coefficients"):
            Coefficients((c, d - c)).write((value.width, value.X), out)
        out.count(c + value.X.size)

    def read(self, bits: BitReader) -> SelectedColumns:
        d = self.W.shape[1]
        c = Count(d).read(bits)
        rounded = bool(bits.uint(1))
        with bits.part("column indices"):
            S = Indices(c, d).read(bits)
        if len(np.unique(S)) < c:
            raise DecodeError("a column came twice")
        C = self._columns(S).read(bits)
        with bits.part("coefficients"):
            width, X = Coefficients((c, d - c)).read(bits)
        bits.count(c + X.size)
        return SelectedColumns(S, C, X, width, rounded)

    def _columns(self, S: np.ndarray) -> SparseColumns:
        return SparseColumns(self.W, S, self.bound, self.sparse, self.width)
