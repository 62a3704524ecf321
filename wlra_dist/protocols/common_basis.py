"""One left factor for all columns: sketches of the blocks' column spaces are merged, and each block told in the span.

What `svd_factors` and `frequent_directions` have in common. Server i says L_i (n×c_i) with L_i L_iᵀ ≈ B_i B_iᵀ: no
direction is overrated, and none is underrated by more than Δ_i. The coordinator then knows for M = [L_1 … L_m], its
rounding E and K = rk that

    ‖B_{−K}‖² ≥ (‖M̂_{−K}‖ − ‖E‖)² + (‖B‖² − ‖M‖²) − K·Σ_i Δ_i,

since the K leading directions of B keep ‖M_K‖² + K·Σ_i Δ_i at most, and √‖M_{−K}‖² is a distance. That and Σ_i LB_i are
lower bounds on OPT that the game itself knows; (1+ε) times the larger is the loss to be had. What the span of the basis
leaves of a block the block's owner tells, so the rest of the loss can be dealt out to the last digit.

Equal slopes: rounding an entry of the basis by D costs as much loss as rounding one of the coefficients, but it is told
m times; so the loss for an entry of the basis is m times that for a coefficient. Entries below their loss cost nothing
(reverse water-filling), and of sparse columns nearly all are: what counts is how many entries are of which size.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from typing import Any, TypeAlias

import numpy as np

from wlra_dist.certificate import rank_claim
from wlra_dist.codecs import Count, Floats, OneOf, Pair
from wlra_dist.codecs.multiples import Multiples, MultiplesCode
from wlra_dist.forms import Sent
from wlra_dist.forms.basis import oriented_basis
from wlra_dist.forms.search import coarsest
from wlra_dist.game import Faceted, Game, Located, Party, PerParty
from wlra_dist.linalg.basis import residual_energy
from wlra_dist.linalg.blocks import energy, inner
from wlra_dist.linalg.spectrum import EPS, roundoff_energy
from wlra_dist.linalg.subspace import Subspace, leading_subspace
from wlra_dist.protocols.raw import counted_entries
from wlra_dist.protocols.rounded_factors import entries_of, exponent_for, rounded_within
from wlra_dist.protocols.steps import choose, fit
from wlra_dist.protocols.terms import Terms
from wlra_dist.protocols.water_filling import BySize, fewest_bits
from wlra_dist.reweighted import ReweightedBlock, ReweightedSolution, column_runs
from wlra_dist.weights import Matrix, Weights

_COMMON, _ALONE = 0, 1

_FACTS, _ONE = Floats((4,)), Floats((1,))

_BITS = Count(2**62)

_TRIES = 32
"""Steps of the grid by which coefficients may be finer than Pythagoras asks for."""

_SAFE = 1 - 1e-12
"""Sums of what is dealt round to no more than there is."""


Spanned: TypeAlias = tuple[Multiples, np.ndarray]
"""What a server says of the columns of its block: L_iᵀ, on the rows where W_i is not 0 throughout, and four facts:
LB_i, ‖B_i‖² − ‖L_i‖², Δ_i, and the energy of L_i's rounding."""


@dataclass(frozen=True, eq=False)
class Plan:
    """What the coordinator makes of it.

    Attributes:
        basis: Lᵀ with L ≈ U_c Σ_c of M, on the rows where W is not 0 throughout.
        total: the loss to be had; None where the number of columns is given instead.
        least: what each server may leave in any case, (1+ε)·LB_i.
    """

    basis: Multiples
    total: float | None
    least: np.ndarray


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
    """From sketches to the solution, in five rounds; loss ≤ (1+ε)·max(Σ_i LB_i, the bound above), deterministic.

    A server that the basis serves badly, or that must be exact as OPT = 0, describes its block by itself, as in
    `one_round`. `spare`: how many times ΣΔ_i is known to be a lower bound on ‖B_{−K}‖².
    """
    heard = game.gather(spans, coordinator, W.map(partial(_spanned_code, terms=terms)), "L")
    alone = game.gather(game.each(servers, partial(_raw_bits, terms=terms), A, W), coordinator, _BITS, "raw")
    plan = game.at(coordinator, partial(planned, W, spare=spare, terms=terms), heard, alone)
    rows = rows_told(W)
    pieces, code = game.at(coordinator, partial(restricted, W.whole, rows), plan), partial(_basis_code, W.whole, terms)
    if rows is W:
        basis = game.scatter(pieces, servers, rows.map(code), "U")
    else:
        basis = game.broadcast(game.at(coordinator, itemgetter(0), pieces), servers, code(W.whole), "U")
    Q = game.each(servers, orthonormal, rows, basis)
    left = game.each(servers, _left_over, B, Q)  # ‖B_i − QQᵀB_i‖²
    told = game.gather(left, coordinator, _ONE, "residual")
    share = game.scatter(game.at(coordinator, partial(dealt, W, terms=terms), plan, told), servers, _ONE, "loss")
    said = game.each(servers, partial(_said, terms=terms), A, W, B, Q, share, game.private_coins(servers))
    V = game.gather(said, coordinator, W.map(partial(_code, W.whole, terms=terms)), "V")
    return game.at(coordinator, partial(assembled, W, rows, terms=terms), pieces, V)


def shown_rows(W: Weights) -> np.ndarray:
    """The rows in which W is not 0 throughout: all others are 0 in W∘A."""
    n, d = W.shape
    shown = np.zeros(n, bool)
    for run in column_runs(n, d):
        shown |= W.dense(run).any(axis=1)
    return np.flatnonzero(shown)


def spanned(B: Matrix, W: Weights, bound: float, L: np.ndarray, shrunk: float, allowed: float, terms: Terms) -> Spanned:
    """L_i (n×c_i) with a rounding of this energy, and what is to be known of it."""
    shown = L[shown_rows(W)].T
    told = rounded_within(shown, allowed, terms)
    return told, np.array([bound, energy(B) - energy(L), shrunk, energy(told.numbers - shown)])


def planned(W: PerParty[Weights], heard: Sequence[Spanned], alone: Sequence[int], *, spare: int, terms: Terms) -> Plan:
    """The basis that takes the fewest bits, by what its rounding and the coefficients' will take.

    None where each server alone takes fewer (`alone`), or where no number of directions leaves any room.
    """
    facts = np.array([facts for _, facts in heard])
    M = _side_by_side(W, [L for L, _ in heard])
    found = leading_subspace(M.T, min(M.shape))
    beyond = found.tails + max(float(facts[:, 1].sum()), 0.0)  # what c = 0, 1, … directions leave of B
    basis = found.V[shown_rows(W.whole)] * np.sqrt(found.squares)  # at their lengths
    sizes = BySize.of(np.square(basis)), _coefficient_sizes(W, heard, M.T @ found.V)
    least = (1 + terms.epsilon) * facts[:, 0]
    if terms.columns:
        c = min(terms.columns, len(found.squares))
        budgets = np.where(np.arange(len(beyond)) == c, terms.rounding_share * beyond, 0.0)
        cheapest = fewest_bits(*sizes, budgets, copies=_copies(W))
        return Plan(rounded_within(basis[:, :c].T, cheapest.allowed, terms), None, least)
    total = (1 + terms.epsilon) * _lower_bound(found, W, facts, spare, terms)
    cheapest = fewest_bits(*sizes, total - beyond, copies=_copies(W))
    c = cheapest.c if cheapest.bits < sum(alone) else 0
    return Plan(rounded_within(basis[:, :c].T, cheapest.allowed, terms), total, least)


def rows_told(W: PerParty[Weights]) -> PerParty[Weights]:
    """What each server hears the basis on: the rows of its own weights where these are few, or the same for all."""
    return W if _copies(W) <= len(W) / 2 else PerParty([W.whole] * len(W))


def _copies(W: PerParty[Weights]) -> float:
    """How often a row that counts does so at a server."""
    return max(sum(len(shown_rows(W_i)) for W_i in W) / max(len(shown_rows(W.whole)), 1), 1.0)


def restricted(whole: Weights, rows: PerParty[Weights], plan: Plan) -> list[Multiples]:
    """What each server hears of the basis: the directions that are not 0 on these rows."""
    shown, told = shown_rows(whole), []
    for W_i in rows:
        grid = plan.basis.grid[:, np.searchsorted(shown, shown_rows(W_i))]
        told.append(Multiples(plan.basis.exponent, grid[grid.any(axis=1)]))
    return told


def orthonormal(W: Weights, basis: Multiples) -> np.ndarray:
    """Q (n×c) with the span of the basis; sender and receiver compute it alike."""
    L = np.zeros((W.shape[0], len(basis.grid)))
    L[shown_rows(W)] = basis.numbers.T
    return oriented_basis(L)[0]


def dealt(W: PerParty[Weights], plan: Plan, left: Sequence[np.ndarray], *, terms: Terms) -> list[np.ndarray]:
    """For each server the loss that it may leave: what the basis does, and of the rest the same for every column.

    Where the basis leaves too much, (1+ε)·LB_i, and of the rest a part that grows with what it leaves.
    """
    residuals = np.concatenate(left)
    total = residuals.sum() / (1 - terms.rounding_share) if plan.total is None else plan.total
    widths = np.array([W_i.shape[1] for W_i in W])
    if total >= residuals.sum():
        shares = residuals + (total - residuals.sum()) * widths / widths.sum()
    else:
        shares = plan.least + max(total - plan.least.sum(), 0.0) * residuals / residuals.sum()
    return [np.array([share * _SAFE]) for share in shares]


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


def _coefficient_sizes(W: PerParty[Weights], heard: Sequence[Spanned], R: np.ndarray) -> BySize:
    """Of the servers' coefficients, from those of their sketches' columns (Σc_i×C): spread evenly over d_i columns."""
    widths = np.array([W_i.shape[1] for W_i in W], dtype=float)
    ends = np.cumsum([len(L.grid) for L, _ in heard])
    energies = [np.square(R_i).sum(axis=0) for R_i in np.split(R, ends[:-1])]
    return BySize.of(np.array(energies) / widths[:, None], widths)


def _lower_bound(found: Subspace, W: PerParty[Weights], facts: np.ndarray, spare: int, terms: Terms) -> float:
    """Of OPT: Σ_i LB_i, or what is known of ‖B_{−K}‖² if that is a bound, less what the Gram matrix rounds off."""
    bounds, lost, shrunk, error = facts.sum(axis=0)
    if rank_claim(W.whole, terms.r) == "claimed":
        return float(bounds)
    K = min(terms.r, W.whole.rank) * terms.k
    noise = (K + 4) * sum(W.whole.shape) * EPS * (float(found.energies.sum()) + max(lost, 0.0))
    distance = max(float(np.sqrt(found.tails[min(K, len(found.squares))]) - np.sqrt(error)), 0.0)
    return max(float(bounds), distance**2 + lost - K * shrunk - noise, spare * shrunk - noise)


def _said(
    A: Matrix,
    W: Weights,
    B: Matrix,
    Q: np.ndarray,
    share: np.ndarray,
    coins: np.random.Generator,
    *,
    terms: Terms,
) -> tuple[int, Any]:
    """Ŷ_i, or the block's own description where the basis does not leave as little as the share."""
    goal = max(float(share[0]), roundoff_energy(B))
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


def _left_over(B: Matrix, Q: np.ndarray) -> np.ndarray:
    return np.array([residual_energy(B, Q)])


def _raw_bits(A: Matrix, W: Weights, *, terms: Terms) -> int:
    return terms.plain.columns_code(W).bits(counted_entries(A, W))


def _side_by_side(W: PerParty[Weights], sketches: Sequence[Multiples]) -> np.ndarray:
    """M̂ (n×Σc_i)."""
    M = np.zeros((W.whole.shape[0], sum(len(L.grid) for L in sketches)))
    start = 0
    for L, W_i in zip(sketches, W, strict=True):
        M[shown_rows(W_i), start : start + len(L.grid)] = L.numbers.T
        start += len(L.grid)
    return M


def _spanned_code(W: Weights, *, terms: Terms) -> Pair[Multiples, np.ndarray]:
    n, d = W.shape
    return Pair(MultiplesCode(min(n, d), len(shown_rows(W)), entries_of(terms)), _FACTS)


def _basis_code(whole: Weights, terms: Terms, W: Weights) -> MultiplesCode:
    return MultiplesCode(min(whole.shape), len(shown_rows(W)), entries_of(terms))


def _code(whole: Weights, W: Weights, *, terms: Terms) -> OneOf:
    return OneOf([MultiplesCode(min(whole.shape), W.shape[1], entries_of(terms)), terms.block_code(W)])
