"""A bound with multipliers from A and W: the problem made small, terms found, multipliers climbed to, all certified."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from wlra_dist.linalg.matrix import Matrix
from wlra_dist.linalg.scale import centred, scaled_energy
from wlra_dist.linalg.spectral.spectrum import roundoff_energy
from wlra_dist.optima.climb import Climbed, climbed
from wlra_dist.optima.guarded import guarded_bound
from wlra_dist.optima.multipliers import Dual
from wlra_dist.optima.reduced import Reduced, reduced
from wlra_dist.optima.terms import Term, TermPlan, require_terms, terms_under
from wlra_dist.weights import Weights

SETTLED = 1e-4
"""Ten steps that raise a bound by no more than this share of it are the last, where a party aims at it."""

NEAR = 0.98
"""A bound this near to a loss that is within reach needs no more terms."""

FEWEST = 10
"""Evaluations, on however large a problem."""


class Core(NamedTuple):
    """The problem on different rows and columns, at most 1 in size but for a power of two.

    Attributes:
        A: p×q, 0 where W is.
        squares: W∘W times the multiplicities (p×q), at most 1.
        powers: of two that were taken out of A and of W.
        reduced: how the whole problem comes from it.
    """

    A: np.ndarray
    squares: np.ndarray
    powers: tuple[int, int]
    reduced: Reduced

    @property
    def noise(self) -> float:
        """The energy of the rounding of W∘A."""
        return roundoff_energy(np.sqrt(self.squares) * self.A)

    def whole(self, energy: float) -> float:
        """A loss or a bound of the core as one of the whole problem."""
        return scaled_energy(energy, sum(self.powers))


class Proof(NamedTuple):
    """A certified lower bound on OPT of a core, and all that it takes to compute it again.

    Attributes:
        bound: of the core.
        terms: below its squares.
        multipliers: R_l on each.
        evaluations: that led there.
        within_reach: the loss of what the terms nearly agree on, truncated to rank k.
    """

    bound: float
    terms: list[Term]
    multipliers: list[np.ndarray]
    evaluations: int
    within_reach: float = np.inf


def core_of(A: Matrix, W: Weights) -> Core:
    """The core of the problem (A, W), n×d."""
    small = reduced(A, W)
    entries, power = centred(small.A)
    weights = small.W.W
    share, power_of_W = np.frexp(weights.max(initial=0.0))
    power_of_W = int(power_of_W) - (share == 0.5)  # 1 is at most 1
    return Core(entries, np.square(np.ldexp(weights, -power_of_W)), (power, power_of_W), small)


def proved(core: Core, k: int, plan: TermPlan, evaluations: int, work: int) -> Proof:
    """The bound that so many evaluations lead to, fewer where each is dear (`Dual.work`)."""
    terms = terms_under(core.A, core.squares, k, plan)
    if not terms:
        return Proof(0.0, [], [], 0)
    dual = Dual.of(core.A, core.squares, k, terms)
    top = _top(dual, min(evaluations, max(FEWEST, work // dual.work)))
    multipliers = dual.multipliers(top.x)
    bound = guarded_bound(core.A, core.squares, k, terms, multipliers)
    left, values, right = np.linalg.svd(dual.at(top.x).agreed, full_matrices=False)
    E = core.A - (left[:, :k] * values[:k]) @ right[:k]
    return Proof(bound, terms, multipliers, top.evaluations, float(np.vdot(core.squares * E, E)))


def best_proof(core: Core, k: int, plan: TermPlan, evaluations: int, work: int) -> Proof:
    """The best of two: with one term, and where that is not near OPT with more."""
    first = proved(core, k, plan._replace(terms=1), evaluations, work)
    if plan.terms == 1 or first.bound >= NEAR * first.within_reach:
        return first
    return max(first, proved(core, k, plan, evaluations, work), key=lambda proof: proof.bound)


def multipliers_of(core: Core, k: int, terms: Sequence[Term], evaluations: int) -> list[np.ndarray]:
    """Those that so many evaluations lead to from these terms."""
    require_terms(terms, core.A.shape)
    dual = Dual.of(core.A, core.squares, k, terms)
    return dual.multipliers(_top(dual, evaluations).x)


def _top(dual: Dual, evaluations: int) -> Climbed:
    return climbed(lambda x: dual.at(x)[:2], np.zeros(dual.size), evaluations, settled=SETTLED)
