"""The truncated SVD of A, weights or no weights: what the others are held against."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from wlra_dist.linalg.rows.rows import plain
from wlra_dist.linalg.rows.truncated import Method, truncated_svd
from wlra_dist.solvers.approximation import LowRank
from wlra_dist.weights import Weights


@dataclass(frozen=True)
class SVD:
    """A_k, the best rank-k matrix where all weights are equal.

    Args:
        svd: "sketched" (within 1 % of the best ‖A − Ã‖², usually), "krylov" (0.1 %) or "exact".
    """

    svd: Method = "sketched"

    def __call__(self, A: np.ndarray, W: Weights, k: int, rng: np.random.Generator) -> Iterator[LowRank]:  # noqa: ARG002
        found = truncated_svd(plain(A), k, self.svd, rng)
        yield LowRank(found.L, found.X)
