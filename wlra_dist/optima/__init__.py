"""Lower bounds on OPT = min ‖W∘(A − A')‖_F² over A' of rank k: with any of them, loss/bound certifies a loss.

One bound a file, each with its proof: `tail` needs rank(W) ≤ r, `groups` rows or columns of W that are
multiples of each other, `minorant` nothing; with `multipliers` it is often next to OPT.
"""

from dataclasses import dataclass

import numpy as np

from wlra_dist.linalg.matrix import Matrix
from wlra_dist.linalg.scale import centred, scaled_energy
from wlra_dist.optima.ascent import ascend
from wlra_dist.optima.fit import fit
from wlra_dist.optima.grounds import Grounds, ProvenBound
from wlra_dist.optima.groups import group_bound, mask_bound
from wlra_dist.optima.minorant import minorant_bound, under, unit_squares
from wlra_dist.optima.proof import best_proof, core_of
from wlra_dist.optima.tail import tail_bound
from wlra_dist.optima.terms import TermPlan
from wlra_dist.weights import BlockMask, Weights
from wlra_dist.weights.weighing import weighed


@dataclass(frozen=True)
class Effort:
    """What the bounds may cost; counted, never timed, since parties must find the same.

    Args:
        terms: of a minorant with multipliers, on parts of W without zeros; 0 leaves minorants out.
        steps: steps of the ascent, and of the factorisation of W∘W before it.
        cover: how often bicliques cover an entry of other parts of W.
        evaluations: of the climb to better multipliers.
        work: multipliers times the smaller side of their terms, over all evaluations.
        visits: entries times steps: large blocks get fewer steps, but FEWEST.
        multiplied: entries of a block above which there are no multipliers, of which the climb keeps 18 copies.
        largest: entries of a block above which only the tail is left, since the others form W; not for masks.
    """

    terms: int = 4
    steps: int = 20
    cover: int = 2
    evaluations: int = 60
    work: int = 2**33
    visits: int = 2**28
    multiplied: int = 2**20
    largest: int = 2**26

    def steps_on(self, entries: int) -> int:
        """Steps on a block of so many entries, where there are multipliers."""
        return self._within(self.steps, entries)

    def steps_alone(self, entries: int) -> int:
        """The same where there are none."""
        return self._within(STEPS_ALONE, entries)

    def _within(self, steps: int, entries: int) -> int:
        return min(steps, max(FEWEST, self.visits // max(entries, 1)))


FEWEST = 10
"""Steps that even the largest blocks get."""

ALONE, STEPS_ALONE = 8, 60
"""Terms of a minorant without multipliers, which needs more of them, and steps."""

QUICK = Effort(terms=0)
"""Tail and groups only: what each of a thousand servers can afford."""

TIGHT = Effort(terms=8, cover=6, evaluations=200, work=2**36)
"""For whom bits are dearer than time."""


def lower_bounds(
    A: Matrix, W: Weights, r: int, k: int, *, rank_proven: bool, off: float = 0.0, effort: Effort = Effort()
) -> dict[str, float]:
    """Lower bounds on OPT by name, each less its own rounding error.

    Parameters
    ----------
    A
        n×d, dense or csc.
    W
        n×d.
    r
        A rank that W is said to have.
    k
        The target rank.
    rank_proven
        Whether rank(W) ≤ r is known, up to `off`; "tail" is there only if it is.
    off
        How near W is to rank r, entry by entry (`wlra_dist.weights.nearness`).
    effort
        What the bounds may cost.

    Returns
    -------
    dict of str to float
        "tail" (Woodruff & Yasuda, Thm 1.2), "groups" and "minorant", those that there are; in units of A's and W's
        squares.
    """
    found = with_grounds(A, W, r, k, rank_proven=rank_proven, off=off, effort=effort)
    return {bound.name: bound.value for bound in found}


def with_grounds(
    A: Matrix, W: Weights, r: int, k: int, *, rank_proven: bool, off: float = 0.0, effort: Effort = Effort()
) -> list[ProvenBound]:
    """The same bounds, and what they rest on; of a large mask only that by its blocks, which is OPT."""
    large = W.shape[0] * W.shape[1] > effort.largest
    tail = (rank_proven or not k) and not (large and isinstance(W, BlockMask))
    bounds = [ProvenBound("tail", tail_bound(weighed(W, A), r, k, off))] if tail else []
    n, d = W.shape
    if large and not isinstance(W, BlockMask):
        return bounds
    entries, power = centred(A)
    if isinstance(W, BlockMask):
        return [*bounds, ProvenBound("groups", scaled_energy(mask_bound(entries, W, k), power))]
    squares, power_of_W = unit_squares(W)
    bounds.append(ProvenBound("groups", scaled_energy(group_bound(entries, squares, k), power + power_of_W)))
    if not effort.terms or not k:  # of rank 0 there is one matrix, and the tail is its loss
        return bounds
    if n * d > effort.multiplied:
        return [*bounds, _plain(entries, squares, (power, power_of_W), k, effort)]
    return [*bounds, _with_multipliers(A, W, k, effort)]


def best(bounds: dict[str, float]) -> tuple[str, float]:
    """The name and the value of the largest bound; 0 is one if there is no other."""
    return max(bounds.items(), key=lambda item: item[1], default=("none", 0.0))


def _plain(A: Matrix, squares: np.ndarray, powers: tuple[int, int], k: int, effort: Effort) -> ProvenBound:
    """The bound of a minorant that is fitted to W∘W and improved for A, of which these powers of two were taken out."""
    if min(squares.shape) <= k:
        return ProvenBound("minorant", 0.0)
    steps = effort.steps_alone(squares.size)
    minorant = under(squares, *ascend(A, squares, *fit(squares, ALONE, steps), k, steps))
    bound = scaled_energy(minorant_bound(A, minorant, k), sum(powers))
    return ProvenBound("minorant", bound, Grounds.of_minorant(minorant, powers))


def _with_multipliers(A: Matrix, W: Weights, k: int, effort: Effort) -> ProvenBound:
    if min(W.shape) <= k:
        return ProvenBound("multipliers", 0.0)
    core, plan = core_of(A, W), TermPlan(effort.terms, effort.steps_on(W.shape[0] * W.shape[1]), effort.cover)
    proof = best_proof(core, k, plan, effort.evaluations, effort.work)
    return ProvenBound("multipliers", core.whole(proof.bound), Grounds.of(core, proof))
