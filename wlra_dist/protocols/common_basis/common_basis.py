"""One left factor for all columns: sketches of the blocks' column spaces are merged, and each block told in the span.

What `svd_factors` and `frequent_directions` have in common. Server i says L_i (n×c_i) with L_i L_iᵀ ≈ B_i B_iᵀ: no
direction is overrated, and none is underrated by more than Δ_i. The coordinator makes a basis of them and knows what
loss is to be had (`basis_plan`). What the span of the basis leaves of a block the block's owner tells, so the rest of
the loss can be dealt out to the last digit.
"""

from collections.abc import Sequence
from functools import partial
from operator import itemgetter
from typing import Any

import numpy as np

from wlra_dist.codecs.base.choice import OneOf
from wlra_dist.codecs.base.compound import Pair
from wlra_dist.codecs.base.energy import Energy
from wlra_dist.codecs.base.integers import Count
from wlra_dist.codecs.base.reals import Floats
from wlra_dist.codecs.multiples import Multiples, MultiplesCode
from wlra_dist.forms import Sent
from wlra_dist.forms.search import coarsest
from wlra_dist.game import Faceted, Game, Located, Party, PerParty
from wlra_dist.linalg.basis import residual_energy
from wlra_dist.linalg.blocks import energy, inner
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.linalg.oriented_basis import oriented_basis
from wlra_dist.linalg.spectral.spectrum import EPS, roundoff_energy
from wlra_dist.protocols.common_basis.basis_plan import Spanned, dealt, planned, restricted, rows_told
from wlra_dist.protocols.raw import counted_entries
from wlra_dist.protocols.rounded_factors import entries_of, exponent_for, rounded_within
from wlra_dist.protocols.steps import choose, fit
from wlra_dist.protocols.terms import Terms
from wlra_dist.weights import Weights
from wlra_dist.weights.reweighted import ReweightedBlock, ReweightedSolution
from wlra_dist.weights.support import shown_rows

_COMMON, _ALONE = 0, 1

_FACTS = Floats((4,))

_BITS = Count(2**62)

_TRIES = 32
"""Steps of the grid by which coefficients may be finer than Pythagoras asks for."""


def on_common_basis(
    game: Game,
    servers: Sequence[Party],
    coordinator: Party,
    A: Faceted[Matrix],
    W: PerParty[Weights],
    B: Faceted[Matrix],
    spans: Faceted[Spanned],
    terms: Terms,
    *,
    spare: int = 0,
) -> Located[ReweightedSolution]:
    """From sketches to the solution, in five rounds, deterministic; loss ≤ (1+ε)·LB with the LB of `basis_plan`.

    A server that the basis serves badly, or that must be exact as OPT = 0, describes its block by itself, as in
    `one_round`. `spare`: how many times ΣΔ_i is known to be a lower bound on ‖B_{−K}‖².
    """
    heard = game.gather(spans, coordinator, W.map(partial(_spanned_code, terms=terms)), "L")
    alone = game.gather(game.each(servers, _raw_bits, A, W, terms=terms), coordinator, _BITS, "raw")
    plan = game.at(coordinator, partial(planned, W, spare=spare, terms=terms), heard, alone)
    rows = rows_told(W)
    pieces, code = game.at(coordinator, partial(restricted, W.whole, rows), plan), partial(_basis_code, W.whole, terms)
    if rows is W:
        basis = game.scatter(pieces, servers, rows.map(code), "U")
    else:
        basis = game.broadcast(game.at(coordinator, itemgetter(0), pieces), servers, code(W.whole), "U")
    Q = game.each(servers, orthonormal, rows, basis)
    left = game.each(servers, residual_energy, B, Q)  # ‖B_i − QQᵀB_i‖²
    told = game.gather(left, coordinator, Energy(), "residual")
    share = game.scatter(game.at(coordinator, partial(dealt, W, terms=terms), plan, told), servers, Energy(), "loss")
    said = game.each(servers, _said, A, W, B, Q, share, game.private_coins(servers), terms=terms)
    V = game.gather(said, coordinator, W.map(partial(_code, W.whole, terms=terms)), "V")
    return game.at(coordinator, partial(assembled, W, rows, terms=terms), pieces, V)


def spanned(B: Matrix, W: Weights, bound: float, L: np.ndarray, shrunk: float, allowed: float, terms: Terms) -> Spanned:
    """L_i (n×c_i) with a rounding of this energy, and what is to be known of it."""
    shown = L[shown_rows(W)].T
    told = rounded_within(shown, allowed, terms)
    return told, np.array([bound, energy(B) - energy(L), shrunk, energy(told.numbers - shown)])


def orthonormal(W: Weights, basis: Multiples) -> np.ndarray:
    """Q (n×c) with the span of the basis; sender and receiver compute it alike."""
    L = np.zeros((W.shape[0], len(basis.grid)))
    L[shown_rows(W)] = basis.numbers.T
    return oriented_basis(L)[0]


def assembled(
    W: PerParty[Weights],
    rows: PerParty[Weights],
    pieces: Sequence[Multiples],
    said: Sequence[tuple[int, Any]],
    *,
    terms: Terms,
) -> ReweightedSolution:
    """Ã = W^{∘-1}∘(Q [Ŷ_1 … Ŷ_m]) (Algorithm 1), or server by server where bases differ or one speaks for itself."""
    if rows is not W and all(which == _COMMON for which, _ in said):
        return ReweightedSolution(
            [_block(W.whole, orthonormal(W.whole, pieces[0]), np.hstack([Y.numbers for _, Y in said]))]
        )
    blocks: list[ReweightedBlock] = []
    for (which, value), W_i, row, piece in zip(said, W, rows, pieces, strict=True):
        if which == _COMMON:
            blocks.append(_block(W_i, orthonormal(row, piece), value.numbers))
        else:
            form, description = value
            blocks.append(terms.forms[form].block(description, W_i))
    return ReweightedSolution(blocks)


def _said(
    A: Matrix,
    W: Weights,
    B: Matrix,
    Q: np.ndarray,
    share: float,
    coins: np.random.Generator,
    *,
    terms: Terms,
) -> tuple[int, Any]:
    """Ŷ_i, or the block's own description where the basis does not leave as little as the share."""
    goal = max(share, roundoff_energy(B))
    Y = _coefficients(Sent(A, W, B), Q, goal, terms)
    if Y is not None:
        return _COMMON, Y
    return _ALONE, fit(A, W, B, choose(B, goal, coins, terms=terms), goal, terms=terms)


def _coefficients(block: Sent, Q: np.ndarray, goal: float, terms: Terms) -> Multiples | None:
    """The coarsest Ŷ ≈ QᵀB whose loss, found as the receiver would, is within the goal."""
    Y = inner(Q, block.B)
    rest = goal - residual_energy(block.B, Q)

    def at(exponent: int) -> Multiples | None:
        near = Multiples.near(Y, exponent, entries_of(terms))
        return near if near is not None and energy(near.numbers - Y) <= rest else None

    found = coarsest(at, exponent_for(max(rest, goal * EPS) / max(Y.size, 1)))
    for finer in range(_TRIES):
        if found is None or block.loss(_block(block.W, Q, found.numbers)) <= goal:
            return found
        found = at(found.exponent - finer - 1)
    return None


def _block(W: Weights, Q: np.ndarray, Y: np.ndarray) -> ReweightedBlock:
    return ReweightedBlock(W, np.zeros(0, dtype=np.int64), Q, Y, weighted=True)


def _raw_bits(A: Matrix, W: Weights, *, terms: Terms) -> int:
    return terms.plain.columns_code(W).bits(counted_entries(A, W))


def _spanned_code(W: Weights, *, terms: Terms) -> Pair[Multiples, np.ndarray]:
    n, d = W.shape
    return Pair(MultiplesCode(min(n, d), len(shown_rows(W)), entries_of(terms)), _FACTS)


def _basis_code(whole: Weights, terms: Terms, W: Weights) -> MultiplesCode:
    return MultiplesCode(min(whole.shape), len(shown_rows(W)), entries_of(terms))


def _code(whole: Weights, W: Weights, *, terms: Terms) -> OneOf:
    return OneOf([MultiplesCode(min(whole.shape), W.shape[1], entries_of(terms)), terms.block_code(W)])
