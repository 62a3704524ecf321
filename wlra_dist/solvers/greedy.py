"""Greedy basis pursuit (Bhaskara, Ruwanpathirana & Wijewardena 2021): one rank after the other, along the gradient.

The gradient of the loss at X is −2·W∘W∘(A − X); its leading singular vectors u, v are the rank-one direction in which
the loss falls fastest. They are found by block power iteration on the gradient, from the block that the last rank left.
A direction that is not exact costs some of the decrease; with the best step along it there always is one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from wlra_dist.linalg.blocks import runs
from wlra_dist.solvers.als import fit_columns
from wlra_dist.solvers.approximation import LowRank
from wlra_dist.solvers.problem import Problem, zero
from wlra_dist.solvers.regression import NormalEquations
from wlra_dist.weights import Weights

BLOCK = 6
"""Vectors of the power iteration: the leading one converges by (σ_7/σ_1)² a sweep."""


@dataclass(frozen=True)
class Greedy:
    """X ← X + α u vᵀ, k times; yields after each.

    Args:
        refit: "step" fits α alone; "columns" then fits all of V again to the columns U that there are, as matching
            pursuit does.
        sweeps: of the power iteration.
    """

    refit: Literal["step", "columns"] = "step"
    sweeps: int = 2

    def __call__(self, A: np.ndarray, W: Weights, k: int, rng: np.random.Generator) -> Iterator[LowRank]:
        problem = Problem.of(A, W)
        X, D = zero(problem, 0), gradient(problem, zero(problem, 0))
        block = rng.standard_normal((min(BLOCK, problem.shape[1]), problem.shape[1])).astype(problem.dtype)
        for _ in range(problem.rank(k)):
            u, block = leading(D, block, self.sweeps)
            X, D = self._added(problem, X, D, u, block[0], rng)
            yield X

    def _added(
        self, problem: Problem, X: LowRank, D: np.ndarray, u: np.ndarray, v: np.ndarray, rng: np.random.Generator
    ) -> tuple[LowRank, np.ndarray]:
        u *= best_step(problem, D, u, v)
        X = LowRank(np.column_stack([X.U, u]), np.vstack([X.V, v]))
        if self.refit == "columns":
            X = fit_columns(problem, X, NormalEquations(), rng)
            return X, gradient(problem, X)
        for rows in runs(*D.shape):
            D[rows] -= problem.S.rows(rows) * np.multiply.outer(u[rows], v)
        return X, D


def gradient(problem: Problem, X: LowRank) -> np.ndarray:
    """S∘(A − X) (n×d)."""
    gradient = np.empty_like(problem.A)
    for rows, D in problem.residuals(X.U, X.V):
        gradient[rows] = D
    return gradient


def leading(D: np.ndarray, block: np.ndarray, sweeps: int) -> tuple[np.ndarray, np.ndarray]:
    """The leading left singular vector of D (n×d) and the leading right ones (l×d), from a block that is near them."""
    for _ in range(sweeps):
        block = np.linalg.qr((block @ D.T @ D).T)[0].T
    Y = D @ block.T
    left, _, right = np.linalg.svd(Y, full_matrices=False)
    return left[:, 0], right @ block


def best_step(problem: Problem, D: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.floating:
    """The α that minimises Σ S_ij (R_ij − α u_i v_j)², for D = S∘R."""
    steep = problem.S.sums(np.square(v)[None], slice(None))[0] @ np.square(u)
    return (u @ (D @ v)) / steep if steep > 0 else problem.dtype.type(0)
