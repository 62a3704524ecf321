"""The audience: it sees A, W and the output, and says what the run proves; it is no party, and nobody hears it."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from wlra_dist.game import PerParty
from wlra_dist.instances import Instance
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.linalg.spectral.spectrum import roundoff_energy
from wlra_dist.optima import QUICK, Effort
from wlra_dist.optima.certificate import NONE, Certificate, best_lower_bound, floor
from wlra_dist.weights import Weights
from wlra_dist.weights.rank import RankFinding, examine
from wlra_dist.weights.reweighted import ReweightedSolution, weighted_loss
from wlra_dist.weights.weighing import weigh


@dataclass(frozen=True, eq=False)
class Referee:
    """One who knows A and a lower bound on OPT, and judges any number of outputs.

    Attributes:
        instance: the game's input.
        A: all of it, server by server.
        bound: the best lower bound on OPT, by name and value.
        aims_proven: whether every server has a bound on its own optimum to aim at.
        rank: what is known of rank(W) ≤ r.
        noise: the energy of the rounding of W∘A.
    """

    instance: Instance
    A: Matrix
    bound: tuple[str, float]
    aims_proven: bool
    rank: RankFinding
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
        bound, proven = _lower_bound(instance, whole, A, W, effort)
        noise = roundoff_energy(weigh(W.whole, whole))
        return cls(instance, whole, bound, proven, examine(instance.weights, instance.r), noise)

    def judge(self, solution: ReweightedSolution) -> tuple[Certificate, dict[str, Any]]:
        """The certificate of an output Ã, and what the instance itself checks (such as decoding A_dense)."""
        parts = [self.A[:, start:stop] for start, stop in pairwise(solution.starts.tolist())]
        loss, rank = sum(map(weighted_loss, parts, solution.blocks)), self.rank
        name, bound = self.bound
        certificate = Certificate(loss, bound, name, rank.claim, self.noise, rank.off, rank.refuted, self.aims_proven)
        return certificate, self.instance.check(solution.entries) if self.instance.check else {}


def _lower_bound(
    instance: Instance, whole: Matrix, A: Mapping[int, Matrix], W: PerParty[Weights], effort: Effort
) -> tuple[tuple[str, float], bool]:
    """The best bound of the whole, or the sum of the blocks' own, which is one too; and whether each block has one."""
    r, k = instance.r, instance.k
    apart = [floor(A[i], W_i, r, k, effort) for i, W_i in enumerate(W)]
    proven = all(block.proven for block in apart)
    if len(W) == 1:
        return (apart[0].name, apart[0].bound), proven
    bounds = [best_lower_bound(whole, W.whole, r, k, QUICK), (NONE, 0.0)]
    if any(block.name != NONE for block in apart):
        bounds.append(("blocks", sum(block.bound for block in apart)))
    return max(bounds, key=lambda known: known[1]), proven


def _side_by_side(A: list[Matrix]) -> Matrix:
    """[A_1 … A_m]."""
    arrays = [block for block in A if isinstance(block, np.ndarray)]
    if len(arrays) == len(A):
        return np.hstack(arrays)
    from scipy.sparse import csc_array, hstack

    return csc_array(hstack(A))
