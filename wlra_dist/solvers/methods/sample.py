"""Row norm sampling (Dai 2023): the row space is that of k rows of A, drawn by what they weigh in W∘A."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from wlra_dist.css.norm_sampling import draw
from wlra_dist.linalg.blocks import runs
from wlra_dist.solvers.approximation import LowRank
from wlra_dist.solvers.methods.als import fit_rows
from wlra_dist.solvers.problem import Problem
from wlra_dist.solvers.regression import NormalEquations
from wlra_dist.weights import Weights


@dataclass(frozen=True)
class Sample:
    """V is k rows of A, drawn one after the other ∝ ‖W_i∘a_i‖², U their best combinations for the weighted loss.

    Where fewer than k rows have weight, the rank is their number. Yields once.
    """

    def __call__(self, A: np.ndarray, W: Weights, k: int, rng: np.random.Generator) -> Iterator[LowRank]:
        problem = Problem.of(A, W)
        drawn = draw(weighted_energies(problem), problem.rank(k), rng)
        zero = np.zeros((len(problem.A), len(drawn)), problem.dtype)
        yield fit_rows(problem, LowRank(zero, problem.A[drawn]), NormalEquations(), rng)


def weighted_energies(problem: Problem) -> np.ndarray:
    """Σ_j S_ij A_ij² of every row (n), of the scaled weights."""
    pieces = [
        np.einsum("ij,ij,ij->i", problem.S.rows(rows), problem.A[rows], problem.A[rows], dtype=float)
        for rows in runs(*problem.shape)
    ]
    return np.concatenate([np.zeros(0), *pieces])
