"""Alternating minimisation over column blocks: Ã = U V of rank k exactly, V at the servers until the end."""

from collections.abc import Sequence

import numpy as np

from wlra_dist.codecs.multiples import Multiples
from wlra_dist.game import Faceted, Game, Located, Party, PerParty
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.linalg.spectral.subspace import leading_subspace
from wlra_dist.protocols.als.coordinator import CoordinatorState, considered, message, solution
from wlra_dist.protocols.als.messages import Opening, PublicFacts
from wlra_dist.protocols.als.server import ServerBlock, ServerState, answer, answered
from wlra_dist.protocols.rounded_factors import rounded_within
from wlra_dist.protocols.steps import lower_bound
from wlra_dist.protocols.terms import Terms
from wlra_dist.solvers.methods.als import Alternating
from wlra_dist.weights import LowRankWeights, Weights
from wlra_dist.weights.reweighted import ReweightedSolution
from wlra_dist.weights.weighing import on_support, weigh

RELAXATION = Alternating.relaxation
"""Each half step goes so many times as far as to its minimum, except in the first iteration."""

_COARSE, _UNSEEN = 1 / 32, 2.0**-14
"""Rounding the leading directions may cost this part of the energy beyond them, or of all energy if that is more."""


def als(
    game: Game,
    servers: Sequence[Party],
    coordinator: Party,
    A: Faceted[Matrix],
    W: PerParty[Weights],
    terms: Terms,
) -> Located[ReweightedSolution]:
    """The loss of alternating least squares on one machine, and of factors that are rounded; no (1+ε) is promised.

    It starts as Algorithm 2 does, with W̃ = uvᵀ from the sums of W: each server sends the leading directions of W̃_i∘A_i,
    and the coordinator merges them. Then, at most `terms.iterations` times, the coordinator sends U to all, server i
    finds its best V_i, and sends what the best U for V depends on: for each row a Gram matrix Σ_j W_aj² v_j v_jᵀ and a
    right-hand side, nk(k+3)/2 numbers, or, where the structure of W gives W∘W a rank R < n, R·k(k+1)/2 + nk numbers.
    `messages` describes what of that is sent.

    Every server sends its exact loss for each U. The loss never rises: if rounding or over-relaxation makes it rise,
    the U before is the last. The iteration ends when the loss is at most (1+ε)·Σ_i LB_i, or when the last iteration
    gained too little; messages after that are two bits long. LB bounds OPT from below, often from far below: an Ã of
    rank k may be optimal and miss (1+ε)·LB, which other protocols meet with an Ã of higher rank. So the run certifies
    the ratio that it reaches.
    """
    facts = PublicFacts.of(W, terms)
    blocks = game.each(servers, ServerBlock.of, A, PerParty(facts.blocks), facts=facts)
    bound = game.each(servers, lower_bound, A, W, terms=terms)  # LB_i ≤ OPT_i
    places = PerParty(range(len(servers)))
    first = game.each(servers, _first, A, bound, places, facts=facts)
    first_codes = PerParty([facts.first_code(block) for block in facts.blocks])
    firsts = game.gather(first, coordinator, first_codes, "LB, U_i")
    state = game.at(coordinator, _merged, firsts, facts=facts)
    states = game.each(servers, ServerState.empty, blocks)
    codes = PerParty([facts.sums_code(block) for block in facts.blocks])
    for exchange in range(terms.iterations + 2):  # in the first the servers receive the start, in the last they send V
        relaxation = RELAXATION if exchange > 1 else 1.0
        change = game.broadcast(game.at(coordinator, message, state), servers, facts.change_code, "U")
        states = game.each(servers, answered, states, change, blocks, relaxation=relaxation)
        sums = game.gather(game.each(servers, answer, states), coordinator, codes, "V_i, or what U rests on")
        last, relaxation = exchange >= terms.iterations, _next(exchange)
        state = game.at(coordinator, considered, state, sums, facts=facts, relaxation=relaxation, last=last)
    return game.at(coordinator, solution, state, facts=facts)  # U [V_1 … V_m]


def _next(exchange: int) -> float:
    """The relaxation of the next U: both halves of an iteration use the same."""
    return RELAXATION if exchange else 1.0


def _first(A: Matrix, bound: float, i: int, *, facts: PublicFacts) -> Opening:
    """L with LLᵀ ≈ (W̃_i∘A_i)(W̃_i∘A_i)ᵀ, of rank k in each part of W."""
    (u, v), (start, stop) = facts.sums, facts.starts[i : i + 2]
    B = weigh(LowRankWeights(u[:, None], v[None, start:stop]), on_support(facts.W[i], A))
    L = np.zeros((len(u), min(facts.terms.k, *facts.W.whole.shape)))
    energy = missed = 0.0
    for part in facts.parts:
        here = part.columns[(start <= part.columns) & (part.columns < stop)] - start
        if not len(here):
            continue
        block = B[part.rows][:, here]
        found = leading_subspace(block, min(L.shape[1], *block.shape))  # pyright: ignore[reportGeneralTypeIssues]
        L[part.rows, : len(found.squares)] = block @ found.V
        energy, missed = energy + float(found.tails[0]), missed + float(found.tails[-1])
    sent = L[facts.blocks[i].rows][:, L.any(axis=0)].T
    return Opening(bound, missed, rounded_within(sent, max(_COARSE * missed, _UNSEEN * energy), facts.terms))


def _merged(firsts: Sequence[Opening], *, facts: PublicFacts) -> CoordinatorState:
    """The leading directions of all blocks together, divided by the row sums of W."""
    u, n = facts.sums[0], facts.W.whole.shape[0]
    sketches = [_on_all_rows(first.leading, block.rows, n) for first, block in zip(firsts, facts.blocks, strict=True)]
    M = np.hstack(sketches)
    U = np.zeros((n, min(facts.terms.k, *facts.W.whole.shape)))
    energy = missed = sum(first.missed for first in firsts)
    for part in facts.parts:
        within = M[part.rows][:, M[part.rows].any(axis=0)]
        found = leading_subspace(within.T, min(U.shape[1], *within.shape))
        U[part.rows, : len(found.squares)] = found.V * np.sqrt(found.squares)
        energy, missed = energy + float(found.tails[0]), missed + float(found.tails[-1])
    U = np.divide(U, u[:, None], out=np.zeros(U.shape), where=u[:, None] > 0)[:, U.any(axis=0)]
    bound = sum(first.bound for first in firsts)
    return CoordinatorState.first(U, missed / energy if energy else 0.0, bound, facts)


def _on_all_rows(L: Multiples, rows: np.ndarray, n: int) -> np.ndarray:
    """L (n×c)."""
    M = np.zeros((n, len(L.grid)))
    M[rows] = L.numbers.T
    return M
