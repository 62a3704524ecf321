"""What one party does between messages: weigh, choose columns, fit and round, assemble."""

from collections.abc import Iterator, Sequence

import numpy as np

from wlra_dist.certificate import best_lower_bound
from wlra_dist.codecs import Coefficients, SelectedColumns, received
from wlra_dist.css import Stop, select
from wlra_dist.game.located import PerParty
from wlra_dist.linalg.basis import least_squares
from wlra_dist.linalg.spectrum import roundoff_energy
from wlra_dist.protocols.terms import Terms
from wlra_dist.reweighted import ReweightedBlock, ReweightedSolution, on_support, others, weigh, weighted_loss
from wlra_dist.weights import Matrix, Weights

_ROUNDING_SHARE = 0.01
"""The part of a server's loss that selection leaves to the rounding of X; less if ε leaves less."""


def weighted_block(A: Matrix, W: Weights) -> Matrix:
    """B_i = W_i∘A_i."""
    return weigh(W, A)


def goal(A: Matrix, W: Weights, B: Matrix, *, terms: Terms) -> float:
    """The loss that a server may leave on its block: (1+ε)·LB_i, or the rounding noise of B_i if LB_i is 0.

    LB_i ≤ OPT_i, and Σ_i OPT_i ≤ OPT since the best A' of rank k, restricted to a block, has rank at most k there.
    """
    _, bound = best_lower_bound(A, W, terms.r, terms.k, terms.effort)
    return max((1 + terms.epsilon) * bound, roundoff_energy(B))


def choose(B: Matrix, goal: float, coins: np.random.Generator, *, terms: Terms) -> np.ndarray:
    """The columns S of B_i whose span leaves no more of B_i than the goal (Cor 1.3); or as many as asked for."""
    stop = Stop(terms.columns, None if terms.columns else (1 - rounding_share(terms)) * goal)
    return select(terms.selector, B, stop, coins).columns


def rounding_share(terms: Terms) -> float:
    """At most half of what ε gives: to ask for less than ‖B_{−K}‖² would cost columns."""
    return min(_ROUNDING_SHARE, terms.epsilon / (1 + terms.epsilon) / 2)


def fit(A: Matrix, W: Weights, B: Matrix, S: np.ndarray, goal: float, *, terms: Terms) -> SelectedColumns:
    """C and X as they will be read: least squares on the columns that the receiver decodes, X then rounded.

    A coefficient gets the fewest bits that keep the loss within the goal. The sender knows that loss, since it
    plays the receiver. In an integer game of OPT = 0 the goal is rounding noise, below any loss but 0.
    """
    C = received(terms.columns_code(W, S), on_support(W, A[:, S], S))
    X = least_squares(weigh(W, C, S), B[:, others(S, W.shape[1])])

    def loss(C_X: SelectedColumns) -> float:
        return weighted_loss(A, reweighted(C_X, W))

    def tries(widths: Sequence[int]) -> Iterator[SelectedColumns]:
        for width in widths:
            _, rounded_X = received(Coefficients(X.shape), (width, X))
            for rounded in (True, False) if terms.integer else (False,):
                yield SelectedColumns(S, C, rounded_X, width, rounded)

    unrounded = min(map(loss, tries(terms.coefficient_widths[-1:])))
    limit = max(goal, unrounded / (1 - rounding_share(terms)))
    return next(C_X for C_X in tries(terms.coefficient_widths) if loss(C_X) <= limit)


def reweighted(C_X: SelectedColumns, W: Weights) -> ReweightedBlock:
    """Ã_i = W_i^{∘-1}∘(C_i X_i), from what was heard."""
    return ReweightedBlock(W, C_X.S, C_X.C, C_X.X, C_X.rounded)


def assemble(heard: Sequence[SelectedColumns], W: PerParty[Weights]) -> ReweightedSolution:
    """Ã = W^{∘-1}∘[C_1 X_1 … C_m X_m] (Algorithm 1, step 2)."""
    return ReweightedSolution([reweighted(C_X, W_i) for C_X, W_i in zip(heard, W, strict=True)])
