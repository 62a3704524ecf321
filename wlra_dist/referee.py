"""The audience: it sees A, W and the output, and says what the run proves; it is no party, and nobody hears it."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from wlra_dist.certificate import CLAIMED_TAIL, Certificate, RankClaim, best_lower_bound, rank_claim
from wlra_dist.game import PerParty
from wlra_dist.instances import Instance
from wlra_dist.linalg.spectrum import roundoff_energy
from wlra_dist.optimum import QUICK, Effort
from wlra_dist.reweighted import ReweightedSolution, weigh, weighted_loss
from wlra_dist.weights import Matrix, Weights


@dataclass(frozen=True, eq=False)
class Referee:
    """One who knows A and a lower bound on OPT, and judges any number of outputs.

    Attributes:
        instance: the game's input.
        A: all of it, server by server.
        bound: the best lower bound on OPT, by name and value.
        claim: why rank(W) ≤ r.
        noise: the energy of the rounding of W∘A.
    """

    instance: Instance
    A: Matrix
    bound: tuple[str, float]
    claim: RankClaim
    noise: float

    @classmethod
    def of(cls, instance: Instance, W: PerParty[Weights], A: Mapping[int, Matrix], effort: Effort) -> "Referee":
        """The referee of a game.

        Args:
            instance: the game's input.
            W: the weights as they were dealt.
            A: the column blocks of the servers, by number.
            effort: what the lower bounds on OPT may cost.
        """
        whole = _side_by_side([A[i] for i in range(len(A))])
        bound = _lower_bound(instance, whole, A, W, effort)
        noise = roundoff_energy(weigh(W.whole, whole))
        return cls(instance, whole, bound, rank_claim(W.whole, instance.r), noise)

    def judge(self, solution: ReweightedSolution) -> tuple[Certificate, dict[str, Any]]:
        """The certificate of an output Ã, and what the instance itself checks (such as decoding A_dense)."""
        parts = [self.A[:, start:stop] for start, stop in pairwise(solution.starts.tolist())]
        name, bound = self.bound
        certificate = Certificate(sum(map(weighted_loss, parts, solution.blocks)), bound, name, self.claim, self.noise)
        return certificate, self.instance.check(solution.entries) if self.instance.check else {}


def _lower_bound(
    instance: Instance, whole: Matrix, A: Mapping[int, Matrix], W: PerParty[Weights], effort: Effort
) -> tuple[str, float]:
    """The best bound of the whole, or the sum of the blocks' own, which is one too."""
    r, k = instance.r, instance.k
    if len(W) == 1:
        return best_lower_bound(whole, W.whole, r, k, effort)
    bounds = [best_lower_bound(whole, W.whole, r, k, QUICK)]
    apart = [best_lower_bound(A[i], W_i, r, k, effort) for i, W_i in enumerate(W)]
    names = {name for name, bound in apart if bound}
    if CLAIMED_TAIL not in names:
        bounds.append(("blocks", sum(bound for _, bound in apart)))
        bounds = [known for known in bounds if known[0] != CLAIMED_TAIL]
    return max(bounds, key=lambda known: known[1])


def _side_by_side(A: list[Matrix]) -> Matrix:
    """[A_1 … A_m]."""
    arrays = [block for block in A if isinstance(block, np.ndarray)]
    if len(arrays) == len(A):
        return np.hstack(arrays)
    from scipy.sparse import csc_array, hstack

    return csc_array(hstack(A))
