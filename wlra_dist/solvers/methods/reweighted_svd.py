"""Algorithm 1: a low-rank approximation of W∘A, divided by W (Woodruff & Yasuda, Thm 1.2).

With rank rk it is a (1+δ)-approximation among the matrices of rank k, δ being what the SVD is above the best, and
the quotient has full rank: W is what makes it short to store. Structured weights are never formed beyond a few
rows, and neither is W∘A: A and W may be memory maps of files.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from wlra_dist.linalg.rows.truncated import Method, truncated_svd
from wlra_dist.solvers.options import Count
from wlra_dist.solvers.rank_of_weights import rank_of
from wlra_dist.weights import Weights
from wlra_dist.weights.reweighted import ReweightedBlock
from wlra_dist.weights.weighted_rows import weighted


@dataclass(frozen=True)
class ReweightedSVD:
    """W^{∘-1}∘(W∘A)_K, and 0 where W is 0.

    Args:
        r: the rank of W, so that K = rk; by default what is known of it, or else estimated (`rank_of`).
        rank: K itself, whatever r and k are; with K = k it has as many parameters as the other methods.
        svd: "sketched" (the loss is within 1 % of ‖(W∘A)_{−K}‖², usually), "krylov" (0.1 %) or "exact" (1e-9).
    """

    r: Count | None = None
    rank: Count | None = None
    svd: Method = "sketched"

    def __call__(self, A: np.ndarray, W: Weights, k: int, rng: np.random.Generator) -> Iterator[ReweightedBlock]:
        K = self.rank or k * (self.r or rank_of(W).r)
        found = truncated_svd(weighted(A, W), min(K, *W.shape), self.svd, rng)
        yield ReweightedBlock(W, np.zeros(0, np.int64), found.L, found.X, weighted=True)
