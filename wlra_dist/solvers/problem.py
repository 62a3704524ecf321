"""What the solvers that iterate have in common: A and S = W∘W side by side, and the weighted residuals S∘(A − UV).

The gradient of ‖W∘(A − UV)‖² is −2·D Vᵀ in U and −2·Uᵀ D in V, D = S∘(A − UV). D is formed piece by piece and each
piece used while it is in the cache, so an iteration of any solver reads A and S once and keeps nothing of their size.
Everything is in float32 if A is and has room for energies there, else in float64.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from wlra_dist.linalg.threads import shared
from wlra_dist.solvers.approximation import LowRank
from wlra_dist.solvers.squares import DenseSquares, Squares, squares
from wlra_dist.weights import Weights

PIECE = 2**17
"""Entries in a piece: of A, S and D together at most 3 MB, near the size of a second-level cache."""

ROOM = 1e12
"""Entries of A beyond this, or all below its inverse, have squares that float32 cannot add up."""


@dataclass(frozen=True, eq=False)
class Problem:
    """Minimise Σ S_ij (A_ij − Ã_ij)² over Ã of rank k; A is n×d and C-ordered, 0 ≤ S ≤ 1."""

    A: np.ndarray
    S: Squares

    @classmethod
    def of(cls, A: np.ndarray, W: Weights) -> "Problem":
        """The problem with weights W∘W, divided by the largest."""
        A = np.asarray(A)
        dtype = working_type(A)
        return cls(np.ascontiguousarray(A, dtype=dtype), squares(W, dtype))

    @property
    def shape(self) -> tuple[int, int]:
        n, d = self.A.shape
        return n, d

    @property
    def dtype(self) -> np.dtype:
        return self.A.dtype

    def rank(self, k: int) -> int:
        """k, or as much of it as n and d allow."""
        return min(k, *self.shape)

    def residuals(
        self, U: np.ndarray, V: np.ndarray, within: slice | None = None
    ) -> Iterator[tuple[slice, np.ndarray]]:
        """Rows (of these only), and S∘(A − UV) there, from top to bottom; a piece is overwritten by the next."""
        n, d = self.shape
        first, last = (within.start, within.stop) if within else (0, n)
        step = max(1, PIECE // max(d, 1))
        space = np.empty((min(last - first, step), d), dtype=self.dtype)
        for start in range(first, last, step):
            rows = slice(start, min(start + step, last))
            D = space[: rows.stop - rows.start]
            np.matmul(U[rows], V, out=D)
            np.subtract(self.A[rows], D, out=D)
            D *= self.S.rows(rows)
            yield rows, D

    def row_gradient(self, U: np.ndarray, V: np.ndarray) -> np.ndarray:
        """V Dᵀ (k×n)."""
        columns, gradient = np.ascontiguousarray(V.T), np.empty(U.shape, dtype=self.dtype)

        def part(within: slice) -> None:
            for rows, D in self.residuals(U, V, within):
                np.matmul(D, columns, out=gradient[rows])  # a fifth faster than V Dᵀ

        shared(part, *self.shape)
        return np.ascontiguousarray(gradient.T)

    def column_gradient(self, U: np.ndarray, V: np.ndarray) -> np.ndarray:
        """Uᵀ D (k×d)."""

        def part(within: slice) -> np.ndarray:
            return sum((U[rows].T @ D for rows, D in self.residuals(U, V, within)), np.zeros(V.shape, self.dtype))

        return np.sum(shared(part, *self.shape), axis=0)


def working_type(A: np.ndarray) -> np.dtype:
    """The type to compute in."""
    if A.dtype != np.float32 or not A.size:
        return np.dtype(np.float64)
    largest = max(float(A.max()), -float(A.min()))
    return np.dtype(np.float32 if largest == 0 or 1 / ROOM < largest < ROOM else np.float64)


def unweighted(A: np.ndarray) -> Problem:
    """The problem whose weights are all 1."""
    return Problem(A, DenseSquares(np.broadcast_to(A.dtype.type(1), A.shape)))


def zero(problem: Problem, k: int) -> LowRank:
    """The zero matrix with factors n×k and k×d."""
    n, d = problem.shape
    return LowRank(np.zeros((n, k), problem.dtype), np.zeros((k, d), problem.dtype))
