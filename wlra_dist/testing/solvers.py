"""The laws of a solver."""

from collections.abc import Callable, Iterator
from inspect import signature
from typing import Any

import numpy as np

from wlra_dist.scenario.choices import as_class
from wlra_dist.solvers import Approximation, solve
from wlra_dist.testing.laws import require, under_check
from wlra_dist.testing.sums import sum_of
from wlra_dist.weights import DenseWeights, LowRankWeights, Weights


def check_solver(solver: Callable[..., Any], **options: Any) -> None:
    """Holds a solver to what `wlra_dist.solvers.Solver` asks, on small problems. How good it is, is not asked.

    Parameters
    ----------
    solver
        A function ``(A, W, k, rng)`` that yields iterates, or a dataclass of options with that ``__call__``, as a
        plugin's ``SOLVERS`` names it.
    **options
        The solver's own.

    Raises
    ------
    AssertionError
        One sentence: no iterate; one of another shape, that is not finite, or whose columns depend on which are asked
        for; an A that was changed; iterates that the same coins do not repeat; or a start that it takes and does not go
        on from.
    """
    kind = as_class(solver, "__call__")
    work = kind(**options)
    for name, A, W, k in _problems():
        with under_check(solver, f"for rank {k} under weights that are {name}"):
            before = sum_of(A)
            found = list(work(A, W, k, np.random.default_rng(2)))
            require(sum_of(A) == before, "A was changed")
            require(found, "an iterate is due, none came")
            for iterate in found:
                _check_iterate(iterate, A.shape)
            again = list(work(A, W, k, np.random.default_rng(2)))
            require(_entries(again[-1]) == _entries(found[-1]), "the same coins gave another answer")
            if "start" in signature(kind.__call__).parameters:
                onward = list(work(A, W, k, np.random.default_rng(2), start=found[0]))
                require(onward, "from a start an iterate is due, none came")
                _check_iterate(onward[-1], A.shape)
            solution = solve(A, W, k, "own", solvers={"own": kind}, certify=False, **options)
            require(np.isfinite(solution.loss), "`solve` finds a loss that is not finite")


def _problems() -> Iterator[tuple[str, np.ndarray, Weights, int]]:
    rng = np.random.default_rng(1)
    A = rng.standard_normal((9, 2)) @ rng.standard_normal((2, 7)) + 0.1 * rng.standard_normal((9, 7))
    W = rng.random((9, 7)) * (rng.random((9, 7)) < 0.8)
    yield "ones", A, DenseWeights(np.ones((9, 7))), 2
    yield "any, with zeros", np.where(W > 0, A, 0.0), DenseWeights(W), 2
    yield "of rank 2", A, LowRankWeights(rng.random((9, 2)) + 0.1, rng.random((2, 7)) + 0.1), 1
    yield "ones", A, DenseWeights(np.ones((9, 7))), 7


def _check_iterate(iterate: Approximation, shape: tuple[int, ...]) -> None:
    require(tuple(iterate.shape) == shape, f"an iterate of shape {shape} is due, {iterate.shape} came")
    require(iterate.parameters > 0, "an iterate says how many numbers it is")
    whole = iterate.columns(np.arange(shape[1]))
    require(np.shape(whole) == shape, f"columns of shape {shape} are due, {np.shape(whole)} came")
    require(np.isfinite(whole).all(), "an iterate is not finite")
    some = np.arange(shape[1])[::-2]
    close = np.allclose(iterate.columns(some), whole[:, some], rtol=1e-9, atol=1e-9 * np.abs(whole).max(initial=0.0))
    require(close, "columns depend on which are asked for")


def _entries(iterate: Approximation) -> str:
    return sum_of(iterate.columns(np.arange(iterate.shape[1])))
