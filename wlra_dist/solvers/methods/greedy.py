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
from wlra_dist.solvers.approximation import LowRank
from wlra_dist.solvers.methods.als import fit_columns
from wlra_dist.solvers.options import Count
from wlra_dist.solvers.problem import Problem, zero
from wlra_dist.solvers.regression import NormalEquations
from wlra_dist.solvers.subspace import span_svd
from wlra_dist.weights import Weights

BLOCK = 8
"""Vectors of the power iteration: the leading one converges by (σ_9/σ_1)² a sweep."""

FIRST_SWEEPS = 4
"""The first rank has no block to begin with but a random one."""


@dataclass(frozen=True)
class GreedyPursuit:
    """X ← X + α u vᵀ, k times; yields after each.

    Args:
        refit: "columns" fits all of V again to the columns U that there are, as orthogonal matching pursuit does, and
            the order of Woodruff & Yasuda's section 4 wants; "step" leaves it at the best α.
        sweeps: of the power iteration for a rank, at least 1; the first has FIRST_SWEEPS or more.
    """

    refit: Literal["step", "columns"] = "columns"
    sweeps: Count = 1

    def __call__(self, A: np.ndarray, W: Weights, k: int, rng: np.random.Generator) -> Iterator[LowRank]:
        problem = Problem.of(A, W)
        X, D = zero(problem, 0), gradient(problem, zero(problem, 0))
        block = rng.standard_normal((min(BLOCK, problem.shape[1]), problem.shape[1])).astype(problem.dtype)
        for rank in range(problem.rank(k)):
            u, block = leading(D, block, self.sweeps if rank else max(self.sweeps, FIRST_SWEEPS))
            u *= best_step(problem, D, u, block[0])
            X = LowRank(np.column_stack([X.U, u]), np.vstack([X.V, block[:1]]))
            if self.refit == "columns":
                X = fit_columns(problem, X, NormalEquations(), rng)
                D = gradient(problem, X)
            else:
                subtract(problem, D, u, block[0])
            yield X


def gradient(problem: Problem, X: LowRank) -> np.ndarray:
    """S∘(A − X) (n×d)."""
    gradient = np.empty_like(problem.A)
    for rows, D in problem.residuals(X.U, X.V):
        gradient[rows] = D
    return gradient


def leading(D: np.ndarray, block: np.ndarray, sweeps: int) -> tuple[np.ndarray, np.ndarray]:
    """Near the leading left singular vector of D (n×d), and the leading right ones (l×d), from a block near them."""
    u = np.zeros(len(D), D.dtype)
    for _ in range(sweeps):
        Y = D @ block.T
        combination, _, right = span_svd(Y, Y.T @ D)
        u, block = Y @ combination[:, 0].astype(D.dtype), right.astype(D.dtype)
    return u, block


def best_step(problem: Problem, D: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.floating:
    """The α that minimises Σ S_ij (R_ij − α u_i v_j)², for D = S∘R."""
    steep = problem.S.sums(np.square(v)[None], slice(None))[0] @ np.square(u)
    return (u @ (D @ v)) / steep if steep > 0 else problem.dtype.type(0)


def subtract(problem: Problem, D: np.ndarray, u: np.ndarray, v: np.ndarray) -> None:
    """D becomes D − S∘u vᵀ."""
    for rows in runs(*D.shape):
        change = np.multiply.outer(u[rows], v)
        change *= problem.S.rows(rows)
        D[rows] -= change
