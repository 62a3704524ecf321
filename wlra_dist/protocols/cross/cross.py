"""Some rows of all columns, and all rows of some: bits that hardly depend on the number of servers."""

from collections.abc import Sequence
from functools import partial
from itertools import accumulate, pairwise

import numpy as np

from wlra_dist.codecs.base.compound import Maybe
from wlra_dist.codecs.base.grid import Exponent
from wlra_dist.codecs.base.integers import Count
from wlra_dist.game import Faceted, Game, Located, Party, PerParty
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.protocols.bins import Bins
from wlra_dist.protocols.cross.coordinator import LOOKS, REFINEMENTS, CrossState
from wlra_dist.protocols.cross.cosets import Cosets
from wlra_dist.protocols.cross.fresh_rows import fresh_rows, prove
from wlra_dist.protocols.cross.offsets import Offset
from wlra_dist.protocols.cross.requests import AnswerCode, CrossAnswer, Request, RequestCode
from wlra_dist.protocols.cross.server import (
    HeldColumns,
    Rounding,
    answer,
    fresh,
    hold,
    probe,
    probed,
    refine,
    sizes,
    with_step,
)
from wlra_dist.protocols.parts import Deal, Part, Width, all_parts, codes
from wlra_dist.protocols.rounded.coordinator import RoundedState
from wlra_dist.protocols.rounded.rounded import round_parts
from wlra_dist.protocols.sketched.sketch_qrcp import sketch_qrcp
from wlra_dist.protocols.steps import weighted_block
from wlra_dist.protocols.terms import Terms
from wlra_dist.weights import Weights
from wlra_dist.weights.rank import examine
from wlra_dist.weights.reweighted import ReweightedBlock, ReweightedSolution


def cross(
    game: Game,
    servers: Sequence[Party],
    coordinator: Party,
    A: Faceted[Matrix],
    W: PerParty[Weights],
    terms: Terms,
) -> Located[ReweightedSolution]:
    """(1+ε)·‖B_{−K}‖_F² by estimates of both, in O((nK + dK/ε)/ε) numbers, whatever the number of servers.

    In a public random basis of the rows (`turning`) servers send the first t rows, rounded as coarsely as the tail of
    the whole allows, and the coordinator asks for c columns that befit what these show. It fits all others to both
    (`fit`), judges the fit by rows that it leaves out (`judge`), and asks for more (`planning`) while that is too much.
    No column is ever passed on to a server.

    For a Gaussian sketch S of t rows, columns C chosen on other rows, and least squares on Q = orth(C),
    E‖B − Q(SQ)⁺SB‖_F² = (1 + c/(t−c−1))·‖B − QQᵀB‖_F², since SQ and S(B − QQᵀB) are independent; and some
    K + K/ε − 1 columns leave (1+ε)·‖B_{−K}‖_F² (Guruswami & Sinop 2012). The fit here is no worse in any game that was
    measured, and nothing is proven of it: the promise goes by estimate, but for a chance of delta.

    Parts of supp(W) that are hardly larger than their sketch are sent whole, as in `rounded`. Where B is sparse or A
    integral, or no tail is a bound as rank(W) ≤ r is not known, the game is that of `sketch_qrcp`.
    """
    if not looks_for_itself(W, terms):
        return sketch_qrcp(game, servers, coordinator, A, W, terms)
    return game.at(coordinator, solution, *states_of_parts(game, servers, coordinator, A, W, terms), W=W.whole)


def looks_for_itself(W: PerParty[Weights], terms: Terms) -> bool:
    """Whether B is rounded and its tail bounds OPT, so that the game is not that of `sketch_qrcp`."""
    return terms.rounds_all and examine(W.whole, terms.r).off is not None


def states_of_parts(
    game: Game,
    servers: Sequence[Party],
    coordinator: Party,
    A: Faceted[Matrix],
    W: PerParty[Weights],
    terms: Terms,
) -> list[Located[RoundedState] | Located[CrossState]]:
    """What the coordinator knows in the end of small parts, and of large ones; of each kind if there are any."""
    parts = all_parts(W, terms)
    small, large = (Deal(W, [part for part in parts if looks_at(part, terms) == suits]) for suits in (False, True))
    B = game.each(servers, weighted_block, A, W)
    none = game.at(coordinator, _no_bounds)
    found: list[Located[RoundedState] | Located[CrossState]] = []
    if small.parts:
        found.append(round_parts(game, servers, coordinator, B, none, small, terms))
    if large.parts:
        found.append(looked(game, servers, coordinator, B, large, terms))
    return found


def looks_at(part: Part, terms: Terms) -> bool:
    """Whether it is worth while to look at a part, and to prove what was seen, rather than to have all of it."""
    return part.suits and (terms.certificate != "rows" or prove(part))


def looked(
    game: Game,
    servers: Sequence[Party],
    coordinator: Party,
    B: Faceted[Matrix],
    deal: Deal,
    terms: Terms,
) -> Located[CrossState]:
    """What the coordinator knows of these parts when it has what it needs, or has looked as often as it may."""
    seeds = game.shared_coins(coordinator, [coordinator, *servers], "cross")
    seed, own = seeds.facets[0], Faceted(seeds.facets[1:])
    widths, exponents = deal.widths, codes(deal.widths, lambda _: Exponent())
    held = game.each(servers, hold, B, PerParty(list(range(len(servers)))), own, deal=deal)
    lengths = game.gather(game.each(servers, sizes, held), coordinator, exponents, "scale")
    state = game.at(coordinator, CrossState.of, lengths, seed, deal=deal, terms=terms)
    offsets = codes(widths, lambda _: Offset())
    steps = game.scatter(game.at(coordinator, _probe_steps, state), servers, offsets, "step")
    held = game.each(servers, with_step, held, steps)
    rows = codes(widths, lambda held: Bins((held.part.probe_rows, held.d)))
    sketches = game.gather(game.each(servers, probe, held), coordinator, rows, "S B")
    state = game.at(coordinator, CrossState.with_probe, state, sketches)
    flags = codes(widths, lambda _: Count(1))
    for before, after in pairwise(accumulate(REFINEMENTS, initial=0)):
        finer = game.scatter(game.at(coordinator, _hidden, state), servers, flags, "finer")
        low = game.each(servers, refine, held, finer, before=before, digits=after - before)
        digits = codes(widths, partial(_digits, 1 << after - before))
        more = game.gather(low, coordinator, digits, "S B")
        state = game.at(coordinator, CrossState.refined, state, more, before, after - before)
    held = game.each(servers, probed, held)
    if terms.certificate == "rows":
        steps = game.scatter(game.at(coordinator, _proof_steps, state), servers, exponents, "step")
        rows = codes(widths, lambda held: Bins((fresh_rows(held.part), held.d)))
        laid_aside = game.gather(game.each(servers, fresh, held, steps), coordinator, rows, "G B")
        state = game.at(coordinator, CrossState.with_fresh, state, laid_aside)
    asks = codes(widths, lambda held: Maybe(RequestCode(held.part.shape[0], held.d)))
    answers = codes(widths, lambda held: Maybe(AnswerCode(held.part.shape[0], held.d)))
    for look in range(LOOKS):
        asked = game.scatter(game.at(coordinator, _requests, state), servers, asks, "S")
        given = game.each(servers, answer, held, asked, look=look)
        held = game.each(servers, _held, given)
        more = game.gather(game.each(servers, _answers, given), coordinator, answers, "C, S B")
        state = game.at(coordinator, CrossState.with_answers, state, more)
    return state


def solution(*states: RoundedState | CrossState, W: Weights) -> ReweightedSolution:
    """W^{∘-1}∘(LX), part by part; directions that are 0 need not be kept."""
    factors = [each for state in states for each in state.outputs]
    L = np.zeros((W.shape[0], sum(C.shape[1] for _, C, _ in factors)))
    X = np.zeros((L.shape[1], W.shape[1]))
    start = 0
    for place, C, Y in factors:
        own = np.arange(start, start + C.shape[1])
        L[np.ix_(place.rows, own)], X[np.ix_(own, place.columns)] = C, Y
        start += C.shape[1]
    kept = L.any(axis=0) & X.any(axis=1)
    return ReweightedSolution([ReweightedBlock(W, np.arange(0), L[:, kept], X[kept], weighted=True)])


def _digits(base: int, held: Width) -> Maybe[np.ndarray]:
    return Maybe(Cosets((held.part.probe_rows, held.d), base))


def _no_bounds() -> list[float]:
    return []


def _probe_steps(state: CrossState) -> list[list[int]]:
    return state.probe_steps


def _proof_steps(state: CrossState) -> list[list[int]]:
    return state.proof_steps


def _hidden(state: CrossState) -> list[list[int]]:
    return state.hidden


def _requests(state: CrossState) -> list[list[Request | None]]:
    return state.requests


def _held(given: Rounding) -> list[HeldColumns]:
    return given.held


def _answers(given: Rounding) -> list[CrossAnswer | None]:
    return given.answers
