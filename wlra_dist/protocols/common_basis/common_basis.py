"""One left factor for all columns: sketches of the blocks' column spaces are merged, and blocks get coefficients in it.

What `svd_factors` and `frequent_directions` have in common. Server i sends L_i (n×c_i) with L_i L_iᵀ ≈ B_i B_iᵀ:
‖uᵀL_i‖² is at most ‖uᵀB_i‖² for every unit vector u, and at least ‖uᵀB_i‖² − Δ_i. The coordinator computes a basis from
them, and the loss to aim at (`basis_plan`). Each server sends what the span of the basis leaves of its block, exactly;
so the coordinator divides the rest of the loss exactly, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

import numpy as np

from wlra_dist.codecs.base.choice import Choice, OneOf
from wlra_dist.codecs.base.compound import Fields
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
from wlra_dist.protocols.common_basis.basis_plan import Spanned, basis_rows, divided, planned, restricted
from wlra_dist.protocols.raw import counted_entries
from wlra_dist.protocols.rounded_factors import entries_of, exponent_for, rounded_within
from wlra_dist.protocols.steps import choose, described, fit
from wlra_dist.protocols.terms import Terms
from wlra_dist.weights import Weights
from wlra_dist.weights.reweighted import ReweightedBlock, ReweightedSolution
from wlra_dist.weights.support import rows_that_count

_COMMON, _ALONE = 0, 1  # the two ways to describe a block

_FACTS = Floats((4,))

_BITS = Count(2**62)

_TRIES = 32
"""Coefficients are at most so many steps of the grid finer than Pythagoras requires, before the basis is given up."""


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

    A server whose loss cannot be met on the basis, or whose block must be exact since OPT = 0, describes its block by
    itself, as in `one_round`. `spare`: so many times ΣΔ_i is a proven lower bound on ‖B_{−K}‖².
    """
    codes = Codes(W.whole, terms)
    sketches = game.gather(spans, coordinator, W.map(codes.spanned), "L")
    alone = game.gather(game.each(servers, _raw_bits, A, W, terms=terms), coordinator, _BITS, "raw")
    plan = game.at(coordinator, planned, sketches, alone, W=W, spare=spare, terms=terms)
    rows = basis_rows(W)
    pieces = game.at(coordinator, restricted, plan, whole=W.whole, rows=rows)
    if rows is W:
        basis = game.scatter(pieces, servers, rows.map(codes.basis), "U")
    else:
        basis = game.broadcast(game.at(coordinator, itemgetter(0), pieces), servers, codes.basis(W.whole), "U")
    Q = game.each(servers, orthonormal, rows, basis)
    residual = game.each(servers, residual_energy, B, Q)  # ‖B_i − QQᵀB_i‖²
    residuals = game.gather(residual, coordinator, Energy(), "residual")
    losses = game.at(coordinator, divided, plan, residuals, W=W, terms=terms)
    loss = game.scatter(losses, servers, Energy(), "loss")
    V = game.each(servers, describe, A, W, B, Q, loss, game.private_coins(servers), terms=terms)
    descriptions = game.gather(V, coordinator, W.map(codes.description), "V")
    return game.at(coordinator, assembled, pieces, descriptions, W=W, rows=rows, terms=terms)


def spanned(B: Matrix, W: Weights, bound: float, L: np.ndarray, shrunk: float, allowed: float, terms: Terms) -> Spanned:
    """L_i (n×c_i) with a rounding of this energy, and the facts that the coordinator needs of it."""
    exact = L[rows_that_count(W)].T
    rounded = rounded_within(exact, allowed, terms)
    return Spanned(rounded, np.array([bound, energy(B) - energy(L), shrunk, energy(rounded.numbers - exact)]))


def orthonormal(W: Weights, basis: Multiples) -> np.ndarray:
    """Q (n×c) with the span of the basis; sender and receiver compute it alike."""
    L = np.zeros((W.shape[0], len(basis.grid)))
    L[rows_that_count(W)] = basis.numbers.T
    return oriented_basis(L)[0]


def assembled(
    pieces: Sequence[Multiples],
    descriptions: Sequence[Choice],
    *,
    W: PerParty[Weights],
    rows: PerParty[Weights],
    terms: Terms,
) -> ReweightedSolution:
    """Ã = W^{∘-1}∘(Q [Ŷ_1 … Ŷ_m]) (Algorithm 1), or block by block where bases differ or a block is by itself."""
    if rows is not W and all(description.which == _COMMON for description in descriptions):
        Y = np.hstack([description.value.numbers for description in descriptions])
        return ReweightedSolution([_block(W.whole, orthonormal(W.whole, pieces[0]), Y)])
    blocks: list[ReweightedBlock] = []
    for (which, value), W_i, row, piece in zip(descriptions, W, rows, pieces, strict=True):
        if which == _COMMON:
            blocks.append(_block(W_i, orthonormal(row, piece), value.numbers))
        else:
            blocks.append(described(value, W_i, terms=terms))
    return ReweightedSolution(blocks)


def describe(
    A: Matrix,
    W: Weights,
    B: Matrix,
    Q: np.ndarray,
    loss: float,
    coins: np.random.Generator,
    *,
    terms: Terms,
) -> Choice:
    """Ŷ_i, or the block's own description if no coefficients on the basis meet the loss."""
    goal = max(loss, roundoff_energy(B))
    Y = _coefficients(Sent(A, W, B), Q, goal, terms)
    if Y is not None:
        return Choice(_COMMON, Y)
    return Choice(_ALONE, fit(A, W, B, choose(B, goal, coins, terms=terms), goal, coins, terms=terms))


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


@dataclass(frozen=True, eq=False)
class Codes:
    """The codes of the messages, each for the weights of a block; `whole` is W."""

    whole: Weights
    terms: Terms

    def spanned(self, W: Weights) -> Fields[Spanned]:
        """Of a server's sketch."""
        L = MultiplesCode(min(W.shape), len(rows_that_count(W)), entries_of(self.terms))
        return Fields(Spanned, (L, _FACTS))

    def basis(self, W: Weights) -> MultiplesCode:
        """Of the basis, on the rows of W."""
        return MultiplesCode(min(self.whole.shape), len(rows_that_count(W)), entries_of(self.terms))

    def description(self, W: Weights) -> OneOf:
        """Of coefficients on the basis, or of a block by itself."""
        Y = MultiplesCode(min(self.whole.shape), W.shape[1], entries_of(self.terms))
        return OneOf([Y, self.terms.block_code(W)])
