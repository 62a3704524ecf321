"""Alternating minimisation: the best U for a fixed V, then the best V for that U, each by weighted least squares.

The fixed factor is orthonormalised first, which changes the factors and not their product. Every half step lowers the
loss or leaves it. Song, Ye, Yin & Zhang (2023) solve the halves by sketching (`regression="sketched"`); as Li, Liang &
Risteski (2016) before them, they start from a random factor or an SVD and drop rows that have grown too long (`clip`).

Which regression: with 8192 columns (`benchmarks/song.py`) the normal equations are 8 times faster at k = 20, 3 times at
k = 60, and break even near k = 300. The sketch is more accurate: 8 digits where the weights of a row make a condition
number of 10⁶ and normal equations leave 4. To alternate, which corrects itself, that is of no use.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Interval

from wlra_dist.linalg.rows.rows import row_runs
from wlra_dist.linalg.rows.truncated import truncated_svd
from wlra_dist.solvers.approximation import Approximation, LowRank
from wlra_dist.solvers.options import Count, Positive
from wlra_dist.solvers.problem import Problem, zero
from wlra_dist.solvers.regression import Correction, NormalEquations, corrected
from wlra_dist.solvers.sketched import SketchedGradient
from wlra_dist.solvers.start import factors
from wlra_dist.solvers.subspace import RowSpace
from wlra_dist.weights import Weights
from wlra_dist.weights.weighted_rows import weighted

MIXED = 1e-2
"""Length of what is random in the rows of the initial V. Singular vectors of a block-diagonal W∘W∘A lie in single
blocks, and halves that start there stay there: no row of a block can use a direction that has nothing in it."""

LARGE = 2**20
"""Entries of A beyond which a quarter of the time is worth the digits that a half in float32 leaves to the next."""


@dataclass(frozen=True)
class Alternating:
    """Alternating least squares on ‖W∘(A − UV)‖².

    Args:
        iterations: how many iterates there are; U and V are both renewed in each.
        initialise: without a `start`: "svd" of W∘W∘A, a little perturbed, or a "random" V.
        regression: "cholesky" solves normal equations, of large problems in float32 where that shows every unknown: the
            next half corrects what the last one left. "sketched" solves as Song et al. do.
        clip: μ; rows of U with ‖u_i‖² > 2μ(k/n)‖U‖₂² become 0 before V is fitted to the others (Li et al.'s CLIP,
            against rows that few weights determine), and so for V. None does not; with it the loss may rise.
        relaxation: ω between 0 and 2: after the first iteration each half goes ω times as far as to its minimum. That
            takes 1 − (1 − ω)² of the decrease, hence never a rise, and leads on: with 1.4 the loss of 10 iterations is
            that of 25.
        sketch: rows of the sketch, over k.
        steps: gradient steps of the sketched regression: 25 for a relative error of 10⁻⁸; to alternate, 5 are enough.
    """

    iterations: Count = 10
    initialise: Literal["svd", "random"] = "svd"
    regression: Literal["cholesky", "sketched"] = "cholesky"
    clip: Positive | None = None
    relaxation: Annotated[float, Interval(gt=0, lt=2)] = 1.4
    sketch: Annotated[int, Interval(ge=2, le=64)] = 8
    steps: Count = 30

    def __call__(
        self, A: np.ndarray, W: Weights, k: int, rng: np.random.Generator, start: Approximation | None = None
    ) -> Iterator[LowRank]:
        problem = Problem.of(A, W)
        X, correction = self._first(problem, problem.rank(k), rng, start), self._correction(problem)
        for iteration in range(self.iterations):
            relaxation = self.relaxation if iteration else 1.0
            X = fit_rows(problem, LowRank(X.U, clipped(X.V.T, self.clip).T), correction, rng, relaxation)
            X = fit_columns(problem, LowRank(clipped(X.U, self.clip), X.V), correction, rng, relaxation)
            yield X

    def _correction(self, problem: Problem) -> Correction:
        if self.regression == "sketched":
            return SketchedGradient(self.sketch, self.steps)
        return NormalEquations(quick=problem.A.size > LARGE)

    def _first(self, problem: Problem, k: int, rng: np.random.Generator, start: Approximation | None) -> LowRank:
        X = factors(start, k, problem.dtype, rng) if start else self._initial(problem, k, rng)
        rows, columns = with_weight(problem)
        return LowRank(X.U * rows[:, None], X.V * columns)

    def _initial(self, problem: Problem, k: int, rng: np.random.Generator) -> LowRank:
        if self.initialise == "random":
            return LowRank(zero(problem, k).U, RowSpace.random(problem.shape[1], k, problem.dtype, rng).V[:k])
        found = truncated_svd(weighted(problem.A, problem.S.weights), k, "sketched", rng)
        return mixed(factors(LowRank(found.L, found.X), k, problem.dtype, rng), rng)


def fit_rows(
    problem: Problem, X: LowRank, correction: Correction, rng: np.random.Generator, relaxation: float = 1.0
) -> LowRank:
    """U that minimises the loss for the row space of X, with an orthonormal V; `relaxation` as in `Alternating`."""
    Q, R = np.linalg.qr(X.V.T)
    U, V = X.U @ R.T, np.ascontiguousarray(Q.T)
    return LowRank(U + relaxation * corrected(problem, U, V, correction, rng), V)


def fit_columns(
    problem: Problem, X: LowRank, correction: Correction, rng: np.random.Generator, relaxation: float = 1.0
) -> LowRank:
    """V that minimises the loss for the column space of X, with an orthonormal U; `relaxation` as in `Alternating`."""
    U, R = np.linalg.qr(X.U)
    V = R @ X.V

    def residual(E: np.ndarray | None) -> np.ndarray:
        return problem.column_gradient(U, V if E is None else V + E)

    return LowRank(U, V + relaxation * correction(np.ascontiguousarray(U.T), problem.S.T, residual, rng))


def with_weight(problem: Problem) -> tuple[np.ndarray, np.ndarray]:
    """Which rows (n) and columns (d) have a weight; the others are best left zero, the solution of least norm."""
    n, d = problem.shape
    rows, columns = np.zeros(n, problem.dtype), np.zeros(d, problem.dtype)
    ones = np.ones(max(n, d), problem.dtype)
    for run in row_runs(n, d):
        piece = problem.S.rows(run)
        rows[run] = piece @ ones[:d]
        columns += ones[: len(piece)] @ piece
    return rows > 0, columns > 0


def mixed(X: LowRank, rng: np.random.Generator) -> LowRank:
    """X with a little of a random factor in V, whose rows have length 1."""
    noise = MIXED / np.sqrt(X.V.shape[1]) * rng.standard_normal(X.V.shape)
    return LowRank(X.U, X.V + noise.astype(X.V.dtype))


def clipped(U: np.ndarray, incoherence: float | None) -> np.ndarray:
    """U (n×k) with rows of ‖u_i‖² > 2μ(k/n)‖U‖₂² made 0, for an incoherence μ."""
    if incoherence is None or not U.size:
        return U
    energies = np.square(U).sum(axis=1)
    limit = 2 * incoherence * U.shape[1] / len(U) * np.linalg.norm(U, 2) ** 2
    return np.where((energies <= limit)[:, None], U, 0)
