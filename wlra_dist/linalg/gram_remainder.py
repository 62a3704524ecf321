"""BᵀB without some columns, row by row: the partial Cholesky factorisation behind most selectors.

After columns S are taken, BᵀB − LᵀL is the Gram matrix of the remainder of B outside the span of S (Harbrecht,
Peters & Schneider 2012). Only rows of BᵀB are formed that belong to columns taken, or likely to be: 40 pivots of
9216×1024 cost four passes, 40 of a sparse block's 20000 less than a product with 40 vectors.

What is too small to be told from rounding counts as noise here; `css.select` measures it, and goes on upon the
explicit remainder.
"""

import numpy as np

from wlra_dist.linalg.blocks import MAGNIFIED
from wlra_dist.linalg.gram_rows import GramRows, gram_rows
from wlra_dist.linalg.matrix import Matrix

ROOM = 64
"""Rows of L that are reserved at first, and doubled when they are used up; memory is only taken as they are written."""


class GramRemainder:
    """EᵀE (d×d), E what B keeps outside the span of the columns taken so far.

    `energies` is its diagonal, ‖e_j‖²; exactly 0 for columns that are taken or whose remainder is rounding noise.
    """

    def __init__(self, B: Matrix | None, rows: GramRows | None = None) -> None:
        """Of B, or of a block of which only the rows of BᵀB are at hand."""
        self._gram = gram_rows(B) if rows is None else rows
        self.energies = self._gram.energies()
        self._noise = MAGNIFIED * self._gram.eps * self.energies
        self._L = np.empty((ROOM, len(self.energies)))
        self._scratch = np.empty(len(self.energies))  # fresh pages for every step would cost as much as the step
        self.columns: list[int] = []

    @property
    def left(self) -> float:
        """‖E‖_F²."""
        return float(self.energies.sum())

    @property
    def L(self) -> np.ndarray:
        """BᵀB = LᵀL + EᵀE (c×d); its columns that are taken, in their order, form an upper triangle."""
        return self._L[: len(self.columns)]

    def anew(self) -> "GramRemainder":
        """The same block before any column is taken; rows of BᵀB that were formed are at hand."""
        return GramRemainder(None, self._gram)

    def take(self, column: int) -> bool:
        """Projects out a column; False, and nothing but its energy changes, if only noise is left of it."""
        row = self._next_row()
        self._gram.write_row(column, row, self.energies)
        self._subtract_known(column, row)
        independent = bool(self.energies[column] > 0 and row[column] > self._noise[column])
        if independent:
            row /= np.sqrt(row[column])
            self.columns.append(column)
            self.energies -= np.square(row, out=self._scratch)
            self.energies *= self.energies > self._noise
        self.energies[column] = 0.0
        return independent

    def gram_row(self, column: int) -> np.ndarray:
        """Row j of BᵀB itself (d)."""
        row = np.empty(len(self.energies))
        self._gram.write_row(column, row, self.energies)
        return row

    def square(self, columns: np.ndarray) -> np.ndarray:
        """(EᵀE)_{JJ} of some columns J (|J|×|J|)."""
        known = self.L[:, columns]
        return self._gram.square(columns) - known.T @ known

    def expect(self, columns: list[int]) -> None:
        """Forms the rows of columns that will be taken, all in one product."""
        self._gram.form(columns)

    def _next_row(self) -> np.ndarray:
        if len(self.columns) == len(self._L):
            self._L = np.vstack([self._L, np.empty_like(self._L)])
        return self._L[len(self.columns)]

    def _subtract_known(self, column: int, row: np.ndarray) -> None:
        """Row j of LᵀL; columns of a sparse block have nothing in common with most that are taken."""
        weights = self.L[:, column]
        (met,) = np.nonzero(weights)
        if 4 * len(met) < len(weights):
            weights, known = weights[met], self.L[met]
        else:
            known = self.L
        if len(weights):
            row -= np.matmul(weights, known, out=self._scratch)
