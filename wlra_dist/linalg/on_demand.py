"""A dense matrix that nobody holds: its rows and columns are formed when they are looked at, and not kept.

So B = W∘A costs no second block beside A. What is formed has the same bits however it is asked for. Algorithms walk
from top to bottom, a piece at a time, since a block lies in memory row by row.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

PIECE = 2**19
"""Entries in a piece: 4 MiB, so that it is still in the cache when it is used."""

Some: TypeAlias = slice | np.ndarray
"""Rows or columns."""


@dataclass(frozen=True, eq=False)
class OnDemand:
    """An n×d matrix in float64.

    Attributes:
        shape: n, d.
        form_rows: some of its rows (h×d): a run, or by number.
        form_columns: some of its columns (n×c).
        transposed: whether it lies column by column.
    """

    shape: tuple[int, int]
    form_rows: Callable[[Some], np.ndarray]
    form_columns: Callable[[Some], np.ndarray]
    transposed: bool = False

    @property
    def dtype(self) -> np.dtype:
        return np.dtype(float)

    @property
    def size(self) -> int:
        return self.shape[0] * self.shape[1]

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: Any) -> np.ndarray:
        """B[rows] or B[:, columns]: an array, so who asks for much holds much."""
        if isinstance(index, tuple):
            every, columns = index
            assert every == slice(None), "rows or columns are formed, not both"
            return self.form_columns(columns)
        return self.form_rows(slice(*index.indices(len(self))) if isinstance(index, slice) else index)

    @property
    def T(self) -> "OnDemand":
        n, d = self.shape
        return OnDemand((d, n), lambda some: self[:, some].T, lambda some: self[some].T, not self.transposed)

    def pieces(self, least: int = 1) -> Iterator[tuple[slice, np.ndarray]]:
        """(run, B[run]) from top to bottom, each of PIECE entries or of `least` rows."""
        n, d = self.shape
        step = max(least, PIECE // max(d, 1))
        for start in range(0, n, step):
            run = slice(start, min(n, start + step))
            yield run, self.form_rows(run)

    def __matmul__(self, V: np.ndarray) -> np.ndarray:
        """BV (n×c)."""
        if self.transposed:
            return self.T.inner(V).T
        product = np.empty((len(self), V.shape[1]))
        for run, piece in self.pieces():
            np.matmul(piece, V, out=product[run])
        return product

    def inner(self, Q: np.ndarray) -> np.ndarray:
        """QᵀB (c×d)."""
        if self.transposed:
            return np.ascontiguousarray((self.T @ Q).T)
        product = np.zeros((Q.shape[1], self.shape[1]))
        for run, piece in self.pieces():
            product += Q[run].T @ piece
        return product

    def within(self, columns: np.ndarray) -> "OnDemand":
        """These columns, not formed either."""
        n, chosen = len(self), np.asarray(columns)
        return OnDemand(
            (n, len(chosen)), lambda run: self.form_rows(run)[:, chosen], lambda some: self.form_columns(chosen[some])
        )

    def scaled(self, power: int) -> "OnDemand":
        """B·2^power."""
        return OnDemand(
            self.shape,
            lambda run: np.ldexp(self.form_rows(run), power),
            lambda columns: np.ldexp(self.form_columns(columns), power),
            self.transposed,
        )
