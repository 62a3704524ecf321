"""W̃_inv: a matrix of low rank near W^{∘-1}, for weights that may be 0 (Woodruff & Yasuda, Algorithm 2, step 1).

Near means in proportion, W∘W̃_inv ≈ 1: W^{∘-1} is itself approximated under the weights W. An entry of 10^-24, whose
inverse would make all others rounding, then weighs next to nothing, and one of 0 nothing at all. Rows and columns are
divided by their sums first, so that alternating minimisation sees entries near 1.
"""

from dataclasses import dataclass

import numpy as np

from wlra_dist.solvers.approximation import LowRank
from wlra_dist.solvers.methods.als import Alternating
from wlra_dist.weights import DenseWeights, Weights

ITERATIONS = 30
"""Of alternating minimisation: W̃_inv need not be the best."""

FAINT = 2.0**-20
"""Weights that are this part of what their row and column suggest need not be near W̃."""


@dataclass(frozen=True, eq=False)
class Inverse:
    """W̃_inv = a b of rank p on the rows and columns that count, 0 elsewhere.

    Attributes:
        a: n×p.
        b: p×d.
        W: W̃_inv^{∘-1} (n×d), where that is positive and no larger than any weight is beside what its row and column
            suggest; that limit elsewhere.
    """

    a: np.ndarray
    b: np.ndarray
    W: np.ndarray

    def times(self, X: LowRank) -> LowRank:
        """W̃_inv∘X, of rank p times that of X at most."""
        U = np.hstack([self.a[:, [q]] * X.U for q in range(self.a.shape[1])])
        return LowRank(U, np.vstack([X.V * self.b[q] for q in range(len(self.b))]))


def inverse_of(W: Weights, u: np.ndarray, v: np.ndarray, rank: int, rng: np.random.Generator) -> Inverse:
    """W̃_inv of this rank for W with row sums u (n) and column sums v (d); forms n×d numbers in float64."""
    expected = np.outer(u, v)
    share = np.divide(W.dense(slice(None)), expected, out=np.zeros(W.shape), where=expected > 0)
    largest = float(share.max(initial=0.0)) or 1.0
    counts = share > FAINT * largest
    target = np.divide(largest, share, out=np.zeros(W.shape), where=counts)
    *_, M = Alternating(iterations=ITERATIONS)(target, DenseWeights(np.where(counts, share, 0.0)), rank, rng)
    ratio = M.U @ M.V  # near largest/share: 1 is the least that it should be
    kept = expected * largest / np.maximum(ratio, 1.0)
    a = np.divide(M.U / largest, u[:, None], out=np.zeros(M.U.shape), where=u[:, None] > 0)
    return Inverse(a, np.divide(M.V, v, out=np.zeros(M.V.shape), where=v > 0), kept)
