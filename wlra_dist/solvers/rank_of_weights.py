"""The rank r of W for a solver: as it is stated, or estimated from the spectrum of W; and what is known of it.

r decides two things. A reweighted SVD of rank rk with r too small has no guarantee, with r too large more parameters
than it needs; its loss is what it is in either case. The lower bound ‖(W∘A)_{−rk}‖² holds only for r ≥ rank(W): where
that is refuted or unknown, `solve` has no use for it.
"""

from dataclasses import dataclass

import numpy as np

from wlra_dist.linalg.rows.products import gram, sweep
from wlra_dist.linalg.rows.rows import FLOAT64, Rows, plain
from wlra_dist.weights import DenseWeights, Weights
from wlra_dist.weights.rank import RankFinding, examine

LEFT = 0.01
"""Of ‖W‖_F², at most so much is beyond the estimated rank: Fisher matrices have 95 % or more in one direction."""

SMALL = 64
"""Up to so many rows or columns all singular values are looked at; else a few first."""

FEW, LOOKS = 10, 3
"""So many, in so many looks at W."""


@dataclass(frozen=True)
class WeightsRank:
    """r, and what is known of rank(W) ≤ r."""

    r: int
    finding: RankFinding


def rank_of(W: Weights, r: int | None = None, k: int = 1) -> WeightsRank:
    """r as given; else as stated with dense weights, or proven by their structure; else the estimate.

    Where an estimate is so large that there is no tail beyond rank rk, nobody asks what is known of it.
    """
    stated = r or (W.claimed_rank if isinstance(W, DenseWeights) else W.rank)
    if stated is not None:
        r = max(stated, 1)  # W = 0 has none
        return WeightsRank(r, examine(W, r))
    r = estimated_rank(W)
    return WeightsRank(r, examine(W, r) if r * k < min(W.shape) else RankFinding("unknown"))


def estimated_rank(W: Weights) -> int:
    """The least r with ‖W_{−r}‖_F² ≤ LEFT·‖W‖_F², at least 1; FEW at most directions are looked for first, then all."""
    rows = plain(W.W if isinstance(W, DenseWeights) else W.dense(slice(None))).typed(FLOAT64)
    if min(W.shape) > SMALL and (few := _few_found(rows)):
        return few
    squares = np.maximum(np.linalg.eigvalsh(gram(rows if W.shape[1] <= W.shape[0] else rows.T))[::-1], 0.0)
    return 1 + int(np.argmax(squares.cumsum() >= (1 - LEFT) * squares.sum()))


def _few_found(rows: Rows) -> int | None:
    """r as the leading directions tell, next to all of which a few looks find; None if they are not enough."""
    V = np.random.default_rng(0).standard_normal((rows.shape[1], FEW))  # fixed: the same W, the same estimate
    look = sweep(rows, np.linalg.qr(V)[0])
    for _ in range(LOOKS - 1):
        look = sweep(rows, np.linalg.qr(look.Z.T)[0])
    enough = np.square(np.linalg.svd(look.Y, compute_uv=False)).cumsum() >= (1 - LEFT) * look.energy
    return 1 + int(np.argmax(enough)) if enough.any() else None
