"""All of B, rounded by steps that befit the tail of the whole: a certain promise at few bits a number."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from wlra_dist.codecs.base.compound import Maybe
from wlra_dist.codecs.base.energy import Energy
from wlra_dist.codecs.base.grid import Exponent
from wlra_dist.game import Faceted, Game, Located, Party, PerParty
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.protocols.one_round.one_round import one_round
from wlra_dist.protocols.parts import Deal, all_parts, codes
from wlra_dist.protocols.rounded.coordinator import LOOKS, RoundedState
from wlra_dist.protocols.rounded.grids import FACTOR, FinerCode, FirstCode
from wlra_dist.protocols.rounded.server import HeldNumbers, finer, first, hold, scales, shapes
from wlra_dist.protocols.steps import lower_bound, weighted_block
from wlra_dist.protocols.terms import Terms
from wlra_dist.weights import Weights
from wlra_dist.weights.reweighted import ReweightedBlock, ReweightedSolution


def rounded(
    game: Game,
    servers: Sequence[Party],
    coordinator: Party,
    A: Faceted[Matrix],
    W: PerParty[Weights],
    terms: Terms,
) -> Located[ReweightedSolution]:
    """(1+ε)·OPT for certain, with no server's own tail to go by: nd numbers, each to a step that the coordinator sets.

    With B̂ = B + E rounded, ‖B_{−K}‖_F ≥ ‖B̂_{−K}‖_F − ‖E‖_F (Mirsky 1960), and servers know ‖E‖_F: so the coordinator
    sees whether ‖E‖_F² ≤ (1+ε)·LB, and asks for finer steps until it is. A server with K columns or fewer has no tail
    of its own, and in `one_round` would send them to the last digit. Where B is sparse or A integral nothing is gained
    by rounding all entries, and the game is `one_round`'s.
    """
    if not terms.rounds_all:
        return one_round(game, servers, coordinator, A, W, terms)
    deal = Deal(W, all_parts(W, terms))
    B = game.each(servers, weighted_block, A, W)
    bound = game.each(servers, lower_bound, A, W, terms=terms)
    bounds = game.gather(bound, coordinator, Energy(), "LB")
    state = round_parts(game, servers, coordinator, B, bounds, deal, terms)
    return game.at(coordinator, solution, state)


def round_parts(
    game: Game,
    servers: Sequence[Party],
    coordinator: Party,
    B: Faceted[Matrix],
    bounds: Located[list[float]],
    deal: Deal,
    terms: Terms,
) -> Located[RoundedState]:
    """B̂ of these parts: a loss of (1+ε) times a bound on their optima, or the rounding of B."""
    numbers = PerParty(list(range(len(servers))))
    of_server = PerParty([shapes(deal, i) for i in range(len(servers))])
    held = game.each(servers, hold, B, numbers, deal=deal)
    scale = game.each(servers, scales, held)
    steps = codes(of_server, lambda _: Exponent())
    sizes = game.gather(scale, coordinator, steps, "scale")
    state = game.at(coordinator, RoundedState.of, sizes, bounds, deal=deal, terms=terms)
    exponents = game.scatter(game.at(coordinator, _steps, state), servers, steps, "step")
    held = game.each(servers, first, held, exponents)
    indices = game.gather(game.each(servers, _messages, held), coordinator, codes(of_server, FirstCode), "B")
    state = game.at(coordinator, RoundedState.with_first, state, indices)
    factors = codes(of_server, lambda _: Maybe(FACTOR))
    digits = codes(of_server, lambda shape: Maybe(FinerCode(shape)))
    for _ in range(LOOKS):
        asked = game.scatter(game.at(coordinator, _factors, state), servers, factors, "finer")
        held = game.each(servers, finer, held, asked)
        more = game.gather(game.each(servers, _messages, held), coordinator, digits, "B")
        state = game.at(coordinator, RoundedState.with_digits, state, more)
    return state


def solution(state: RoundedState) -> ReweightedSolution:
    """W^{∘-1}∘B̂: all columns, no coefficients; columns that are 0 need not be kept."""
    W = state.deal.W.whole
    B = np.zeros(W.shape)
    for known in state.parts:
        B[np.ix_(known.part.place.rows, known.part.place.columns)] = known.B
    kept = np.flatnonzero(B.any(axis=0))
    X = np.zeros((len(kept), W.shape[1]))
    X[np.arange(len(kept)), kept] = 1
    return ReweightedSolution([ReweightedBlock(W, kept[:0], B[:, kept], X, weighted=True)])


def _steps(state: RoundedState) -> list[list[int]]:
    return state.steps


def _factors(state: RoundedState) -> list[list[int | None]]:
    return state.factors


def _messages(held: list[HeldNumbers]) -> list[Any]:
    return [own.message for own in held]
