"""What a run proves: its loss beside a lower bound on OPT, and what is known of the rank of W."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from wlra_dist.linalg.matrix import Matrix
from wlra_dist.optima import Effort, with_grounds
from wlra_dist.optima.grounds import ProvenBound
from wlra_dist.optima.tail import tail_bound
from wlra_dist.weights import Weights
from wlra_dist.weights.rank import RankClaim, RankFinding, examine, least_below
from wlra_dist.weights.refutation import Minor
from wlra_dist.weights.weighing import weighed

NONE = "none"
"""The name of the bound where nothing but OPT ≥ 0 is known."""

_SLACK = 2.0**-20
"""Relative room for the rounding of a loss and of a singular value."""

_NOISE_ROOM = 4
"""Where OPT = 0, a loss may be so many times the rounding of B: least squares and division by W round as well."""


@dataclass(frozen=True)
class Certificate:
    """loss ≤ ratio·OPT.

    Attributes:
        loss: ‖W∘(A − Ã)‖_F².
        lower_bound_opt: LB ≤ OPT, less its own rounding error.
        bound: which bound LB is (see wlra_dist.optima), "blocks" for a sum of the blocks' own, "none" for OPT ≥ 0.
        rank_claim: what is known of rank(W) ≤ r (see wlra_dist.weights.rank).
        noise: the energy of B's rounding; no loss below it says anything.
        rank_off: how far W is from rank r, entry by entry; None if that is not known to be little.
        rank_refuted: a minor of order r + 1 that is not 0.
        aims_proven: whether every server aims at a bound on its own optimum; if not, (1+ε)·OPT was promised by nobody.
        of_rank_k: whether Ã is known to be of the target rank, so that OPT is at most the loss.
        blocks: the sum of the servers' own bounds, where there are several; LB is the larger of this and the next.
        whole: the bound on the whole, where somebody looked at it.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    loss: float
    lower_bound_opt: float
    bound: str
    rank_claim: RankClaim
    noise: float = 0.0
    rank_off: float | None = None
    rank_refuted: Minor | None = None
    aims_proven: bool = True
    of_rank_k: bool = False
    blocks: float | None = None
    whole: float | None = None

    @property
    def proven(self) -> bool:
        """Whether more than OPT ≥ 0 is proven."""
        return self.bound != NONE

    @property
    def lower(self) -> float:
        """LB ≤ OPT."""
        return self.lower_bound_opt

    @property
    def upper(self) -> float | None:
        """The loss, where that is one of rank k; OPT is at most that."""
        return self.loss if self.of_rank_k else None

    @property
    def gap(self) -> float | None:
        """1 − LB/loss, by what share at most a better Ã of rank k loses less; 0 where the loss is rounding."""
        if not self.of_rank_k:
            return None
        return 0.0 if self.exact or self.is_rounding else max(0.0, 1 - self.lower_bound_opt / self.loss)

    @property
    def how(self) -> str:
        """Which bound LB is."""
        return self.bound

    @property
    def exact(self) -> bool:
        return self.loss == 0

    @property
    def ratio(self) -> float | None:
        """loss/LB; 1 where both are 0; None where LB is 0 and the loss is not, or both are rounding."""
        if self.exact and self.lower_bound_opt <= self.noise:
            return 1.0
        if not self.lower_bound_opt or self.is_rounding:
            return None
        ratio = self.loss / self.lower_bound_opt
        return max(1.0, ratio) if self.of_rank_k else ratio  # below 1 by rounding alone

    @property
    def is_rounding(self) -> bool:
        """Whether neither the loss nor LB is more than the rounding of B explains, as where OPT = 0."""
        return self.lower_bound_opt <= self.noise and self.loss <= _NOISE_ROOM * self.noise

    def reaches(self, epsilon: float) -> bool | None:
        """Whether loss ≤ (1+ε)·LB, to relative rounding, or both are the rounding of B.

        None where it is not, and rounding may be why, or somebody had to aim at what bounds nothing.
        """
        allowed = (1 + epsilon) * self.lower_bound_opt * (1 + _SLACK)
        if self.loss <= allowed or self.is_rounding:
            return True
        explained = self.loss <= allowed + _NOISE_ROOM * self.noise
        return False if self.aims_proven and not explained else None


class Floor(NamedTuple):
    """What a loss is held against.

    Attributes:
        bound: the best lower bound on OPT.
        aim: LB; where that is none, the tail beyond rank rk: a loss to aim at, which proves nothing.
    """

    bound: ProvenBound
    aim: float

    @property
    def proven(self) -> bool:
        return self.aim <= self.bound.value


def floor(A: Matrix, W: Weights, r: int, k: int, effort: Effort) -> Floor:
    """The best lower bound on OPT, and the loss to aim at."""
    bound = best_lower_bound(A, W, r, k, effort)
    return Floor(bound, bound.value if bound.name != NONE else tail_bound(weighed(W, A), r, k))


def best_lower_bound(
    A: Matrix, W: Weights, r: int, k: int, effort: Effort, finding: RankFinding | None = None
) -> ProvenBound:
    """The best lower bound on OPT; that named "none", 0, if rank(W) ≤ r is not known and none is above 0.

    Where rank(W) ≤ r is known, the tail may be that of a smaller rank which W, such as a server's block, has as well.
    What has been found of rank(W) ≤ r need not be looked for again.
    """
    found = finding if finding and r <= W.rank else examine(W, r := min(r, W.rank))
    known = found.off is not None
    bounds = with_grounds(A, W, r, k, rank_proven=known, off=found.off or 0.0, effort=effort)
    if known and (rank := least_below(W, r)) < r:
        bounds.insert(0, ProvenBound("tail", tail_bound(weighed(W, A), rank, k, examine(W, rank).off or 0.0)))
    best = max(bounds, key=lambda bound: bound.value, default=ProvenBound(NONE, 0.0))
    return best if best.value > 0 or known else ProvenBound(NONE, 0.0)
