"""Adam on the factors U and V (Kingma & Ba 2015), as the main paper's experiments run it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from wlra_dist.linalg.blocks import runs
from wlra_dist.linalg.threads import shared
from wlra_dist.solvers.approximation import Approximation, LowRank
from wlra_dist.solvers.options import Count, Positive
from wlra_dist.solvers.problem import Problem
from wlra_dist.solvers.start import factors
from wlra_dist.weights import Weights

DECAY_MEAN, DECAY_SQUARE = 0.9, 0.999
"""β₁ and β₂: what the moving averages of the gradient and of its square keep at each step."""

SMALL = 1e-7
"""ε of Adam, as in tensorflow, over the largest weight."""


@dataclass(frozen=True)
class Adam:
    """Minimises ‖W∘(A − UV)‖² by one step for U and V together per epoch, with the gradient of all entries.

    Adam's steps have the size of the rate whatever the loss, so that one rate means something for one size of factors
    only. A is therefore divided by `unit` times its weighted root mean square, and Ã multiplied by it again.

    Args:
        iterations: epochs.
        rate: of learning, at first.
        decay, every: the rate is multiplied by `decay` after each `every` epochs.
        unit: see above.
    """

    iterations: Count = 100
    rate: Positive = 1.0
    decay: Positive = 0.7
    every: Count = 10
    unit: Positive = 0.1

    def __call__(
        self, A: np.ndarray, W: Weights, k: int, rng: np.random.Generator, start: Approximation | None = None
    ) -> Iterator[LowRank]:
        problem = Problem.of(A, W)
        k = problem.rank(k)
        unit = self.unit * _root_mean_square(problem)
        problem = Problem(problem.A / problem.dtype.type(unit), problem.S)
        U, V = _first(problem, k, rng, start, unit)
        moments = _Moments.zero(U), _Moments.zero(V)
        for epoch in range(self.iterations):
            rate = self.rate * self.decay ** (epoch // self.every)
            for factor, gradient, moment in zip((U, V), _gradients(problem, U, V), moments, strict=True):
                factor -= moment.step(gradient, rate, epoch + 1)
            yield LowRank(U * problem.dtype.type(unit), V.copy())


@dataclass
class _Moments:
    """The moving averages of a gradient and of its square."""

    mean: np.ndarray
    square: np.ndarray

    @classmethod
    def zero(cls, factor: np.ndarray) -> "_Moments":
        return cls(np.zeros_like(factor), np.zeros_like(factor))

    def step(self, gradient: np.ndarray, rate: float, t: int) -> np.ndarray:
        self.mean += (1 - DECAY_MEAN) * (gradient - self.mean)
        self.square += (1 - DECAY_SQUARE) * (np.square(gradient) - self.square)
        mean, square = self.mean / (1 - DECAY_MEAN**t), self.square / (1 - DECAY_SQUARE**t)
        return rate * mean / (np.sqrt(square) + SMALL)


def _gradients(problem: Problem, U: np.ndarray, V: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """−2 D Vᵀ and −2 Uᵀ D."""
    of_U = np.empty_like(U)

    def part(within: slice) -> np.ndarray:
        of_V = np.zeros_like(V)
        for rows, D in problem.residuals(U, V, within):
            np.matmul(D, V.T, out=of_U[rows])
            of_V += U[rows].T @ D
        return of_V

    of_V = np.sum(shared(part, *problem.shape), axis=0)
    of_U *= -2
    of_V *= -2
    return of_U, of_V


def _first(
    problem: Problem, k: int, rng: np.random.Generator, start: Approximation | None, unit: float
) -> tuple[np.ndarray, np.ndarray]:
    n, d = problem.shape
    if start is None:
        return rng.standard_normal((n, k)).astype(problem.dtype), rng.standard_normal((k, d)).astype(problem.dtype)
    X = factors(start, k, problem.dtype, rng)
    lengths = np.linalg.norm(X.U, axis=0) / unit
    roots = np.sqrt(np.where(lengths > 0, lengths, 1)).astype(problem.dtype)  # UV = (U/s)(sV): both of a length
    return X.U / problem.dtype.type(unit) / roots, X.V * roots[:, None]


def _root_mean_square(problem: Problem) -> float:
    """√(Σ S A² / Σ S), or 1 if that is 0."""
    weight, energy = 0.0, 0.0
    for rows in runs(*problem.shape):
        S, A = problem.S.rows(rows), problem.A[rows]
        weight += float(S.sum())
        energy += float(np.vdot(S * A, A))
    return float(np.sqrt(energy / weight)) if energy > 0 else 1.0
