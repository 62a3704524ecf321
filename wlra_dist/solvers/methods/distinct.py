"""The problem on different rows and columns alone (Li et al., Thm 7.1): factors of the core, spread out to all.

The reduction is exact (`wlra_dist.optima.reduced`), so the loss is the core's; alternating minimisation finds it from
an SVD and from random starts, for which a core of rp rows and columns has time.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from wlra_dist.optima.reduced import Reduced, reduced
from wlra_dist.solvers.approximation import LowRank
from wlra_dist.solvers.methods.als import Alternating
from wlra_dist.solvers.options import Count, Positive
from wlra_dist.weights import Weights


@dataclass(frozen=True)
class Distinct:
    """Alternating minimisation on one row and one column of each kind.

    Args:
        starts: the first is an SVD, the others are random; the best end is the answer.
        iterations: of each, at most.
        still: an iteration that gains no more than this share of the loss is the last.
    """

    starts: Count = 8
    iterations: Count = 200
    still: Positive = 1e-9

    def __call__(self, A: np.ndarray, W: Weights, k: int, rng: np.random.Generator) -> Iterator[LowRank]:
        small = reduced(np.asarray(A), W)
        for X in self.on_core(small, k, rng):
            U, V = small.spread(X.U, X.V.T)
            yield LowRank(U, np.ascontiguousarray(V.T))

    def on_core(self, small: Reduced, k: int, rng: np.random.Generator) -> Iterator[LowRank]:
        """Factors of the core (p×k, k×q), each better than the one before."""
        best = np.inf
        for start in range(self.starts):
            solver = Alternating(iterations=self.iterations, initialise="random" if start else "svd")
            last, X = np.inf, None
            for X in solver(small.A, small.W, k, rng):
                loss = _loss(small, X)
                if last - loss <= self.still * loss:
                    break
                last = loss
            if X is not None and (loss := _loss(small, X)) < best:
                best = loss
                yield X


def _loss(small: Reduced, X: LowRank) -> float:
    return float(np.square(small.W.W * (small.A - X.U @ X.V)).sum())
