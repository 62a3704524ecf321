"""The audience: it sees A, W and the output, and says what the run proves; it is no party, and nobody hears it."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from wlra_dist.certificate import Certificate, lower_bound_opt, rank_claim
from wlra_dist.instances import Instance
from wlra_dist.linalg.spectrum import roundoff_energy
from wlra_dist.reweighted import ReweightedSolution, weigh, weighted_loss
from wlra_dist.weights import Matrix


def judge(
    instance: Instance, A: Mapping[int, Matrix], solution: ReweightedSolution
) -> tuple[Certificate, dict[str, Any]]:
    """The certificate of an output, and what the instance itself checks (such as decoding A_dense).

    Args:
        instance: the game's input; its weights are W.
        A: the column blocks of the servers, by number.
        solution: the coordinator's output Ã.
    """
    loss = sum(weighted_loss(A[i], block) for i, block in enumerate(solution.blocks))
    B = [weigh(block.W, A[i]) for i, block in enumerate(solution.blocks)]
    whole = _side_by_side(B)
    ranks = [min(instance.r, block.W.rank) for block in solution.blocks]
    lower_bound = lower_bound_opt(whole, instance.r, instance.k)
    if min(ranks) < instance.r:  # where W has a smaller rank on a block, the blocks' own bounds may add up to more
        apart = sum(lower_bound_opt(B_i, r_i, instance.k) for B_i, r_i in zip(B, ranks, strict=True))
        lower_bound = max(lower_bound, apart)
    claim = rank_claim(instance.weights, instance.r)
    certificate = Certificate(loss, lower_bound, claim, roundoff_energy(whole))
    return certificate, instance.check(solution.entries) if instance.check else {}


def _side_by_side(B: list[Matrix]) -> Matrix:
    """[B_1 … B_m]."""
    arrays = [block for block in B if isinstance(block, np.ndarray)]
    if len(arrays) == len(B):
        return np.hstack(arrays)
    from scipy.sparse import csc_array, hstack

    return csc_array(hstack(B))
