"""The coordinator's half of alternating minimisation: U for the sums that the servers told, and when to stop."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from wlra_dist.codecs.multiples import Multiples
from wlra_dist.linalg.normal_equations import solve
from wlra_dist.protocols.als.block_squares import times, turned
from wlra_dist.protocols.als.messages import (
    END,
    GRAM_ERROR,
    SAID_NOTHING,
    STEP,
    Change,
    Message,
    Moved,
    Sums,
    Table,
    change_of,
    moved,
    scales_of,
)
from wlra_dist.protocols.als.server import column_sizes, unscaled
from wlra_dist.weights.reweighted import ReweightedBlock, ReweightedSolution

_COARSE = 1 / 16
"""The part of what a half step gains that the rounding of U may cost, and that of the gradients as well."""

_FINEST = 2.0**-30
"""Of the gain: what rounding may cost where that leaves hardly a loss to compare it with."""

_UNSEEN = 2.0**-14
"""Of the energy: what is taken to be beyond the start where nothing is seen of it."""

_SURPRISE = 1 / 8
"""The part of the loss that the first half step is expected to gain."""

_WORTH, _MOST_WORTH = 1 / 20, 0.01
"""An iteration that gains less than ε/20 of the loss, or than 1 %, whichever is less, is the last, or not begun."""

_ROUNDING = 1 / 10
"""The part of ε/(1+ε) by which the loss may grow as the last V is rounded."""


@dataclass(frozen=True, eq=False)
class Sight:
    """What the coordinator holds between messages.

    Attributes:
        U: n×k, orthonormal; and the one before it.
        grams: Σ_i of the servers' Gram matrices, packed, on the rows that count (k(k+1)/2 × |rows|).
        gradient: the same of minus half the gradient (k × |rows|).
        losses: after every exchange.
        target: (1+ε)·Σ_i LB_i.
        said: its last message.
        V: what the servers said in the end, scaled.
    """

    U: tuple[np.ndarray, np.ndarray]
    grams: np.ndarray
    gradient: np.ndarray
    losses: tuple[float, ...]
    target: float
    said: Message = SAID_NOTHING
    V: tuple[Multiples, ...] | None = None

    @classmethod
    def first(cls, U: np.ndarray, missed: float, bound: float, table: Table) -> "Sight":
        """With the start U (n×k) to be said, for which V is vᵀ-orthonormal in each part of W.

        Args:
            missed: the part of the energy that is beyond the start.
            bound: Σ_i LB_i.
            table: what all know.
        """
        n, k = U.shape
        rows, none = len(table.rows), np.zeros((n, 0))
        target = (1 + table.terms.epsilon) * bound
        empty = cls((none, none), np.zeros((k * (k + 1) // 2, rows)), np.zeros((k, rows)), (), target)
        if not k:
            return replace(empty, said=(END, (0, 1.0)))
        E, scale = U[table.rows].T, np.sqrt(len(table.parts) / np.square(table.sums[1]).sum())
        left = max(missed, _UNSEEN) * float(np.square(scale * E * table.sizes[table.rows]).sum())
        change = change_of(E, np.full(k, scale), left * _COARSE, left * _SURPRISE * _COARSE, table)
        return replace(empty, said=(STEP, change))


def message(sight: Sight) -> Message:
    """What the coordinator says."""
    return sight.said


def considered(sight: Sight, heard: Sequence[Message], table: Table, *, relaxation: float, last: bool) -> Sight:
    """After the servers' answers, and with the next message.

    Args:
        sight: what the coordinator held.
        heard: the answers.
        table: what all know.
        relaxation: how many times as far U is to go as to the best one for V.
        last: whether there is no other iteration.
    """
    which, value = sight.said
    if which == END:
        back, _ = value
        return replace(sight, U=(sight.U[back], sight.U[1]), V=tuple(V for _, V in heard), said=SAID_NOTHING)
    if which != STEP:
        return sight
    to, sums = moved(sight.U[0], value, table), [said for _, said in heard]
    seen = replace(_summed(sight, to, sums, table), U=(to.U, sight.U[0]))
    change = None if _is_last(seen, table, last) else _change(seen, to, table, relaxation)
    return replace(seen, said=(STEP, change) if change else (END, _ending(seen, table)))


def solution(sight: Sight, table: Table) -> ReweightedSolution:
    """Ã = U [V_1 … V_m], of rank k."""
    assert sight.V is not None, "the servers said V before the game was over"
    X = np.hstack([unscaled(V, column_sizes(block)) for V, block in zip(sight.V, table.blocks, strict=True)])
    none = np.zeros(0, dtype=np.int64)
    return ReweightedSolution([ReweightedBlock(table.W.whole, none, sight.U[0][:, : len(X)], X, plain=True)])


def _summed(sight: Sight, to: Moved, heard: Sequence[Sums], table: Table) -> Sight:
    """What was foreseen, and what the servers say is beyond it."""
    e, grams, gradient = to.E[table.rows].T, sight.grams, sight.gradient
    if sight.losses:
        grams, gradient = turned(grams, to.R), to.R @ (gradient - times(grams, e))
    total_grams, total_gradient = (np.zeros((len(sums), len(table.sizes))) for sums in (grams, gradient))
    for block, (_, (more, slope)) in zip(table.blocks, heard, strict=True):
        total_grams[:, block.rows] += block.spread(more.numbers * to.pairs[:, None] * block.totals)
        total_gradient[:, block.rows] += slope.numbers * to.scales[:, None] * table.sizes[block.rows]
    loss = sum(loss for loss, _ in heard)
    return replace(
        sight,
        grams=grams + total_grams[:, table.rows],
        gradient=gradient + total_gradient[:, table.rows],
        losses=(*sight.losses, loss),
    )


def _is_last(sight: Sight, table: Table, last: bool) -> bool:
    """Whether no further iteration pays, as far as losses tell."""
    *before, loss = sight.losses
    gained = not before or before[-1] - loss > _worth(loss, table)
    return last or not gained or loss * _room(table) <= sight.target


def _ending(sight: Sight, table: Table) -> tuple[int, float]:
    """1 if the U before is the better one; and by how much the loss may grow as V is rounded."""
    *before, loss = sight.losses
    back = bool(before) and not loss < before[-1]
    least = before[-1] if back else loss
    return int(back), max(_room(table), sight.target / least if 0 < least < sight.target else 1.0)


def _worth(loss: float, table: Table) -> float:
    """What an iteration must gain."""
    return min(_WORTH * table.terms.epsilon, _MOST_WORTH) * loss


def _room(table: Table) -> float:
    epsilon = table.terms.epsilon
    return 1 + _ROUNDING * epsilon / (1 + epsilon)


def _change(sight: Sight, to: Moved, table: Table, relaxation: float) -> Change | None:
    """The change of U that the sums ask for; None if it would gain too little, with as much again from V.

    Of the gain that the gradient shows, a part is its rounding: the change goes only so far as the rest is of it, where
    the gain may be expected to be largest.
    """
    diagonal = _diagonal(len(sight.gradient))
    scales = scales_of(sight.grams[diagonal].sum(axis=1) / np.square(table.sizes).sum())
    grams, loss = sight.grams.copy(), sight.losses[-1] / table.largest**2
    if table.is_rounded:
        grams[diagonal] += np.outer(GRAM_ERROR * np.square(scales), np.square(table.sizes[table.rows]))
    best = solve(grams, sight.gradient.copy())
    shown = float((best * sight.gradient).sum())
    real = max(shown - table.noise(to), 0.0) / shown if shown > 0 else 0.0
    gain = relaxation * (2 - relaxation) * real**2 * shown
    if 2 * gain < _worth(loss, table):
        return None
    budget = _COARSE * max(min(gain, loss - gain), _FINEST * gain)
    return change_of(relaxation * real * best, scales, budget, budget, table)


def _diagonal(k: int) -> np.ndarray:
    """Where the diagonal is in packed matrices."""
    return np.cumsum([0, *range(k, 1, -1)])
