"""One call for every solver: its answer with loss, lower bound, size and seconds; to be watched, and to be stopped."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count
from operator import itemgetter
from time import perf_counter
from typing import Any, Literal

import numpy as np

from wlra_dist.errors import InputError
from wlra_dist.inputs.brief import FirstLine, page
from wlra_dist.inputs.given import given_dense, given_integer
from wlra_dist.linalg.threads import serial_blas
from wlra_dist.optima import QUICK, TIGHT, Effort
from wlra_dist.optima.certificate import Certificate
from wlra_dist.solvers.approximation import Approximation, Solver
from wlra_dist.solvers.border import Posed, posed, unmasked
from wlra_dist.solvers.bound import Solved, certificate
from wlra_dist.solvers.inputs import checked_rank, checked_weights
from wlra_dist.solvers.loss import squared_loss
from wlra_dist.solvers.methods import SOLVERS, Solvers, stages
from wlra_dist.solvers.methods.svd_w import SVDW, misled
from wlra_dist.solvers.rank_of_weights import WeightsRank, rank_of
from wlra_dist.weights.rank import RankClaim

Stopped = Literal["finished", "by progress", "interrupted"]

Certify = Literal["quick", "tight", "no"]

_EFFORTS: dict[str | bool, Effort | None] = {"quick": QUICK, True: QUICK, "tight": TIGHT, "no": None, False: None}

FLOAT = 4
"""Bytes of a number, where sizes are compared."""

Progress = Callable[[int, Approximation], bool | None]
"""Called with each iterate and its number from 1; what is true stops the solver there."""


@dataclass(frozen=True, eq=False)
class Solution:
    """An approximation of A and what is known of it.

    Attributes
    ----------
    approximation
        Ã, as factors.
    method
        As it was asked for.
    k
        The target rank; the one that was found, if a tolerance was asked for.
    loss
        ‖W∘(A − Ã)‖_F².
    energy
        ‖W∘A‖_F²; √(loss/energy) is the relative error.
    certificate
        Loss and lower bound on the optimum of rank k; None if it was not asked for, or interrupted.
    r
        The rank of W that was used; None if nothing needed it.
    rank_claim
        What is known of rank(W) ≤ r (`wlra_dist.weights.rank`). Where it is refuted or unknown, as it may
        be of an estimate, the tail beyond rank rk is no bound; others (`wlra_dist.optima`) hold for any r.
    parameters
        How many numbers Ã is stored as, beside W where it is reweighted.
    seconds
        Of the solver, without loss and bounds.
    stopped
        Why it ended.
    """

    approximation: Approximation
    method: str
    k: int
    loss: float
    energy: float
    certificate: Certificate | None
    r: int | None
    rank_claim: RankClaim | None
    parameters: int
    seconds: float
    stopped: Stopped

    def __repr__(self) -> str:
        return f"<{self.method[:60]}, rank {self.k}: {self.first_line.words}>"

    @property
    def first_line(self) -> FirstLine:
        """Both matrices as 32-bit floats, whatever A's type is."""
        n, d = self.approximation.shape
        ratio = self.certificate and self.certificate.ratio
        return FirstLine((n, d), FLOAT * self.parameters, FLOAT * n * d, self.loss, self.energy, ratio)

    def _repr_html_(self) -> str:
        return page(self)


@serial_blas()
def solve(
    A: Any,
    W: Any,
    k: int | None = None,
    method: str = "svd_w+als",
    *,
    r: int | None = None,
    rtol: float | None = None,
    rng: int | np.random.Generator = 0,
    progress: Progress | None = None,
    certify: Certify | bool | Effort = "quick",
    solvers: Solvers = SOLVERS,
    **options: Any,
) -> Solution:
    """Ã ≈ A with a small ‖W∘(A − Ã)‖_F².

    Parameters
    ----------
    A
        n×d, finite where W is not 0, anything elsewhere, of any type of `inputs.given`: an array, sparse matrix,
        frame or tensor. float32 is computed in float32 where that is exact enough. A memory map is read in row
        pieces by svd, svd_w and reweighted_svd, which keep next to nothing of it.
    W
        n×d, nonnegative; as A, or structured weights. A zero says that the entry of A does not exist, and so does
        a mask of `numpy.ma` in either.
    k
        The rank; with a tolerance the largest that is tried, by default min(n, d).
    method
        A name of SOLVERS, or "a+b": a start and what improves on it. Where svd_w is a start and misled, b tries
        one of its own as well, and the better of the two is the answer.
    r
        rank(W), for the bound and for reweighted_svd; by default what W says of itself, or an estimate.
    rtol
        The smallest rank is searched for with loss ≤ rtol²·‖W∘A‖²; by bisection, in log k solutions.
    rng
        A seed, or a generator.
    progress
        Sees each iterate. Ctrl-C stops, too, and the last iterate is returned.
    certify
        Whether to look for a lower bound, or how hard: "quick" evaluates the multipliers of the solution, for about
        a third of the time of als where these prove it optimal (784×128, k = 5), and climbs where not, for about as
        long as als takes; "tight", many times that; "no".
    solvers
        The methods by name: the package's, unless a plugin brings more.
    **options
        Of the method; an option that two stages have goes to both.

    Returns
    -------
    Solution
        Ã with its loss, in units of A's and W's squares, and what is proven of it (Woodruff & Yasuda, Thm 1.2).

    Raises
    ------
    InputError
        What is given cannot be solved: the sentence says which argument, what was expected and what is there.
    """
    A, W = unmasked(A, W)
    W, r = checked_weights(W), None if r is None else given_integer(r, "r")
    A = given_dense(A, "A", (lambda i, j: W.entries(i, j) > 0) if getattr(A, "shape", None) == W.shape else None)
    k = checked_rank(A, W, k, rtol)
    problem = posed(A, W)
    effort = certify if isinstance(certify, Effort) else _effort(certify)
    asked = effort or (method.startswith("reweighted_svd") and "rank" not in options)
    known = rank_of(problem.W, r, k if rtol is None else 1) if asked else None
    job = _Job(problem, method, stages(method, _with_rank(method, options, known), solvers), rng, progress)
    solution = job.at_rank(k) if rtol is None else _smallest(job, k, rtol)
    return _certified(solution, problem, known, effort, quick=certify in (True, "quick"))


@dataclass(frozen=True, eq=False)
class _Job:
    problem: Posed
    method: str
    solvers: list[Solver]
    rng: int | np.random.Generator
    progress: Progress | None

    @cached_property
    def chains(self) -> list[list[Solver]]:
        """The stages; then those behind an svd_w that looks at what hardly counts, from a start of their own."""
        first, *others = self.solvers
        doubtful = others and isinstance(first, SVDW) and misled(self.problem.A, self.problem.W)
        return [self.solvers, others] if doubtful else [self.solvers]

    def at_rank(self, k: int) -> Solution:
        begun, problem, numbers = perf_counter(), self.problem, count(1)
        ends: list[tuple[float, Approximation]] = []
        stopped: Stopped = "finished"
        for chain in self.chains:
            try:
                last, stopped = self._run(chain, k, numbers)
            except KeyboardInterrupt:
                if not ends:
                    raise
                stopped = "interrupted"
                break
            ends.append((squared_loss(problem.A, problem.W, last), last))
            if stopped != "finished":
                break
        seconds = perf_counter() - begun
        least, best = min(ends, key=itemgetter(0))
        loss, found = problem.restored_energy(least), problem.restored(best)
        return Solution(
            found, self.method, k, loss, problem.seen.energy, None, None, None, found.parameters, seconds, stopped
        )

    def _run(self, chain: list[Solver], k: int, numbers: Iterator[int]) -> tuple[Approximation, Stopped]:
        last: Approximation | None = None
        try:
            for last, number in zip(self._iterates(chain, k), numbers, strict=False):
                if self.progress and self.progress(number, self.problem.restored(last)):
                    return last, "by progress"
        except KeyboardInterrupt:
            if last is None:
                raise
            return last, "interrupted"
        assert last is not None, "a solver yields at least one iterate"
        return last, "finished"

    def _iterates(self, chain: list[Solver], k: int) -> Iterator[Approximation]:
        """All stages' iterates, each stage from the last one of the stage before."""
        rng, A, W = np.random.default_rng(self.rng), self.problem.A, self.problem.W
        first, *others = chain
        last: Approximation | None = None
        for iterate in first(A, W, k, rng):
            last = iterate
            yield iterate
        for solver in others:
            refine: Any = solver  # `stages` has seen that it takes a start
            for iterate in refine(A, W, k, rng, start=last):
                last = iterate
                yield iterate


def _smallest(job: _Job, largest: int, rtol: float) -> Solution:
    """The solution of least rank within the tolerance; that of rank `largest` if none is.

    Ranks are doubled until one is within, then bisected: a method whose loss falls with the rank is searched exactly.
    """
    below, found = 0, job.at_rank(1)
    try:
        while found.loss > rtol**2 * found.energy and found.k < largest and found.stopped == "finished":
            below, found = found.k, job.at_rank(min(2 * found.k, largest))
        while found.k - below > 1 and found.loss <= rtol**2 * found.energy and found.stopped == "finished":
            middle = job.at_rank((below + found.k) // 2)
            if middle.loss <= rtol**2 * middle.energy:
                found = middle
            else:
                below, found = middle.k, replace(found, stopped=middle.stopped)
    except KeyboardInterrupt:
        found = replace(found, stopped="interrupted")
    return found


def _certified(
    solution: Solution, problem: Posed, known: WeightsRank | None, effort: Effort | None, *, quick: bool
) -> Solution:
    if known is None:
        return solution
    solution = replace(solution, r=known.r, rank_claim=known.finding.claim)
    if effort is None:
        return solution
    try:
        posed_loss, X = problem.posed_energy(solution.loss), problem.posed_solution(solution.approximation)
        solved = Solved(X, posed_loss, solution.k)
        proof = certificate(problem.A, problem.W, known, solved, problem.energy, effort, quick=quick)
    except KeyboardInterrupt:  # no reason to lose what was found
        return replace(solution, stopped="interrupted")
    return replace(solution, certificate=problem.restored_certificate(proof))


def _effort(certify: Any) -> Effort | None:
    if certify not in _EFFORTS:
        raise InputError(f"expected certify to be quick, tight or no, found {certify!r}")
    return _EFFORTS[certify]


def _with_rank(method: str, options: dict[str, Any], known: WeightsRank | None) -> dict[str, Any]:
    """The options, and r for the solver that wants it."""
    return {**options, "r": known.r} if known and method.startswith("reweighted_svd") else options
