"""The stages that enclose the optimum of a core, in the order of `enclosing`, and what is known so far."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import NamedTuple

import numpy as np

from wlra_dist.optima.climb import climbed
from wlra_dist.optima.enclosure import Enclosure, End, guarded_loss, nothing_known
from wlra_dist.optima.guarded import guarded_bound
from wlra_dist.optima.multipliers import Dual
from wlra_dist.optima.proof import Core, Proof
from wlra_dist.optima.rank_one import branch, minors
from wlra_dist.optima.stationary import stationary_multipliers
from wlra_dist.optima.terms import Term, TermPlan, terms_under
from wlra_dist.solvers.approximation import LowRank
from wlra_dist.solvers.methods.als import Alternating
from wlra_dist.solvers.methods.grown import grown
from wlra_dist.weights import DenseWeights

Watch = Callable[[float, Enclosure], None]
"""Called with the seconds so far and what is known, whenever that has changed."""

Bounding = Callable[[np.ndarray, np.ndarray, float, Callable[[float], bool]], float]
"""A lower bound on OPT from A, W∘W, a target and whether to go on from what is reached."""


class RankOne(NamedTuple):
    """A method for k = 1, and whether it suits W∘W and k."""

    suits: Callable[[np.ndarray, int], bool]
    bound: Bounding


RANK_ONE = {
    "2×2 minors": RankOne(minors.suits, minors.minors_bound),
    "branch and bound": RankOne(branch.suits, branch.branched),
}
"""In this order, until the gap is closed; from behind where a side is short."""

FEW = 4
"""Rows or columns with which branch and bound is soon over."""

ONE, MORE = TermPlan(terms=1), TermPlan(terms=8, cover=3, tries=5)
"""Terms of the first climb, and of the second."""

STARTS = 20
"""Random ones, at most."""

EVALUATIONS = 2000
"""Of a climb, at most."""

SETTLED, STILL = 1e-8, 1e-10
"""A climb, and an alternation, that gain no more than this share of what they have are over."""

FAR, SLOW = 0.1, 3e-3
"""A climb with few terms is also over when it gains no more than SLOW and the gap is still as wide as FAR."""

ROUNDS = 2000
"""Of an alternation, at most."""

SHARE = 0.25
"""Of the seconds, that an alternation may take: bounds want theirs."""

OFTEN = 2.0
"""Seconds after which a climb's height is certified, for those who watch."""


@dataclass
class Search:
    """What is known so far of a core's optimum, and how long one may go on."""

    core: Core
    k: int
    gap: float
    seconds: float
    rng: np.random.Generator
    watch: Watch
    solution: LowRank | None = None
    proof: Proof | None = None
    steps: list[tuple[float, Enclosure]] = field(default_factory=list)
    begun: float = field(default_factory=perf_counter)

    def __post_init__(self) -> None:
        self.known = nothing_known(self.core.noise)

    @property
    def elapsed(self) -> float:
        return perf_counter() - self.begun

    @property
    def over(self) -> bool:
        return self.known.gap <= self.gap or self.elapsed > self.seconds

    def solved(self, X: LowRank, how: str) -> None:
        """Takes a solution, if it is the best so far."""
        loss = guarded_loss(self.core.A, self.core.squares, X.U, X.V)
        if loss < self.known.upper.value:
            self.solution = X
            self._tell(self.known.lowered(End(loss, how)))

    def proved(self, proof: Proof, how: str) -> None:
        """Takes a proof, if it is the best so far."""
        if self.proof is None or proof.bound > self.proof.bound:
            self.proof = proof
        self.bounded(proof.bound, how)

    def bounded(self, bound: float, how: str) -> None:
        if bound > self.known.lower.value:
            self._tell(self.known.raised(End(bound, how)))

    def _tell(self, known: Enclosure) -> None:
        self.known = known
        self.steps.append((self.elapsed, known))
        self.watch(self.elapsed, known)


def close(search: Search) -> None:
    """All stages, until it is over."""
    core, k = search.core, search.k
    if k >= min(core.A.shape):
        search.solved(_exact(core.A), "A itself is of rank k")
        return
    _alternate(search, None, "alternating minimisation from an SVD")
    whole, terms = bool((core.squares > 0).all()), terms_under(core.A, core.squares, k, ONE)
    if not whole and not search.over:
        _grow(search, terms)
    agreed = _climb(search, terms, "one term" if whole else "terms on parts", SLOW)
    if agreed is not None and not search.over:
        left, values, right = np.linalg.svd(agreed, full_matrices=False)
        start = LowRank((left * values)[:, :k], right[:k])
        _alternate(search, start, "alternating minimisation from what the terms agree on")
    _start_anew(search, 2)
    methods = list(RANK_ONE.items())
    for name, method in methods if min(core.A.shape) > FEW else reversed(methods):
        if method.suits(core.squares, k) and not search.over:
            _bound(search, method.bound, name)
    if not search.over:
        terms = terms_under(core.A, core.squares, k, MORE)
        _climb(search, terms, "eight terms" if whole else "more terms on parts")
    _start_anew(search, STARTS - 2)


def _exact(A: np.ndarray) -> LowRank:
    n, d = A.shape
    return LowRank(A, np.eye(d)) if d <= n else LowRank(np.eye(n), A)


def _start_anew(search: Search, times: int) -> None:
    n, d = search.core.A.shape
    for _ in range(times):
        if search.over:
            return
        V = search.rng.standard_normal((search.k, d))
        _alternate(search, LowRank(np.zeros((n, search.k)), V), "alternating minimisation from a random start")


def _alternate(search: Search, start: LowRank | None, how: str) -> None:
    A, squares = search.core.A, search.core.squares
    last, X = np.inf, None
    solver, begun = Alternating(iterations=ROUNDS), search.elapsed
    for X in solver(A, DenseWeights(np.sqrt(squares)), search.k, search.rng, start):
        E = A - X.U @ X.V
        loss = float(np.vdot(squares * E, E))
        if last - loss <= STILL * loss or search.elapsed > min(search.seconds, begun + SHARE * search.seconds):
            break
        last = loss
    if X is not None:
        search.solved(X, how)


def _grow(search: Search, terms: Sequence[Term]) -> None:
    """Alternates from what is grown from the largest pieces on, and from the others on."""
    pieces = sorted(((term.rows, term.columns) for term in terms), key=lambda piece: -len(piece[0]) * len(piece[1]))
    for first in (0, len(pieces) // 2):
        if pieces and not search.over:
            start = grown(search.core.A, search.core.squares, search.k, pieces[first:] + pieces[:first])
            _alternate(search, start, "alternating minimisation from a piece that has grown")


def _climb(search: Search, terms: list[Term], of: str, slow: float = SETTLED) -> np.ndarray | None:
    """The X̄ where it ends; None if no term says anything. Where it goes slowly and has far to go, it is over."""
    (A, squares), k = search.core[:2], search.k
    if not terms:
        return None
    dual = Dual.of(A, squares, k, terms)
    spent, certified_at = [0], [search.elapsed]

    def certify(multipliers: list[np.ndarray], how: str) -> None:
        bound = guarded_bound(A, squares, k, terms, multipliers)
        search.proved(Proof(bound, terms, multipliers, spent[0]), how)

    def at(x: np.ndarray) -> tuple[float, np.ndarray]:
        spent[0] += 1
        return dual.at(x)[:2]

    def enough(x: np.ndarray, height: float) -> bool:
        near = height >= (1 - search.gap / 2) * search.known.upper.value
        if near or search.elapsed - certified_at[0] > OFTEN:
            certify(dual.multipliers(x), how())
            certified_at[0] = search.elapsed
        return search.over

    def how() -> str:
        return f"multipliers of {of}, {spent[0]} evaluations"

    assert search.solution is not None, "alternating minimisation comes first"
    X = search.solution.U @ search.solution.V
    certify(stationary_multipliers(A, squares, terms, X), "one SVD at the solution")
    if search.known.gap <= search.gap:  # even where time is up, one evaluation follows, that of the plain minorant
        return None
    top = climbed(at, np.zeros(dual.size), EVALUATIONS, enough, slow)
    certify(dual.multipliers(top.x), how())
    if slow > SETTLED and search.known.gap < FAR and not search.over:
        top = climbed(at, top.x, EVALUATIONS, enough, SETTLED)
        certify(dual.multipliers(top.x), how())
    return dual.at(top.x).agreed


def _bound(search: Search, bound: Bounding, how: str) -> None:
    target = (1 - search.gap / 2) * search.known.upper.value

    def go_on(reached: float) -> bool:
        search.bounded(reached, how)
        return not search.over

    search.bounded(bound(search.core.A, search.core.squares, target, go_on), how)
