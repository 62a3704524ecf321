"""OPT to within 1 + ε, and factors that reach it, on different rows and columns alone (Li et al., Thm 5.1, 6.1, 7.1).

The paper decides polynomial systems between the least and the largest OPT that its numbers allow, the least being
doubly exponentially small; here the upper end is a loss that is at hand, and the lower one a certified bound. What
decides between them is one of three: z3 over the reals (`nlsat`), branch and bound, or multipliers. Each has its
limits; beyond them the answer is the interval that is certified all the same, and the limit in words.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any, Literal, NamedTuple, get_args

import numpy as np

from wlra_dist.errors import InputError
from wlra_dist.optima.enclosure import guarded_loss
from wlra_dist.optima.proof import Core, proved
from wlra_dist.optima.rank_one.branch import SHORT, branched
from wlra_dist.optima.rank_one.branch import suits as suits_branching
from wlra_dist.optima.terms import TermPlan
from wlra_dist.solvers.approximation import LowRank
from wlra_dist.solvers.distinct import nlsat
from wlra_dist.solvers.enclosing import Asked
from wlra_dist.solvers.methods.distinct import Distinct
from wlra_dist.weights import DenseWeights

By = Literal["z3", "branch", "multipliers"]

EVALUATIONS, WORK = 2000, 2**36
"""Of multipliers, at most."""

STARTS = 40
"""Of alternating minimisation: small cores have many local minima, and cost little."""

FAR = 2.0**-20
"""Where the lower end is 0, the next cost that is asked about is this share of the upper one."""


@dataclass(frozen=True, eq=False)
class OptimumWithin:
    """lower ≤ OPT ≤ upper, and Ã of loss `upper` (to rounding).

    Attributes:
        lower, upper: certified, in units of A's and W's squares.
        solution: Ã of rank k, on all rows and columns.
        core: the different rows and columns.
        steps: decisions or evaluations that were made.
        limit: why the ends are farther apart than was asked for; None if they are not.
    """

    lower: float
    upper: float
    solution: LowRank
    core: tuple[int, int]
    steps: int
    limit: str | None

    def __repr__(self) -> str:
        p, q = self.core
        return f"<{self.lower:.6g} ≤ OPT ≤ {self.upper:.6g}, on {p}×{q} different rows and columns>"


class _Ends(NamedTuple):
    lower: float
    upper: float
    steps: int
    X: LowRank
    limit: str | None = None


class _Task(NamedTuple):
    """A core, what is at hand, and what is asked for."""

    core: Core
    k: int
    epsilon: float
    seconds: float
    start: _Ends

    def near(self, lower: float, upper: float) -> bool:
        return upper <= (1 + self.epsilon) * lower or upper <= self.core.noise


def estimate(
    A: Any, W: Any, k: int, epsilon: float = 0.01, *, by: By = "multipliers", seconds: float = 60.0, rng: int = 0
) -> OptimumWithin:
    """OPT to within 1 + ε, for A and W (n×d) of few distinct rows and columns.

    Parameters
    ----------
    A, W
        n×d, as for `solve`.
    k
        The rank.
    epsilon
        How near the ends shall be: upper ≤ (1 + ε)·lower.
    by
        What decides; "z3" and "branch" are for k = 1 and positive weights, up to 3×3 and 8 rows or columns.
    seconds
        Of a decision by z3, and of branching.
    rng
        A seed of the starts.

    Returns
    -------
    OptimumWithin
        The ends, a solution, and the limit that was exceeded, if one was.

    Raises
    ------
    InputError
        What `solve` does not take, or an `by` that is none.
    UnfitEnvironmentError
        z3 is not installed.
    """
    if by not in _DECIDERS:
        raise InputError(f"expected by as one of {', '.join(get_args(By))}, found {by!r}")
    asked = Asked.of(A, W, k)
    core = asked.core
    task = _Task(core, asked.k, epsilon, seconds, _at_hand(core, asked.k, rng))
    ends = task.start if task.near(task.start.lower, task.start.upper) else _DECIDERS[by](task)
    limit = None if task.near(ends.lower, ends.upper) else ends.limit
    lower, upper = (asked.problem.restored_energy(core.whole(end)) for end in (ends.lower, ends.upper))
    return OptimumWithin(lower, upper, asked.spread(ends.X), core.reduced.shape, ends.steps, limit)


def _at_hand(core: Core, k: int, rng: int) -> _Ends:
    """The best loss of alternating minimisation, and the bound of one term."""
    small = replace(core.reduced, A=core.A, W=DenseWeights(np.sqrt(core.squares)))
    *_, X = Distinct(starts=STARTS).on_core(small, k, np.random.default_rng(rng))
    lower = proved(core, k, TermPlan(terms=1), 20, WORK).bound if min(core.A.shape) > k else 0.0
    return _Ends(lower, guarded_loss(core.A, core.squares, X.U, X.V), 0, X)


def _by_multipliers(task: _Task) -> _Ends:
    proof = proved(task.core, task.k, TermPlan(terms=8, cover=6), EVALUATIONS, WORK)
    lower = max(task.start.lower, proof.bound)
    share = lower / task.start.upper
    limit = f"multipliers end at {share:.4f} of the loss: OPT may be that, or the loss may be lowered"
    return task.start._replace(lower=lower, steps=proof.evaluations, limit=limit)


def _by_branching(task: _Task) -> _Ends:
    A, squares = task.core.A, task.core.squares
    if not suits_branching(squares, task.k):
        return task.start._replace(limit=_limit("branch and bound", f"{SHORT} rows or columns", task))
    end, steps = perf_counter() + task.seconds, 0

    def go_on(_reached: float) -> bool:
        nonlocal steps
        steps += 1
        return perf_counter() < end

    target = task.start.upper / (1 + task.epsilon / 2)
    lower = max(task.start.lower, branched(A, squares, target, go_on))
    return task.start._replace(lower=lower, steps=steps, limit=f"branching had not ended after {task.seconds:g} s")


def _by_z3(task: _Task) -> _Ends:
    """Bisection: an Ã of the geometric mean of both ends exists, and lowers the upper one, or raises the lower one."""
    core, ends = task.core, task.start
    if not nlsat.suits(core.squares, task.k):
        return ends._replace(limit=_limit("z3", f"{nlsat.SIDE}×{nlsat.SIDE}", task))
    while not task.near(ends.lower, ends.upper):
        cost = float(np.sqrt(ends.lower * ends.upper)) or FAR * ends.upper
        exists, u = nlsat.decided(core.A, core.squares, cost, task.seconds)
        ends = ends._replace(steps=ends.steps + 1)
        if exists is None:
            return ends._replace(limit=f"z3 does not know after {task.seconds:g} s whether a loss of {cost:.6g} is had")
        if u is None:
            ends = ends._replace(lower=cost)
        elif (loss := guarded_loss(core.A, core.squares, *(best := _with_v(core, u)))) < ends.upper:
            ends = ends._replace(upper=loss, X=LowRank(*best))
        else:
            return ends._replace(limit="a loss that z3 finds is below the loss at hand by less than its rounding")
    return ends


def _with_v(core: Core, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """u and the best v for it, as factors."""
    weighted = core.squares * u[:, None]
    return u[:, None], ((weighted * core.A).sum(axis=0) / (weighted * u[:, None]).sum(axis=0))[None]


def _limit(what: str, sizes: str, task: _Task) -> str:
    p, q = task.core.A.shape
    return f"{what} decides for k = 1, positive weights and at most {sizes}: this is {p}×{q}, k = {task.k}"


_DECIDERS: dict[str, Callable[[_Task], _Ends]] = {
    "z3": _by_z3,
    "branch": _by_branching,
    "multipliers": _by_multipliers,
}
