"""Lower bounds on OPT = min ‖W∘(A − A')‖_F² over A' of rank k: with any of them, loss/bound certifies a loss.

One bound a file, each with its proof: `tail` needs rank(W) ≤ r, `groups` rows or columns of W that are
multiples of each other, `minorant` nothing.
"""

from dataclasses import dataclass

import numpy as np

from wlra_dist.linalg.matrix import Matrix
from wlra_dist.linalg.scale import centred, scaled_energy
from wlra_dist.optima.ascent import ascend
from wlra_dist.optima.fit import fit
from wlra_dist.optima.groups import group_bound, mask_bound
from wlra_dist.optima.minorant import minorant_bound, under
from wlra_dist.optima.tail import tail_bound
from wlra_dist.weights import BlockMask, Weights
from wlra_dist.weights.weighing import weigh


@dataclass(frozen=True)
class Effort:
    """What the bounds may cost.

    Args:
        terms: rank-one terms of the minorant; 0 leaves it out.
        steps: steps of the ascent, and of the factorisation of W∘W before it.
        visits: entries times steps: large blocks get fewer steps, but FEWEST.
        largest: entries of a block above which only the tail is left, since the others form W; not for masks.
    """

    terms: int = 8
    steps: int = 60
    visits: int = 2**28
    largest: int = 2**26

    def steps_on(self, entries: int) -> int:
        """Steps on a block of so many entries."""
        return min(self.steps, max(FEWEST, self.visits // max(entries, 1)))


FEWEST = 10

QUICK = Effort(terms=0)
"""Tail and groups only: what each of a thousand servers can afford."""


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
    bounds = {"tail": tail_bound(weigh(W, A), r, k, off)} if rank_proven or not k else {}
    n, d = W.shape
    if n * d > effort.largest and not isinstance(W, BlockMask):
        return bounds
    A, power = centred(A)
    if isinstance(W, BlockMask):
        return bounds | {"groups": scaled_energy(mask_bound(A, W, k), power)}
    squares, power_of_W = _unit_squares(W)
    power += power_of_W
    bounds["groups"] = scaled_energy(group_bound(A, squares, k), power)
    if effort.terms and k:  # of rank 0 there is one matrix, and the tail is its loss
        bounds["minorant"] = scaled_energy(_climbed(A, squares, k, effort), power)
    return bounds


def best(bounds: dict[str, float]) -> tuple[str, float]:
    """The name and the value of the largest bound; 0 is one if there is no other."""
    return max(bounds.items(), key=lambda item: item[1], default=("none", 0.0))


def _unit_squares(W: Weights) -> tuple[np.ndarray, int]:
    """W∘W for a W that a power of two has made at most 1, and that power."""
    weights = W.dense(slice(None))
    share, power = np.frexp(weights.max(initial=0.0))
    power = int(power) - (share == 0.5)  # 1 is at most 1
    return np.square(np.ldexp(weights, -power)), power


def _climbed(A: Matrix, squares: np.ndarray, k: int, effort: Effort) -> float:
    """The bound of a minorant that is fitted to W∘W and improved for A."""
    if min(squares.shape) <= k:
        return 0.0
    steps = effort.steps_on(squares.size)
    P, Q = fit(squares, effort.terms, steps)
    P, Q = ascend(A, squares, P, Q, k, steps)
    return minorant_bound(A, under(squares, P, Q), k)
