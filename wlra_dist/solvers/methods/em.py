"""Expectation maximisation (Srebro & Jaakkola 2003): fill in what the weights leave open, and approximate again.

With S = W∘W ≤ 1, T = S∘A + (1 − S)∘X is the mean of A seen through noise of variance 1/S, X standing in for the rest.
‖T − X'‖² lies above the loss of X' up to a constant, and touches it at X' = X: an X' that does not raise the one does
not raise the other. So one sweep of subspace iteration may stand for the SVD of T, and the loss still never rises.
On networks' layers it loses nothing to full SVDs (25 iterations: the same four digits).

How fast it is depends on the mean of S, the part of T that is A: far from 1, zero is a bad start. On the first layer of
an MNIST network (784×128, five networks) 5 iterations from svd_w beat 25 from zero at ranks 5, 10 and 20 where W is
the Fisher information F, as in Woodruff & Yasuda's section 4. With W = √F, whose loss is Σ F_ij (A − Ã)_ij², they do at
rank 20, their Figure 4; at ranks 5 and 10 the two are within 1 % of each other on the mean.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Interval

from wlra_dist.solvers.approximation import Approximation, LowRank, Solver
from wlra_dist.solvers.methods.svd import SVD
from wlra_dist.solvers.methods.svd_w import SVDW
from wlra_dist.solvers.options import Count
from wlra_dist.solvers.problem import Problem, zero
from wlra_dist.solvers.share import Scale, shares
from wlra_dist.solvers.start import factors
from wlra_dist.solvers.subspace import RowSpace
from wlra_dist.weights import Weights

STARTS: dict[str, Solver] = {"svd": SVD(), "svd_w": SVDW()}
"""Beside zero."""


@dataclass(frozen=True)
class EM:
    """X ← best rank-k approximation of S∘A + (1 − S)∘X.

    Args:
        iterations: how many iterates there are.
        sweeps: of subspace iteration in an iteration.
        first_sweeps: in the first one, which has no subspace to start from.
        start: "zero", the "svd" of A or "svd_w", where no other method stands before this one.
        scale: what S is, of F = W∘W: F over its largest ("max"), the "root" of that, or F over a "quantile" of its
            positive entries and 1 beyond. With the last two the loss may rise.
        quantile: that one.
    """

    iterations: Count = 25
    sweeps: Count = 1
    first_sweeps: Count = 4
    start: Literal["zero", "svd", "svd_w"] = "zero"
    scale: Scale = "max"
    quantile: Annotated[float, Interval(gt=0, lt=1)] = 0.99

    def __call__(
        self, A: np.ndarray, W: Weights, k: int, rng: np.random.Generator, start: Approximation | None = None
    ) -> Iterator[LowRank]:
        if start is None and self.start != "zero":
            *_, start = STARTS[self.start](A, W, k, rng)
        problem = Problem.of(A, shares(W, self.scale, self.quantile))
        X, subspace = _first(problem, problem.rank(k), rng, start)
        for iteration in range(self.iterations):
            X, subspace = subspace.improved(problem, X, self.sweeps if iteration else self.first_sweeps)
            yield X


def _first(problem: Problem, k: int, rng: np.random.Generator, start: Approximation | None) -> tuple[LowRank, RowSpace]:
    if start is None:
        return zero(problem, k), RowSpace.random(problem.shape[1], k, problem.dtype, rng)
    X = factors(start, k, problem.dtype, rng)
    return X, RowSpace.around(X.V, k, rng)
