"""What is quickly proven of a solution at hand: one decomposition, then as much of a climb as is cheap beside `solve`.

Counted and not timed: the same problem has the same certificate, whatever else the machine does.
"""

import numpy as np

from wlra_dist.linalg.scale import scaled_energy
from wlra_dist.optima.climb import climbed
from wlra_dist.optima.guarded import guarded_bound
from wlra_dist.optima.minorant import unit_squares
from wlra_dist.optima.multipliers import Dual
from wlra_dist.optima.stationary import stationary_multipliers
from wlra_dist.optima.terms import TermPlan, terms_under
from wlra_dist.solvers.approximation import LowRank
from wlra_dist.weights import Weights

PLAIN = TermPlan(terms=1, ascent=0, cover=0)
"""One term, as the fit has it; no bicliques, which take longer to find than most solutions."""

ENOUGH = 1 - 1e-7
"""Of the loss: what is proven then is as good as OPT."""

EVALUATIONS = 30
"""Of the climb, at most."""

ITERATIONS = 5
"""Of alternating minimisation, half of what `solve` does by default, take as long as all of this may."""

LARGEST = 2**22
"""Entries of A beyond which nothing is climbed: 18 copies of them are kept."""


def quick_bound(A: np.ndarray, W: Weights, k: int, X: LowRank, loss: float) -> tuple[str, float]:
    """The name and the value of a lower bound on OPT of rank k.

    Args:
        A: n×d, 0 where W is.
        W: n×d.
        k: the target rank.
        X: a solution.
        loss: its own.
    """
    A = A.astype(float)
    squares, power = unit_squares(W)
    terms = terms_under(A, squares, k, PLAIN)
    if not terms:
        return "none", 0.0
    at_solution = stationary_multipliers(A, squares, terms, X.U.astype(float) @ X.V)
    bound = scaled_energy(guarded_bound(A, squares, k, terms, at_solution), power)
    if bound >= ENOUGH * loss or A.size > LARGEST:
        return "solution", bound

    dual = Dual.of(A, squares, k, terms)
    top = climbed(lambda x: dual.at(x)[:2], np.zeros(dual.size), _affordable(A.shape, k))
    climb = scaled_energy(guarded_bound(A, squares, k, terms, dual.multipliers(top.x)), power)
    return max(("solution", bound), ("multipliers", climb), key=lambda known: known[1])


def _affordable(shape: tuple[int, int], k: int) -> int:
    """How many evaluations beside two that are certified; in operations for each entry of A, by their leading terms."""
    side, longer = sorted(shape)
    evaluation = 2 * side + 12 * side**2 / longer + 4 * k + 40
    iteration = 2 * k**2 + 20 * k + 60
    return int(np.clip(ITERATIONS * iteration / evaluation - 2, 1, EVALUATIONS))
