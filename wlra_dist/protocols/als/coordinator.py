"""The coordinator's half of alternating minimisation: U for the sums that it received, and when to stop."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from wlra_dist.codecs.base.choice import Choice
from wlra_dist.codecs.multiples import Multiples
from wlra_dist.linalg.normal_equations import solve
from wlra_dist.protocols.als.block_squares import times, turned
from wlra_dist.protocols.als.messages import (
    END,
    GRAM_ERROR,
    SILENT,
    STEP,
    Change,
    LastStep,
    Moved,
    PublicFacts,
    Sums,
    change_of,
    moved,
    scales_of,
)
from wlra_dist.protocols.als.server import column_sizes, unscaled
from wlra_dist.weights.reweighted import ReweightedBlock, ReweightedSolution

_COARSE = 1 / 16
"""The rounding of U may cost this part of what a half step gains, and so may that of the gradients."""

_FINEST = 2.0**-30
"""Rounding may always cost this part of the gain, even where almost no loss is left."""

_UNSEEN = 2.0**-14
"""At least this part of the energy is taken to lie beyond the start, even where the servers see none there."""

_SURPRISE = 1 / 8
"""The first half step is expected to gain this part of the loss."""

_WORTH, _MOST_WORTH = 1 / 20, 0.01
"""An iteration that gains less than ε/20 of the loss, or than 1 %, whichever is less, is the last, or not begun."""

_ROUNDING = 1 / 10
"""The loss may grow by this part of ε/(1+ε) as the last V is rounded."""


@dataclass(frozen=True, eq=False)
class CoordinatorState:
    """What the coordinator holds between messages.

    Attributes:
        U: n×k, orthonormal; and the one before it.
        grams: Σ_i of the servers' Gram matrices, packed, on the rows that count (k(k+1)/2 × |rows|).
        gradient: the same of minus half the gradient (k × |rows|).
        losses: after every exchange.
        target: (1+ε)·Σ_i LB_i.
        message: the last that it sent.
        V: the servers' last messages, scaled.
    """

    U: tuple[np.ndarray, np.ndarray]
    grams: np.ndarray
    gradient: np.ndarray
    losses: tuple[float, ...]
    target: float
    message: Choice = SILENT
    V: tuple[Multiples, ...] | None = None

    @classmethod
    def first(cls, U: np.ndarray, missed: float, bound: float, facts: PublicFacts) -> "CoordinatorState":
        """The state in which the start U (n×k) is the next message; for it V is vᵀ-orthonormal in each part of W.

        Args:
            missed: the part of the energy that is beyond the start.
            bound: Σ_i LB_i.
            facts: what all know.
        """
        n, k = U.shape
        rows, none = len(facts.rows), np.zeros((n, 0))
        target = (1 + facts.terms.epsilon) * bound
        empty = cls((none, none), np.zeros((k * (k + 1) // 2, rows)), np.zeros((k, rows)), (), target)
        if not k:
            return replace(empty, message=Choice(END, LastStep(0, 1.0)))
        E, scale = U[facts.rows].T, np.sqrt(len(facts.parts) / np.square(facts.sums[1]).sum())
        left = max(missed, _UNSEEN) * float(np.square(scale * E * facts.sizes[facts.rows]).sum())
        change = change_of(E, np.full(k, scale), left * _COARSE, left * _SURPRISE * _COARSE, facts)
        return replace(empty, message=Choice(STEP, change))


def message(state: CoordinatorState) -> Choice:
    """The coordinator's message."""
    return state.message


def considered(
    state: CoordinatorState, answers: Sequence[Choice], *, facts: PublicFacts, relaxation: float, last: bool
) -> CoordinatorState:
    """The state after the servers' answers, with the next message.

    Args:
        state: before the answers.
        answers: one of each server.
        facts: what all know.
        relaxation: U goes so many times as far as to the best one for V.
        last: whether this was the last iteration.
    """
    which, value = state.message
    if which == END:
        V = tuple(answer.value for answer in answers)
        return replace(state, U=(state.U[value.back], state.U[1]), V=V, message=SILENT)
    if which != STEP:
        return state
    to, sums = moved(state.U[0], value, facts), [answer.value for answer in answers]
    summed = replace(_summed(state, to, sums, facts), U=(to.U, state.U[0]))
    change = None if _is_last(summed, facts, last) else _change(summed, to, facts, relaxation)
    following = Choice(STEP, change) if change else Choice(END, _ending(summed, facts))
    return replace(summed, message=following)


def solution(state: CoordinatorState, facts: PublicFacts) -> ReweightedSolution:
    """Ã = U [V_1 … V_m], of rank k."""
    assert state.V is not None, "the servers send V before the game is over"
    X = np.hstack([unscaled(V, column_sizes(block)) for V, block in zip(state.V, facts.blocks, strict=True)])
    none = np.zeros(0, dtype=np.int64)
    return ReweightedSolution([ReweightedBlock(facts.W.whole, none, state.U[0][:, : len(X)], X, plain=True)])


def _summed(state: CoordinatorState, to: Moved, sums: Sequence[Sums], facts: PublicFacts) -> CoordinatorState:
    """The state with the sums that were foreseen, plus what the servers sent beyond them."""
    e, grams, gradient = to.E[facts.rows].T, state.grams, state.gradient
    if state.losses:
        grams, gradient = turned(grams, to.R), to.R @ (gradient - times(grams, e))
    more_grams, more_gradient = (np.zeros((len(known), len(facts.sizes))) for known in (grams, gradient))
    for block, own in zip(facts.blocks, sums, strict=True):
        more_grams[:, block.rows] += block.spread(own.grams.numbers * to.pairs[:, None] * block.totals)
        more_gradient[:, block.rows] += own.gradient.numbers * to.scales[:, None] * facts.sizes[block.rows]
    loss = sum(own.loss for own in sums)
    return replace(
        state,
        grams=grams + more_grams[:, facts.rows],
        gradient=gradient + more_gradient[:, facts.rows],
        losses=(*state.losses, loss),
    )


def _is_last(state: CoordinatorState, facts: PublicFacts, last: bool) -> bool:
    """Whether a further iteration would gain too little, judged by the losses so far."""
    *before, loss = state.losses
    gained = not before or before[-1] - loss > _worth(loss, facts)
    return last or not gained or loss * _room(facts) <= state.target


def _ending(state: CoordinatorState, facts: PublicFacts) -> LastStep:
    """Which U is the better one, and how much the loss may grow as V is rounded."""
    *before, loss = state.losses
    back = bool(before) and not loss < before[-1]
    least = before[-1] if back else loss
    return LastStep(int(back), max(_room(facts), state.target / least if 0 < least < state.target else 1.0))


def _worth(loss: float, facts: PublicFacts) -> float:
    """What an iteration must gain."""
    return min(_WORTH * facts.terms.epsilon, _MOST_WORTH) * loss


def _room(facts: PublicFacts) -> float:
    epsilon = facts.terms.epsilon
    return 1 + _ROUNDING * epsilon / (1 + epsilon)


def _change(state: CoordinatorState, to: Moved, facts: PublicFacts, relaxation: float) -> Change | None:
    """The change of U for these sums; None if it would gain too little, counting as much again from V.

    A part of the gain that is computed from the gradient is due to its rounding. The change is shortened by that part,
    which makes the expected gain largest.
    """
    diagonal = _diagonal(len(state.gradient))
    scales = scales_of(state.grams[diagonal].sum(axis=1) / np.square(facts.sizes).sum())
    grams, loss = state.grams.copy(), state.losses[-1] / facts.largest**2
    if facts.is_rounded:
        grams[diagonal] += np.outer(GRAM_ERROR * np.square(scales), np.square(facts.sizes[facts.rows]))
    best = solve(grams, state.gradient.copy())
    computed = float((best * state.gradient).sum())
    real = max(computed - facts.noise(to), 0.0) / computed if computed > 0 else 0.0
    gain = relaxation * (2 - relaxation) * real**2 * computed
    if 2 * gain < _worth(loss, facts):
        return None
    budget = _COARSE * max(min(gain, loss - gain), _FINEST * gain)
    return change_of(relaxation * real * best, scales, budget, budget, facts)


def _diagonal(k: int) -> np.ndarray:
    """Where the diagonal is in packed matrices."""
    return np.cumsum([0, *range(k, 1, -1)])
