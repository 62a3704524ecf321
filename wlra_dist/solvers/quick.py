"""What is quickly proven of a solution at hand: counted so that it takes no more than half of what `solve` took.

The multipliers of the solution itself, which prove that it is optimal or tell what share of them proves the most: that
is one evaluation. Where alternating minimisation is dear enough, a climb from there follows. All with one term, on
rows and columns where W has no zero: what is lost elsewhere is 0 at least. Nothing is timed: the same problem has the
same certificate, whatever else the machine does.
"""

import numpy as np

from wlra_dist.linalg.scale import scaled_energy
from wlra_dist.optima.certificate import NONE
from wlra_dist.optima.climb import climbed
from wlra_dist.optima.minorant import NOTHING, unit_squares
from wlra_dist.optima.one_term import OneTerm
from wlra_dist.solvers.approximation import LowRank
from wlra_dist.weights import Weights

ENOUGH = 1 - 1e-7
"""Of the loss: what is proven then is as good as OPT."""

EVALUATIONS = 30
"""Of the climb, at most."""

ITERATIONS = 5
"""Of alternating minimisation, half of what `solve` does by default, take as long as all of this may."""

OTHERS = 3
"""As many evaluations does take what else is done: the term, the solution's own multipliers, certifying."""

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
    squares, power = unit_squares(W)
    A, U, V = (np.asarray(M, dtype=float) for M in (A, X.U, X.V.T))
    rows, columns = _whole(squares)
    if min(len(rows), len(columns)) <= k:
        return NONE, 0.0
    if (len(rows), len(columns)) != squares.shape:
        A, squares, U, V = A[np.ix_(rows, columns)], squares[np.ix_(rows, columns)], U[rows], V[columns]
    if squares.shape[0] < squares.shape[1]:
        A, squares, U, V = A.T, squares.T, V, U
    one = OneTerm.of(A, squares, k)
    R = one.multipliers(U, V)
    share = one.share(R, U, V)
    bound = one.bound(share * R, one.root_q[:, None] * V if share == 1 else None)
    if share < 1 or scaled_energy(bound, power) < ENOUGH * loss:
        bound = max(bound, _climbed(one, share * R))
    return "solution" if share == 1 else "multipliers", scaled_energy(bound, power)


def _whole(squares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns where W has no zero: all but those of zeros, or without the rows, or the columns, with any."""
    there = squares > NOTHING
    rows, columns = np.flatnonzero(there.any(axis=1)), np.flatnonzero(there.any(axis=0))
    whole_rows = np.flatnonzero(there[:, columns].all(axis=1))
    whole_columns = np.flatnonzero(there[rows].all(axis=0))
    by_rows = len(whole_rows) * len(columns) >= len(rows) * len(whole_columns)
    return (whole_rows, columns) if by_rows else (rows, whole_columns)


def _climbed(one: OneTerm, R: np.ndarray) -> float:
    """What those multipliers prove that it is worth climbing to from R."""
    evaluations = _affordable(R.shape, one.k)
    if evaluations <= 1 or R.size > LARGEST:
        return 0.0
    dual = one.dual
    top = climbed(lambda x: dual.at(x)[:2], dual.vector([R]), evaluations)
    return one.bound(dual.multipliers(top.x)[0])


def _affordable(shape: tuple[int, int], k: int) -> int:
    """How many evaluations beside what else is done; as measured, in operations for each entry of A."""
    n, d = shape
    evaluation = 1.5 * d + 4 * d**2 / n + 850
    iteration = 2 * k**2 + 20 * k + 60
    return int(np.clip(ITERATIONS * iteration / evaluation - OTHERS, 0, EVALUATIONS))
