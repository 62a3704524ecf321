"""A start for alternating minimisation where W has zeros: rank k, grown from pieces of A that are whole.

Under a mask that hangs together loosely, such as a band, an SVD of W∘A has little to do with A, and alternating
minimisation stays where it leads. On a piece without zeros the SVD is right. From there rows follow that have enough
entries in the columns of the piece, then columns that have enough in those rows, and so on; a few rounds of alternating
minimisation on what has been reached, wave by wave, keep errors from growing.
"""

from collections.abc import Iterable

import numpy as np

from wlra_dist.solvers.approximation import LowRank

PLENTY = 3
"""Rows and columns with so many times k entries that count come first; with fewer than k nothing is determined."""

SWEEPS = 4
"""Of alternating minimisation after each wave."""

RIDGE = 1e-9
"""Of the largest entry of the normal equations, added to their diagonal."""


class Grown:
    """Factors U (n×k) and V (d×k) of A (n×d) under W∘W, and the rows and columns where they are known; 0 elsewhere."""

    def __init__(self, A: np.ndarray, squares: np.ndarray, k: int) -> None:
        (n, d), self.A, self.squares, self.k = A.shape, A, squares, k
        self.U, self.V = np.zeros((n, k)), np.zeros((d, k))
        self.rows, self.columns = np.zeros(n, dtype=bool), np.zeros(d, dtype=bool)

    def plant(self, rows: np.ndarray, columns: np.ndarray) -> bool:
        """Whether this piece is new; then it is known by its SVD."""
        if self.rows[rows].any() or self.columns[columns].any():
            return False
        left, values, right = np.linalg.svd(self.A[np.ix_(rows, columns)], full_matrices=False)
        self.U[rows], self.V[columns] = (left * values)[:, : self.k], right[: self.k].T
        self.rows[rows] = self.columns[columns] = True
        return True

    def spread(self) -> None:
        """Leads on to all rows and columns that have enough entries in what is known, those with the most first."""
        support, due = (self.squares > 0).astype(float), PLENTY * self.k
        while due >= self.k:
            rows = ~self.rows & (support @ self.columns >= due)
            columns = ~self.columns & (self.rows @ support >= due)
            if not (rows.any() or columns.any()):
                due -= 1
                continue
            self.rows |= rows
            for _ in range(SWEEPS):
                self.U[self.rows] = _regressed(self.A, self.squares, self.V * self.columns[:, None])[self.rows]
                self.columns |= columns
                self.V[self.columns] = _regressed(self.A.T, self.squares.T, self.U)[self.columns]


def grown(A: np.ndarray, squares: np.ndarray, k: int, pieces: Iterable[tuple[np.ndarray, np.ndarray]]) -> LowRank:
    """Rank k, fitted to A under W∘W (n×d) from these pieces on, rows and columns of each; those known are no seeds."""
    found = Grown(A, squares, k)
    for piece in pieces:
        if found.plant(*piece):
            found.spread()
    return LowRank(found.U, np.ascontiguousarray(found.V.T))


def _regressed(A: np.ndarray, squares: np.ndarray, V: np.ndarray) -> np.ndarray:
    """U (n×k) that minimises Σ W_ij² (A − U Vᵀ)_ij² over the columns where V (d×k) is not 0, a little bent to 0."""
    k, squares = V.shape[1], squares * V.any(axis=1)
    pairs = (V[:, :, None] * V[:, None, :]).reshape(len(V), -1)
    normal = (squares @ pairs).reshape(-1, k, k)
    normal += max(RIDGE * float(np.abs(normal).max(initial=0.0)), float(np.finfo(float).tiny)) * np.eye(k)
    return np.linalg.solve(normal, ((squares * A) @ V)[:, :, None])[:, :, 0]
