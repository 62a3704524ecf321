"""BᵀB without some columns, row by row: the partial Cholesky factorisation behind most selectors.

After columns S are taken, BᵀB − LᵀL is the Gram matrix of the remainder of B outside the span of S (Harbrecht,
Peters & Schneider 2012). Only the rows of columns that are taken are formed: 40 pivots of 9216×1024 cost half of
BᵀB, 40 of a sparse block's 20000 less than a product with 40 vectors.

float32 blocks are multiplied in float32, piece by piece. What is then too small to be told from rounding counts
as noise here; `css.select` measures it, and goes on upon the explicit remainder.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from wlra_dist.linalg.blocks import MAGNIFIED, PIECE
from wlra_dist.weights import Matrix

if TYPE_CHECKING:
    from scipy.sparse import csc_array

SINGLE_ROWS = 1 / 16
"""The share of BᵀB that is formed row by row before all of it is: so many rows cost as much as the whole."""

LARGE_PIECE = 2**22
"""Entries that are multiplied at once: for a single row of BᵀB, smaller pieces cost a third more in calls."""

ROOM = 64
"""Rows of L that are reserved at first, and doubled when they are used up; memory is only taken as they are written."""


class GramRemainder:
    """EᵀE (d×d), E what B keeps outside the span of the columns taken so far.

    `energies` is its diagonal, ‖e_j‖²; exactly 0 for columns that are taken or whose remainder is rounding noise.
    """

    def __init__(self, B: Matrix | None, G: np.ndarray | None = None) -> None:
        """Of B, or of a block of which only G = BᵀB is at hand."""
        self._gram = _source(B, G)
        self.energies = self._gram.energies()
        self._noise = MAGNIFIED * self._gram.eps * self.energies
        self._L = np.empty((ROOM, len(self.energies)))
        self.columns: list[int] = []

    @property
    def left(self) -> float:
        """‖E‖_F²."""
        return float(self.energies.sum())

    @property
    def L(self) -> np.ndarray:
        """BᵀB = LᵀL + EᵀE (c×d); its columns that are taken, in their order, form an upper triangle."""
        return self._L[: len(self.columns)]

    def take(self, column: int) -> bool:
        """Projects out a column; False, and nothing but its energy changes, if only noise is left of it."""
        row = self._gram.row(column) - self._known(column)
        shown = bool(self.energies[column] > 0 and row[column] > self._noise[column])
        if shown:
            row /= np.sqrt(row[column])
            self._append(row)
            self.columns.append(column)
            self.energies -= np.square(row)
            self.energies *= self.energies > self._noise
        self.energies[column] = 0.0
        return shown

    def gram_row(self, column: int) -> np.ndarray:
        """Row j of BᵀB itself (d)."""
        return self._gram.row(column)

    def square(self, columns: np.ndarray) -> np.ndarray:
        """(EᵀE)_{JJ} of some columns J (|J|×|J|)."""
        known = self.L[:, columns]
        return self._gram.square(columns) - known.T @ known

    def expect(self, columns: list[int]) -> None:
        """Forms the rows of columns that will be taken, all in one product."""
        self._gram.form(columns)

    def _known(self, column: int) -> np.ndarray:
        """Row j of LᵀL; columns of a sparse block have nothing in common with most that are taken."""
        weights = self.L[:, column]
        (met,) = np.nonzero(weights)
        return weights[met] @ self.L[met] if 4 * len(met) < len(weights) else weights @ self.L

    def _append(self, row: np.ndarray) -> None:
        if len(self.columns) == len(self._L):
            self._L = np.vstack([self._L, np.empty((len(self._L), len(row)))])
        self._L[len(self.columns)] = row


def _source(B: Matrix | None, G: np.ndarray | None) -> "_KnownGram | _DenseGram | _SparseGram":
    if G is not None:
        return _KnownGram(G)
    assert B is not None, "one of B and BᵀB"
    return _DenseGram(B) if isinstance(B, np.ndarray) else _SparseGram(B)


class _KnownGram:
    """Rows of a BᵀB that was formed elsewhere."""

    def __init__(self, G: np.ndarray) -> None:
        self.G = G
        self.eps = float(np.finfo(float).eps)

    def energies(self) -> np.ndarray:
        return np.diag(self.G).copy()

    def form(self, columns: list[int]) -> None:
        """All are there."""

    def row(self, column: int) -> np.ndarray:
        return self.G[column]

    def square(self, columns: np.ndarray) -> np.ndarray:
        return self.G[np.ix_(columns, columns)]


class _SparseGram:
    """Rows of BᵀB for a sparse B: each touches only the rows of B that its column does."""

    def __init__(self, B: "csc_array") -> None:
        from scipy.sparse import csc_array

        self.columns = csc_array(B, dtype=float)
        self.rows = self.columns.tocsr()
        self.eps = float(np.finfo(float).eps)

    def energies(self) -> np.ndarray:
        full = np.flatnonzero(np.diff(self.columns.indptr))
        energies = np.zeros(len(self.columns.indptr) - 1)
        energies[full] = np.add.reduceat(np.square(self.columns.data), self.columns.indptr[full]) if len(full) else 0.0
        return energies

    def form(self, columns: list[int]) -> None:
        """Nothing is gained by several at once."""

    def row(self, column: int) -> np.ndarray:
        """Σ_i B_ij·(row i of B), i in the support of column j; scipy's product takes three times as long."""
        own = slice(self.columns.indptr[column], self.columns.indptr[column + 1])
        starts = self.rows.indptr[self.columns.indices[own]]
        lengths = self.rows.indptr[self.columns.indices[own] + 1] - starts
        ends = np.cumsum(lengths)
        at = np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - (ends - lengths), lengths)
        products = np.repeat(self.columns.data[own], lengths) * self.rows.data[at]
        return np.bincount(self.rows.indices[at], weights=products, minlength=len(self.columns.indptr) - 1)

    def square(self, columns: np.ndarray) -> np.ndarray:
        C = self.columns[:, columns]
        return (C.T @ C).toarray()


class _DenseGram:
    """Rows of BᵀB for a dense B, until so many were asked for that the whole is cheaper."""

    def __init__(self, B: np.ndarray) -> None:
        self.B = B
        self.type = np.float32 if B.dtype == np.float32 else np.float64
        self.eps = float(np.finfo(self.type).eps)
        self.single = int(SINGLE_ROWS * B.shape[1])
        self.formed: dict[int, np.ndarray] = {}

    def energies(self) -> np.ndarray:
        energies = np.zeros(self.B.shape[1])
        for piece in self._pieces(PIECE):
            energies += np.einsum("ij,ij->j", piece, piece)
        return energies

    def form(self, columns: list[int]) -> None:
        missing = [column for column in columns if column not in self.formed]
        if len(missing) > max(self.single, 0):
            missing = list(range(self.B.shape[1]))
        self.single -= len(missing)
        if missing:
            self.formed.update(zip(missing, self._products(missing), strict=True))

    def row(self, column: int) -> np.ndarray:
        self.form([column])
        return self.formed[column]

    def square(self, columns: np.ndarray) -> np.ndarray:
        C = np.array(self.B[:, columns], dtype=float, order="C")
        return C.T @ C

    def _products(self, columns: list[int]) -> np.ndarray:
        rows = np.zeros((len(columns), self.B.shape[1]))
        for piece in self._pieces(LARGE_PIECE):
            C = piece if len(columns) == piece.shape[1] else piece[:, columns]
            rows += C.T @ piece
        return rows

    def _pieces(self, entries: int) -> Iterator[np.ndarray]:
        step = max(1, entries // max(self.B.shape[1], 1))
        for start in range(0, len(self.B), step):
            yield np.ascontiguousarray(self.B[start : start + step], dtype=self.type)
