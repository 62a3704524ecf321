"""One half of alternating minimisation: every row of U for a fixed V, a weighted least squares problem for each row.

Row i minimises Σ_j S_ij (A_ij − u_i V_j)². Both regressions solve for the correction of a U that is given: rounding
then is relative to the residual, a correction that is only nearly right still lowers the loss, and an unknown that the
weights leave open stays as it was. V has orthonormal rows, so that only the weights can make a Gram matrix
ill-conditioned; a V of condition 10⁶ would cost all digits but six, since normal equations square it.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from wlra_dist.linalg.blocks import runs
from wlra_dist.linalg.normal_equations import pair_products, solve
from wlra_dist.linalg.rows.rows import FLOAT32
from wlra_dist.linalg.threads import shared
from wlra_dist.solvers.problem import Problem
from wlra_dist.solvers.squares import FAINT, Squares

TOGETHER = 512
"""Gram matrices that are factored together, at least: with fewer, a step on them takes no longer than to begin it."""

PIECE = 2**20
"""Entries of Gram matrices in a piece."""

UNSEEN = 0.5
"""Power of eps. V's entries are about 1/√d, so a pivot of row i is about Σ_j S_ij/d; one that is smaller by this factor
tells of a direction that the row hardly sees. To follow it would make a U so large that the next V, made orthonormal,
had no digits left for other rows."""


class Correction(Protocol):
    """A way to solve many weighted least squares problems with one matrix."""

    def __call__(self, V: np.ndarray, S: Squares, residual: "Residual", rng: np.random.Generator) -> np.ndarray:
        """E (k×n) that brings Σ_j S_ij (R_ij − e_i V_j)² to its minimum for every row, or near it.

        Args:
            V: k×d, orthonormal rows.
            S: n×d.
            residual: for a correction E (k×n) so far, V(S∘(R − EᵀV))ᵀ (k×n): minus half the gradient.
            rng: where sketches come from.
        """
        ...


class Residual(Protocol):
    def __call__(self, E: np.ndarray | None) -> np.ndarray: ...


def corrected(
    problem: Problem, U: np.ndarray, V: np.ndarray, correction: Correction, rng: np.random.Generator
) -> np.ndarray:
    """What has to be added to U (n×k) so that it minimises the loss for this V, or nearly."""

    def residual(E: np.ndarray | None) -> np.ndarray:
        return problem.row_gradient(U if E is None else U + E.T, V)

    return correction(V, problem.S, residual, rng).T


@dataclass(frozen=True)
class NormalEquations:
    """All Gram matrices by one GEMM (by a far smaller one if W has low rank), packed Cholesky.

    Args:
        quick: float64 problems are solved in float32, and again in float64 for the rows in which float32 does not see
            every unknown. That gives two digits of a correction or more, usually six; to alternate, they are enough.
    """

    quick: bool = False

    def __call__(self, V: np.ndarray, S: Squares, residual: Residual, rng: np.random.Generator) -> np.ndarray:  # noqa: ARG002
        right = residual(None)
        if not self.quick or V.dtype == FLOAT32:
            _solve(V, S, right)
            return right
        scale = np.abs(right).max(axis=0, initial=np.finfo(V.dtype).tiny)
        E = (right / scale).astype(FLOAT32)
        unseen = np.flatnonzero(~_solve(np.where(np.abs(V) > FAINT, V, 0).astype(FLOAT32), S, E, FAINT))
        E = scale * E
        for run in runs(len(unseen), V.shape[1]):
            some = right[:, unseen[run]]
            _solve(V, S.some(unseen[run]), some)
            E[:, unseen[run]] = some
        return E


def _solve(V: np.ndarray, S: Squares, right: np.ndarray, least: float = 0.0) -> np.ndarray:
    """The right-hand sides (k×n) become the corrections, in V's type; returns which rows determine every unknown (n).

    Pivots below `least` determine nothing.
    """
    pairs = pair_products(V, more=1)
    pairs[-1] = np.finfo(V.dtype).eps ** UNSEEN / V.shape[1]  # times S: a small part of the mean weight
    diagonal = np.cumsum([0, *range(len(V), 1, -1)])

    def part(within: slice) -> np.ndarray:
        determined = np.ones(within.stop - within.start, bool)
        for run in runs(within.stop - within.start, min(len(pairs), PIECE // TOGETHER), PIECE):
            rows = slice(within.start + run.start, within.start + run.stop)
            grams = S.sums(pairs, rows)
            right[:, rows] = solve(grams[:-1], right[:, rows].copy(), least=np.maximum(grams[-1], least))
            determined[run] = grams[diagonal].min(axis=0) > 0  # the pivots' roots by now
        return determined

    return np.concatenate(shared(part, *S.shape))
