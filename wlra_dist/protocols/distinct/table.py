"""A matrix of few distinct rows and columns: the group of each, and one entry for each pair of groups."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import Codec, encode
from wlra_dist.codecs.base.integers import Count
from wlra_dist.codecs.columns.columns import SparseColumns
from wlra_dist.codecs.columns.integer_columns import IntegerColumns
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.protocols.distinct.labels import LabelsBeside, labels_beside
from wlra_dist.weights import LowRankWeights
from wlra_dist.weights.grouping import Groups


class Table(NamedTuple):
    """A = core[rows][:, columns], or as much of that as the receiver does not know yet.

    Attributes:
        rows: the group of each row (n); None if it is known.
        columns: the group of each column (d).
        core: p×q, by group of rows and of columns; None if it is known.
    """

    rows: np.ndarray | None
    columns: np.ndarray
    core: Matrix | None


@dataclass(frozen=True)
class TableCode:
    """Tables of an n×d matrix.

    Attributes:
        bound: the public entry bound of an integer game; None for real entries.
        sparse: whether the receiver wants a csc_array.
        width: bits of a real entry.
        coded: whether integers travel in their shortest code.
        kinds: the groups of equal weights, which the labels are told beside; None where they are not asked for.
    """

    n: int
    d: int
    bound: int | None
    sparse: bool
    width: Literal[32, 64] = 64
    coded: bool = True
    kinds: Callable[[], Groups] | None = None

    @property
    def limit(self) -> int:
        labels = sum(labels.limit for labels in self._labels)
        return 2 + labels + Count(self.n).limit + Count(self.d).limit + self._core(self.n, self.d).limit

    def bits(self, value: Table) -> int:
        return encode(self, value).bits

    def write(self, value: Table, out: BitWriter) -> None:
        rows, columns = self._labels
        out.uint(value.rows is not None, 1)
        out.uint(value.core is not None, 1)
        if value.rows is not None:
            with out.part("rows"):
                rows.write(value.rows, out)
        with out.part("columns"):
            columns.write(value.columns, out)
        if value.core is not None:
            p, q = value.core.shape  # pyright: ignore[reportGeneralTypeIssues]
            Count(self.n).write(p, out)
            Count(self.d).write(q, out)
            self._core(p, q).write(value.core, out)

    def read(self, bits: BitReader) -> Table:
        of_rows, of_columns = self._labels
        has_rows, has_core = bits.uint(1), bits.uint(1)
        rows = core = None
        if has_rows:
            with bits.part("rows"):
                rows = of_rows.read(bits)
        with bits.part("columns"):
            columns = of_columns.read(bits)
        if has_core:
            p, q = Count(self.n).read(bits), Count(self.d).read(bits)
            core = self._core(p, q).read(bits)
        return Table(rows, columns, core)

    @property
    def _labels(self) -> tuple[LabelsBeside, LabelsBeside]:
        return labels_beside(self.n, self.d, self.kinds)

    def _core(self, p: int, q: int) -> Codec[Matrix]:
        """The code of the core, which makes no use of W: a receiver without the rows does not know W on them."""
        anything = LowRankWeights(np.ones((p, 1)), np.ones((1, q)))
        if self.bound is not None and self.coded:
            return IntegerColumns(anything, np.arange(q), self.bound, self.sparse)
        return SparseColumns(anything, slice(None), self.bound, self.sparse, self.width)
