"""OPT enclosed from both sides: solvers lower the upper end, bounds raise the lower one, until they meet or time is up.

In order: alternating minimisation; one SVD, which may prove that it found the optimum (`optima.stationary`); the climb
to better multipliers with one term, with whose X̄ alternating minimisation starts again; for k = 1 and a short side,
branch and bound; more terms, and more starts. All is done on the different rows and columns alone.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from wlra_dist.inputs.given import given_dense, given_integer
from wlra_dist.linalg.scale import times_power
from wlra_dist.linalg.threads import serial_blas
from wlra_dist.optima.enclosure import Enclosure, End
from wlra_dist.optima.proof import Core, Proof, core_of
from wlra_dist.solvers.approximation import LowRank
from wlra_dist.solvers.border import Posed, posed, unmasked
from wlra_dist.solvers.inputs import checked_rank, checked_weights
from wlra_dist.solvers.search import Search, Watch, close


@dataclass(frozen=True, eq=False)
class Optimum:
    """lower ≤ OPT ≤ upper, for the best loss ‖W∘(A − Ã)‖_F² of any Ã of rank k.

    Attributes
    ----------
    lower
        Certified, rounding included.
    upper
        At least the loss of the solution, rounding included.
    gap
        1 − lower/upper; 0 where the upper end is no more than the rounding of W∘A.
    noise
        The energy of the rounding of W∘A.
    how
        What gave each end.
    solution
        Ã.
    k
        The rank.
    seconds
        That it took.
    steps
        Seconds, lower and upper end, whenever one has moved.
    proof
        The terms and multipliers of the best lower end that has some, on different rows and columns alone.
    """

    lower: float
    upper: float
    gap: float
    noise: float
    how: dict[str, str]
    solution: LowRank
    k: int
    seconds: float
    steps: list[tuple[float, float, float]]
    proof: Proof | None


def optimum(
    A: Any,
    W: Any,
    k: int,
    gap: float = 1e-6,
    seconds: float = 60.0,
    *,
    rng: int | np.random.Generator = 0,
    watch: Watch = lambda _seconds, _known: None,
) -> Optimum:
    """The interval that OPT lies in, certified: closed to `gap`, or what the seconds allow.

    Parameters
    ----------
    A
        n×d, as for `solve`.
    W
        n×d, nonnegative weights, as for `solve`.
    k
        The rank.
    gap
        The relative gap that will do, 1 − lower/upper.
    seconds
        After which no more is tried; what has begun is ended first. So the interval is not the same on every machine.
    rng
        A seed, or a generator, of the starts.
    watch
        Called with the seconds so far and what is known, whenever an end has moved.

    Returns
    -------
    Optimum
        `lower`, `upper`, `gap`, `how`, and the `solution` whose loss is the upper end.

    Raises
    ------
    InputError
        What cannot be solved, such as A and W of different shapes.
    """
    asked = Asked.of(A, W, k)
    core, whole = asked.core, asked.whole
    search = Search(
        core, asked.k, gap, seconds, np.random.default_rng(rng), lambda time, known: watch(time, whole(known))
    )
    with serial_blas():
        try:
            close(search)
        except KeyboardInterrupt:  # what was found is worth having
            if search.solution is None:
                raise
    return _answer(asked, search)


def _answer(asked: "Asked", search: Search) -> Optimum:
    """What the search has found, as of the whole that was asked for."""
    assert search.solution is not None, "the first stage yields at least one iterate"
    whole = asked.whole
    known, found = whole(search.known), asked.spread(search.solution)
    steps = [(time, whole(then).lower.value, whole(then).upper.value) for time, then in search.steps]
    how = {"lower": known.lower.how, "upper": known.upper.how}
    return Optimum(
        known.lower.value,
        known.upper.value,
        known.gap,
        known.noise,
        how,
        found,
        asked.k,
        search.elapsed,
        steps,
        search.proof,
    )


@dataclass(frozen=True, eq=False)
class Asked:
    """A problem as it was brought, and its core."""

    problem: Posed
    core: Core
    k: int

    @classmethod
    def of(cls, A: Any, W: Any, k: int) -> "Asked":
        """InputError for what cannot be solved."""
        A, W = unmasked(A, W)
        W, k = checked_weights(W), given_integer(k, "k")
        A = given_dense(A, "A", (lambda i, j: W.entries(i, j) > 0) if getattr(A, "shape", None) == W.shape else None)
        k = checked_rank(A, W, k, None)
        problem = posed(A, W)
        return cls(problem, core_of(np.asarray(problem.A), problem.W), k)

    def whole(self, known: Enclosure) -> Enclosure:
        """What is known of the core's optimum, of the whole problem's."""
        lower, upper = (End(self._whole(end.value), end.how) for end in (known.lower, known.upper))
        return Enclosure(lower, upper, self._whole(known.noise))

    def spread(self, X: LowRank) -> LowRank:
        """The core's solution on all rows and columns, as the caller sees it."""
        U, V = self.core.reduced.spread(np.ldexp(X.U, self.core.powers[0]), X.V.T)
        found = self.problem.restored(LowRank(U, np.ascontiguousarray(V.T)))
        assert isinstance(found, LowRank), "what is restored stays what it is"
        return found

    def gathered(self, X: LowRank) -> LowRank:
        """The opposite: what a solution of the whole problem is on the core."""
        power = self.problem.seen.A + self.core.powers[0]
        U, V = self.core.reduced.gathered(times_power(X.U, -power), X.V.T)
        return LowRank(U, V.T)

    def _whole(self, energy: float) -> float:
        return self.problem.restored_energy(self.core.whole(energy))
