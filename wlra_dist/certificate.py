"""What a run proves: its loss beside a lower bound on OPT."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from wlra_dist.optimum import Effort, best, lower_bounds
from wlra_dist.optimum.tail import tail_bound
from wlra_dist.reweighted import weigh
from wlra_dist.weights import Matrix, Weights
from wlra_dist.weights.nearness import nearness

RankClaim = Literal["proven", "verified", "claimed"]

CLAIMED_TAIL = "claimed tail"

_SLACK = 2.0**-20
"""Relative room for the rounding of a loss and of a singular value."""

_NOISE_ROOM = 4
"""Where OPT = 0, a loss may be so many times the rounding of B: least squares and division by W round as well."""

_NEAR = 2.0**-26
"""How near W must be to rank r, entry by entry: half of the digits. The tail gives up as large a share of ‖B‖."""

_LARGEST = 2**24
"""Entries of W beyond which its rank is left unverified: three copies of it would be formed."""


@dataclass(frozen=True)
class Certificate:
    """loss ≤ ratio·OPT, unless LB is only claimed.

    Attributes:
        loss: ‖W∘(A − Ã)‖_F².
        lower_bound_opt: LB ≤ OPT, less its own rounding error.
        bound: which bound LB is (see wlra_dist.optimum), "blocks" for a sum of the blocks' own.
        rank_claim: why rank(W) ≤ r, which the tail needs: by the structure of W (proven), by its entries, each of
            them near that of a matrix of rank r (verified), or because the problem says so (claimed).
        noise: the energy of B's rounding; no loss below it says anything.
    """

    loss: float
    lower_bound_opt: float
    bound: str
    rank_claim: RankClaim
    noise: float = 0.0

    @property
    def proven(self) -> bool:
        """Whether LB ≤ OPT is proven."""
        return self.bound != CLAIMED_TAIL

    @property
    def exact(self) -> bool:
        return self.loss == 0

    @property
    def ratio(self) -> float | None:
        """loss/LB; 1 for a loss of 0; None where LB is 0 and the loss is not."""
        if self.exact:
            return 1.0
        return self.loss / self.lower_bound_opt if self.lower_bound_opt else None

    def reaches(self, epsilon: float) -> bool:
        """Whether loss ≤ (1+ε)·LB, to relative rounding and _NOISE_ROOM times the rounding of B."""
        return self.loss <= (1 + epsilon) * self.lower_bound_opt * (1 + _SLACK) + _NOISE_ROOM * self.noise


def best_lower_bound(A: Matrix, W: Weights, r: int, k: int, effort: Effort) -> tuple[str, float]:
    """The name and value of the best lower bound on OPT that is proven.

    Where nothing better than 0 is, and rank(W) ≤ r is only claimed, the tail that it would prove ("claimed tail").
    """
    off = rank_off(W, r)
    proven = off <= _NEAR
    name, bound = best(lower_bounds(A, W, min(r, W.rank), k, rank_proven=proven, off=off, effort=effort))
    if bound > 0 or proven:
        return name, bound
    return CLAIMED_TAIL, tail_bound(weigh(W, A), r, k)


def rank_claim(W: Weights, r: int) -> RankClaim:
    """Why rank(W) ≤ r."""
    if W.rank <= r:
        return "proven"
    return "claimed" if tail_off(W, r) is None else "verified"


def tail_off(W: Weights, r: int) -> float | None:
    """How much less than the tail beyond rank rk OPT may be (`farther`); None where the rank of W is only claimed."""
    off = rank_off(W, r)
    return off if off <= _NEAR else None


def rank_off(W: Weights, r: int) -> float:
    """How near W is to rank r, entry by entry; ∞ if that is not known."""
    if W.rank <= r:
        return 0.0
    n, d = W.shape
    return nearness(W.dense(slice(None)), r) if n * d <= _LARGEST else np.inf
