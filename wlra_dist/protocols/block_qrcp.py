"""Pivoted QR of the columns of all servers: the pivots are agreed on, block by block, and known to all."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil

import numpy as np

from wlra_dist.codecs import Count
from wlra_dist.codecs.numbers import Energies
from wlra_dist.codecs.told_columns import ToldColumns
from wlra_dist.game import Faceted, Game, Located, Party, PerParty
from wlra_dist.linalg.basis import project_out
from wlra_dist.linalg.blocks import column_energies, roundoff
from wlra_dist.linalg.pivoted import leading_pivots
from wlra_dist.protocols.common_columns import Common, Span, beside, no_columns, offer, side_by_side
from wlra_dist.protocols.projections import project
from wlra_dist.protocols.steps import lower_bound, weighted_block
from wlra_dist.protocols.terms import Terms
from wlra_dist.reweighted import ReweightedSolution
from wlra_dist.weights import Matrix, Weights

STEPS = 12
"""Blocks that are agreed on, where there are as many columns."""


@dataclass(frozen=True)
class Known:
    """The pivots so far at the coordinator, and their span at the servers."""

    told: Located[ToldColumns]
    V: Faceted[Span]


def block_qrcp(
    game: Game,
    servers: Sequence[Party],
    coordinator: Party,
    A: Faceted[Matrix],
    W: PerParty[Weights],
    terms: Terms,
) -> Located[ReweightedSolution]:
    """(1+ε)·max(Σ_i LB_i, LB) ≤ (1+ε)·OPT for certain, with c ≈ 3rk/2 columns that all servers know.

    On a blackboard these cost no more than if they were told once. What they leave decides the bits alone: each server
    adds columns of its own until it meets the share of the loss that the coordinator deals it (`projections`), which is
    its own (1+ε)·LB_i at least.
    """
    common = Common(W, terms)
    B = game.each(servers, weighted_block, A, W)  # server i: B_i = W_i∘A_i
    bound = game.each(servers, partial(lower_bound, terms=terms), A, W)  # LB_i ≤ OPT_i
    total = terms.columns or columns_for_all(common.K, *W.whole.shape)
    size = ceil(total / STEPS)
    known = agreed_pivots(game, servers, coordinator, A, B, common, total, size)
    V_too = game.at(coordinator, partial(Span.of, common=common), known.told)
    return project(game, servers, coordinator, A, B, bound, known.V, V_too, common)


def columns_for_all(K: int, n: int, d: int) -> int:
    """How many pivots are agreed on: ⌈3K/2⌉, or as many as there may be."""
    return min(ceil(1.5 * K), n, d)


def agreed_pivots(
    game: Game,
    servers: Sequence[Party],
    coordinator: Party,
    A: Faceted[Matrix],
    B: Faceted[Matrix],
    common: Common,
    total: int,
    size: int,
) -> Known:
    """`total` pivots in blocks of `size`; in blocks of one, those of pivoted QR on [B_1 … B_m].

    A server proposes the pivots of its own remainder, with what each has of its own; the longest of all are taken.
    """
    W, nothing = common.W, no_columns(common)
    span = partial(Span.of, nothing, common=common)
    told = game.at(coordinator, _itself, nothing)
    pieces: list[Faceted[ToldColumns]] = []
    for start in range(0, total, size):
        most = min(size, total - start)
        V = game.each(servers, span, *pieces)
        proposed = game.each(servers, partial(propose, count=most, common=common), B, V, PerParty(range(len(servers))))
        lengths = game.each(servers, _lengths, proposed)
        heard = game.gather(lengths, coordinator, Energies(most), "lengths")
        due = game.scatter(game.at(coordinator, longest, heard), servers, Count(most), "pivots")
        S = game.each(servers, _first, proposed, due)
        offered = game.each(servers, partial(offer, common=common), A, W, B, S, V)
        came = game.gather(offered, coordinator, W.map(common.code), "C_i")
        added = game.at(coordinator, partial(beside, common=common), told, came)
        pieces.append(game.broadcast(added, servers, common.code(W.whole), "C"))
        told = game.at(coordinator, _with, told, added)
    return Known(told, game.each(servers, span, *pieces))


def propose(B: Matrix, V: Span, i: int, *, count: int, common: Common) -> tuple[np.ndarray, np.ndarray]:
    """The pivots of B_i − QQᵀB_i in their order, and the squares of what each adds to the span, zeros at the end."""
    E = project_out(B, V.Q)
    noise = roundoff(B.dtype, len(E)) ** 2 * column_energies(B)
    E[:, np.square(E).sum(axis=0) <= noise] = 0.0
    E[:, common.known(i, V.S)] = 0.0
    S, _ = leading_pivots(E, min(count, *E.shape))
    own = np.square(np.diag(np.asarray(np.linalg.qr(E[:, S], mode="r"))))
    adds = own > noise[S]
    return S[adds], np.append(own[adds], np.zeros(count - int(adds.sum())))


def longest(proposed: Sequence[np.ndarray]) -> list[int]:
    """How many of each server's pivots are among the longest of all, as many as one server may propose."""
    lengths = np.stack(proposed)
    whose = np.repeat(np.arange(len(lengths)), lengths.shape[1])
    first = np.argsort(-lengths.ravel(), kind="stable")[: lengths.shape[1]]
    taken = first[lengths.ravel()[first] > 0]
    return np.bincount(whose[taken], minlength=len(lengths)).tolist()


def _lengths(proposed: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    return proposed[1]


def _first(proposed: tuple[np.ndarray, np.ndarray], count: int) -> np.ndarray:
    return proposed[0][:count]


def _itself(told: ToldColumns) -> ToldColumns:
    return told


def _with(told: ToldColumns, added: ToldColumns) -> ToldColumns:
    S, exponents = (np.concatenate(pair) for pair in ((told.S, added.S), (told.exponents, added.exponents)))
    return ToldColumns(S, side_by_side([told.C, added.C]), exponents)
