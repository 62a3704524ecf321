"""Alternating minimisation over column blocks: Ã = U V of rank k exactly, V at the servers until the end."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from wlra_dist.codecs.multiples import Multiples
from wlra_dist.game import Faceted, Game, Located, Party, PerParty
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.linalg.spectral.subspace import leading_subspace
from wlra_dist.protocols.als.coordinator import Sight, considered, message, solution
from wlra_dist.protocols.als.messages import Table
from wlra_dist.protocols.als.server import Block, Seat, answer, answered
from wlra_dist.protocols.rounded_factors import rounded_within
from wlra_dist.protocols.steps import lower_bound
from wlra_dist.protocols.terms import Terms
from wlra_dist.solvers.methods.als import Alternating
from wlra_dist.weights import LowRankWeights, Weights
from wlra_dist.weights.reweighted import ReweightedSolution
from wlra_dist.weights.weighing import on_support, weigh

RELAXATION = Alternating.relaxation
"""How many times as far as to its minimum each half goes, but for the first iteration."""

_COARSE, _UNSEEN = 1 / 32, 2.0**-14
"""What rounding the leading directions may cost: a part of what is beyond them, or of the energy if that is more."""


def als(
    game: Game,
    servers: Sequence[Party],
    coordinator: Party,
    A: Faceted[Matrix],
    W: PerParty[Weights],
    terms: Terms,
) -> Located[ReweightedSolution]:
    """The loss of alternating least squares on one machine, and of factors that are rounded; no (1+ε) is promised.

    It starts as Algorithm 2 does, with W̃ = uvᵀ from the sums of W: the leading directions of W̃_i∘A_i from each server,
    merged. Then, `terms.iterations` times at most, U is told to all, server i finds its best V_i, and says what the
    best U for that rests on: for each row a Gram matrix Σ_j W_aj² v_j v_jᵀ and a right-hand side, nk(k+3)/2 numbers,
    or, where the structure of W gives W∘W a rank R < n, R·k(k+1)/2 + nk. See `factor_steps` for what of that is said.

    Every server says its exact loss for each U. The loss of iterates never rises: where rounding or over-relaxation
    made it rise, the U before is the last. No further iteration is asked for when the loss is (1+ε)·Σ_i LB_i or less,
    or the last one gained too little; after that, messages are two bits long. LB bounds OPT from below, often far
    below: Ã of rank k may be optimal and miss (1+ε)·LB, which the other protocols meet with an Ã of higher rank. So
    what is certified here is the ratio that is reached.
    """
    table = Table.of(W, terms)
    blocks = game.each(servers, Block.of, A, PerParty(table.blocks), table=table)
    bound = game.each(servers, lower_bound, A, W, terms=terms)  # LB_i ≤ OPT_i
    places = PerParty(range(len(servers)))
    leading = game.each(servers, _leading, A, bound, places, table=table)
    heard = game.gather(leading, coordinator, PerParty([table.first_code(block) for block in table.blocks]), "LB, U_i")
    sight = game.at(coordinator, _merged, heard, table=table)
    seats = game.each(servers, Seat.empty, blocks)
    codes = PerParty([table.sums_code(block) for block in table.blocks])
    for exchange in range(terms.iterations + 2):  # the first is that of the start, the last says V
        relaxation = RELAXATION if exchange > 1 else 1.0
        told = game.broadcast(game.at(coordinator, message, sight), servers, table.change_code, "U")
        seats = game.each(servers, answered, seats, told, blocks, relaxation=relaxation)
        sums = game.gather(game.each(servers, answer, seats), coordinator, codes, "V_i, or what U rests on")
        further = partial(considered, table=table, relaxation=_next(exchange), last=exchange >= terms.iterations)
        sight = game.at(coordinator, further, sight, sums)
    return game.at(coordinator, solution, sight, table=table)  # U [V_1 … V_m]


def _next(exchange: int) -> float:
    """The relaxation of the U that follows: the halves of an iteration have the same."""
    return RELAXATION if exchange else 1.0


First = tuple[tuple[float, float], Multiples]
"""LB_i, what is beyond the leading directions, and these (k × rows of the block)."""


def _leading(A: Matrix, bound: float, i: int, *, table: Table) -> First:
    """L with LLᵀ ≈ (W̃_i∘A_i)(W̃_i∘A_i)ᵀ, of rank k in each part of W."""
    (u, v), (start, stop) = table.sums, table.starts[i : i + 2]
    B = weigh(LowRankWeights(u[:, None], v[None, start:stop]), on_support(table.W[i], A))
    L = np.zeros((len(u), min(table.terms.k, *table.W.whole.shape)))
    energy = missed = 0.0
    for part in table.parts:
        here = part.columns[(start <= part.columns) & (part.columns < stop)] - start
        if not len(here):
            continue
        block = B[part.rows][:, here]
        found = leading_subspace(block, min(L.shape[1], *block.shape))  # pyright: ignore[reportGeneralTypeIssues]
        L[part.rows, : len(found.squares)] = block @ found.V
        energy, missed = energy + float(found.tails[0]), missed + float(found.tails[-1])
    shown = L[table.blocks[i].rows][:, L.any(axis=0)].T
    return (bound, missed), rounded_within(shown, max(_COARSE * missed, _UNSEEN * energy), table.terms)


def _merged(heard: Sequence[First], *, table: Table) -> Sight:
    """The leading directions of all blocks together, divided by the row sums of W."""
    u, n = table.sums[0], table.W.whole.shape[0]
    sketches = [_on_all_rows(L, block.rows, n) for (_, L), block in zip(heard, table.blocks, strict=True)]
    M = np.hstack(sketches)
    U = np.zeros((n, min(table.terms.k, *table.W.whole.shape)))
    energy = missed = sum(missed for (_, missed), _ in heard)
    for part in table.parts:
        within = M[part.rows][:, M[part.rows].any(axis=0)]
        found = leading_subspace(within.T, min(U.shape[1], *within.shape))
        U[part.rows, : len(found.squares)] = found.V * np.sqrt(found.squares)
        energy, missed = energy + float(found.tails[0]), missed + float(found.tails[-1])
    U = np.divide(U, u[:, None], out=np.zeros(U.shape), where=u[:, None] > 0)[:, U.any(axis=0)]
    return Sight.first(U, missed / energy if energy else 0.0, sum(bound for (bound, _), _ in heard), table)


def _on_all_rows(L: Multiples, rows: np.ndarray, n: int) -> np.ndarray:
    """L (n×c)."""
    M = np.zeros((n, len(L.grid)))
    M[rows] = L.numbers.T
    return M
