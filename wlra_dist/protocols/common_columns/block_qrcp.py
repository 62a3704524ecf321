"""Pivoted QR of the columns of all servers: the pivots are agreed on, block by block, and known to all."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from wlra_dist.codecs.base.compound import ListOf
from wlra_dist.codecs.base.energy import Energy
from wlra_dist.codecs.base.integers import Count
from wlra_dist.game import Faceted, Game, Located, Party, PerParty
from wlra_dist.linalg.matrix import Matrix, side_by_side
from wlra_dist.linalg.remainder import Remainder
from wlra_dist.protocols.common_columns.common_columns import Common, Span, beside, no_columns, offer
from wlra_dist.protocols.common_columns.projections import project
from wlra_dist.protocols.common_columns.sent_columns import SentColumns
from wlra_dist.protocols.steps import lower_bound, weighted_block
from wlra_dist.protocols.terms import Terms
from wlra_dist.weights import Weights
from wlra_dist.weights.reweighted import ReweightedSolution

STEPS = 12
"""Blocks that are agreed on, where there are as many columns."""


@dataclass(frozen=True)
class Pivots:
    """The pivots so far at the coordinator, and their span at the servers."""

    pivots: Located[SentColumns]
    V: Faceted[Span]


def block_qrcp(
    game: Game,
    servers: Sequence[Party],
    coordinator: Party,
    A: Faceted[Matrix],
    W: PerParty[Weights],
    terms: Terms,
) -> Located[ReweightedSolution]:
    """(1+ε)·max(Σ_i LB_i, LB) ≤ (1+ε)·OPT for certain, with `columns_for_all` columns that all servers know.

    On a blackboard these cost no more than if they were sent twice. The choice of pivots changes the bits and not the
    promise: each server adds columns of its own until it meets its part of the loss (`projections`), which is at least
    (1+ε)·LB_i.
    """
    common = Common(W, terms)
    B = game.each(servers, weighted_block, A, W)  # server i: B_i = W_i∘A_i
    bound = game.each(servers, lower_bound, A, W, terms=terms)  # LB_i ≤ OPT_i
    total = terms.columns or min(columns_for_all(common), *W.whole.shape)
    size = max(1, ceil(total / STEPS))
    known = agreed_pivots(game, servers, coordinator, A, B, common, total, size)
    V_too = game.at(coordinator, Span.of, known.pivots, common=common)
    return project(game, servers, coordinator, A, B, bound, known.V, V_too, common)


def columns_for_all(common: Common) -> int:
    """How many pivots are agreed on: ⌈3K/2⌉ of rounded columns, ⌈K/2⌉ of others.

    Rounded columns cost little beside the coefficients. A column that is not rounded and sent to m servers costs
    as much as m columns of their own, which would suit each better: it pays on a blackboard only, where ⌈K/2⌉ mostly
    take the fewest bits.
    """
    return ceil(1.5 * common.K) if common.rounded else ceil(common.K / 2)


def agreed_pivots(
    game: Game,
    servers: Sequence[Party],
    coordinator: Party,
    A: Faceted[Matrix],
    B: Faceted[Matrix],
    common: Common,
    total: int,
    size: int,
) -> Pivots:
    """`total` pivots in blocks of `size`; in blocks of one, those of pivoted QR on [B_1 … B_m].

    A server proposes the pivots of its own remainder and sends their lengths there; the longest of all are taken.
    """
    W, nothing, numbers = common.W, no_columns(common), PerParty(range(len(servers)))
    pivots = game.at(coordinator, _itself, nothing)
    pieces: list[Faceted[SentColumns]] = []
    E = game.each(servers, Remainder.of, B)  # server i: E_i = B_i − QQᵀB_i
    for start in range(0, total, size):
        most = min(size, total - start)
        proposed = game.each(servers, Remainder.pivots, E, count=most)
        lengths = game.gather(game.each(servers, _lengths, proposed), coordinator, ListOf(Energy(), most), "lengths")
        count = game.scatter(game.at(coordinator, longest, lengths, count=most), servers, Count(most), "pivots")
        S = game.each(servers, _first, proposed, count)
        offered = game.each(servers, offer, A, W, B, S, E, common=common)  # E for Q, the span so far
        offers = game.gather(offered, coordinator, W.map(common.code), "C_i")
        added = game.at(coordinator, beside, pivots, offers, common=common)
        pieces.append(game.broadcast(added, servers, common.code(W.whole), "C"))
        pivots = game.at(coordinator, _with, pivots, added)
        E = game.each(servers, without, E, pieces[-1], numbers, common=common)
    return Pivots(pivots, game.each(servers, Span.of, nothing, *pieces, common=common))


def without(E: Remainder, added: SentColumns, i: int, *, common: Common) -> Remainder:
    """The part of server i's block outside the span of the added columns, too."""
    return E.without(common.left(added), common.known(i, added.S)) if len(added.S) else E


def longest(proposed: Sequence[Sequence[float]], *, count: int) -> list[int]:
    """How many of each server's pivots are among the `count` longest of all."""
    lengths = np.concatenate(proposed)
    whose = np.repeat(np.arange(len(proposed)), [len(own) for own in proposed])
    first = np.argsort(-lengths, kind="stable")[:count]
    taken = first[lengths[first] > 0]
    return np.bincount(whose[taken], minlength=len(proposed)).tolist()


def _lengths(proposed: tuple[np.ndarray, np.ndarray]) -> list[float]:
    """The energy of each pivot in their order."""
    return proposed[1].tolist()


def _first(proposed: tuple[np.ndarray, np.ndarray], count: int) -> np.ndarray:
    return proposed[0][:count]


def _itself(columns: SentColumns) -> SentColumns:
    return columns


def _with(known: SentColumns, added: SentColumns) -> SentColumns:
    S, exponents = (np.concatenate(pair) for pair in ((known.S, added.S), (known.exponents, added.exponents)))
    return SentColumns(S, side_by_side([known.C, added.C]), exponents)
