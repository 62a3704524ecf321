"""The rank r of W for a solver: as it is stated, or estimated from the spectrum of W; and what is known of it.

r decides two things. A reweighted SVD of rank rk with r too small has no guarantee, with r too large more parameters
than it needs; its loss is what it is in either case. The lower bound ‖(W∘A)_{−rk}‖² holds only for r ≥ rank(W): where
that is refuted or unknown, `solve` has no use for it.
"""

from dataclasses import dataclass

import numpy as np

from wlra_dist.linalg.rows.products import gram
from wlra_dist.linalg.rows.rows import FLOAT64, plain
from wlra_dist.linalg.rows.truncated import randomised_svd
from wlra_dist.weights import DenseWeights, Weights
from wlra_dist.weights.rank import RankFinding, examine

LEFT = 0.01
"""Of ‖W‖_F², at most so much is beyond the estimated rank: Fisher matrices have 95 % or more in one direction."""

FEW = 8
"""As many singular values are looked at first, by a sketch; then all."""


@dataclass(frozen=True)
class WeightsRank:
    """r, and what is known of rank(W) ≤ r."""

    r: int
    finding: RankFinding


def rank_of(W: Weights, r: int | None = None) -> WeightsRank:
    """r as given; else as stated with dense weights, or proven by their structure; else the estimate."""
    stated = r or (W.claimed_rank if isinstance(W, DenseWeights) else W.rank)
    rank = estimated_rank(W) if stated is None else max(stated, 1)  # W = 0 has none
    return WeightsRank(rank, examine(W, rank))


def estimated_rank(W: Weights) -> int:
    """The least r with ‖W_{−r}‖_F² ≤ LEFT·‖W‖_F²; at least 1."""
    dense = W.W if isinstance(W, DenseWeights) else W.dense(slice(None))
    rows = plain(dense)
    if min(W.shape) > FEW:
        found = randomised_svd(rows, FEW, np.random.default_rng(0))  # fixed: the same W, the same estimate
        left = 1 - np.square(found.X, dtype=float).sum(axis=1).cumsum() / (found.energy or 1.0)
        if len(left) and left[-1] <= LEFT:  # W = 0 has no directions
            return 1 + int(np.argmax(left <= LEFT))
    exact = rows.typed(FLOAT64)  # float32 has no room for squares of what is below 1e-19 or above 1e19
    squares = np.maximum(np.linalg.eigvalsh(gram(exact if W.shape[1] <= W.shape[0] else exact.T))[::-1], 0.0)
    return 1 + int(np.argmax(squares.cumsum() >= (1 - LEFT) * squares.sum()))
