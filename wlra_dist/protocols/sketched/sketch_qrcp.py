"""Columns chosen on a sketch with common coins: no factor m on s, since only the coordinator receives them."""

from collections.abc import Sequence

import numpy as np

from wlra_dist.codecs.base.energy import Energy
from wlra_dist.codecs.base.grid import exponent_below, step
from wlra_dist.codecs.columns.column_set import ColumnSet
from wlra_dist.game import Faceted, Game, Located, Party, PerParty
from wlra_dist.linalg.blocks import column_energies, dense_columns
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.protocols.common_columns.common_columns import Common, finest, merged, offer
from wlra_dist.protocols.common_columns.sent_columns import SentColumns
from wlra_dist.protocols.sketched.block import describe, plainly
from wlra_dist.protocols.sketched.choice import BATCHES, Knowledge
from wlra_dist.protocols.sketched.level import common_levels
from wlra_dist.protocols.sketched.sketches import SketchPlan
from wlra_dist.protocols.steps import lower_bound, weighted_block
from wlra_dist.protocols.terms import Terms
from wlra_dist.weights import Weights
from wlra_dist.weights.reweighted import ReweightedSolution


def sketch_qrcp(
    game: Game,
    servers: Sequence[Party],
    coordinator: Party,
    A: Faceted[Matrix],
    W: PerParty[Weights],
    terms: Terms,
) -> Located[ReweightedSolution]:
    """(1+ε) times a lower bound, by estimates of both, in O(srk + d·rk/ε) words: s without a factor m.

    The coordinator chooses columns of B on the sketches of all servers, and fits all other columns to them there. It
    estimates the loss from signed sums of rows that were not used for the choice, and asks for more columns while the
    estimate is too large. The loss aimed at is (1+ε)·max(Σ_i LB_i, L), where L ≤ ‖B_{−rk}‖_F² is the energy that stays
    with the servers plus an estimate from the sketches (`tail`). With probability 1 − CHANCE, which is 95 percent, L is
    a lower bound and the loss is at most its estimate: half of CHANCE is for L, half for all estimates of the loss
    (`linalg.estimate`). No server knows another's columns, since to send them would cost the factor m. So the promise
    is kept with that probability only, and the referee may find it broken. Use another protocol where it must be kept.

    Numbers are rounded by one level of noise for all servers, which the coordinator computes from coarse probes
    (`level`). Parts of supp(W) whose columns are no longer than a sketch are sent whole, rounded likewise. Where
    rank(W) ≤ r is not known, ‖B_{−rk}‖_F² is no bound, and the game aims at (1+ε)·Σ_i LB_i. The columns are sent in at
    most BATCHES batches; the last one adds every column whose own loss is too large.
    """
    plan, common = SketchPlan(W, terms), Common(W, terms)
    seeds = game.shared_coins(coordinator, [coordinator, *servers], "sketch")
    seed, own = seeds.facets[0], Faceted(seeds.facets[1:])
    numbers = PerParty(list(range(len(servers))))
    B = game.each(servers, weighted_block, A, W)
    bound = game.each(servers, lower_bound, A, W, terms=terms)
    bounds = game.gather(bound, coordinator, Energy(), "LB")
    if plan.coded:
        levels = common_levels(game, servers, coordinator, B, bounds, own, plan)
        sketched = game.each(servers, describe, B, numbers, own, levels, plan=plan)
    else:
        levels = PerParty([[] for _ in servers])
        sketched = game.each(servers, plainly, B, numbers, own, plan=plan)
    sketches = game.gather(sketched, coordinator, plan.codes(), "S B")
    knowledge = game.at(coordinator, Knowledge.of, sketches, bounds, seed, plan=plan, common=common)
    wanted = game.at(coordinator, Knowledge.first, knowledge)
    for batch in range(BATCHES):
        asked = [_ask(game, wanted, server, i, plan) for i, server in enumerate(servers)]
        C = game.each(servers, _answer, A, W, B, Faceted(asked), levels, numbers, plan=plan, common=common)
        columns = game.gather(C, coordinator, W.map(common.code), "C")
        knowledge = game.at(coordinator, _with_columns, knowledge, columns, common=common)
        if batch < BATCHES - 1:
            wanted = game.at(coordinator, Knowledge.more, knowledge, batch == BATCHES - 2)
    return game.at(coordinator, _solution, knowledge)


_COLUMN_SHARE = 0.1
"""Of ε times the level: what the rounding of columns of B may cost, if each other column is one of them at full length.

Of the level itself where all columns of a part are sent, which leave nothing else.
"""


def _ask(game: Game, wanted: Located[np.ndarray], server: Party, i: int, plan: SketchPlan) -> Located[np.ndarray]:
    """Sends server i which of its columns are wanted."""
    own = game.at(wanted.party, _own, wanted, i=i, plan=plan)
    return game.send(own, server, ColumnSet(plan.W[i].groups), "S")


def _own(wanted: np.ndarray, *, i: int, plan: SketchPlan) -> np.ndarray:
    return wanted[(plan.starts[i] <= wanted) & (wanted < plan.starts[i + 1])] - plan.starts[i]


def _answer(
    A: Matrix,
    W: Weights,
    B: Matrix,
    S: np.ndarray,
    levels: Sequence[int],
    i: int,
    *,
    plan: SketchPlan,
    common: Common,
) -> SentColumns:
    """The columns S of server i; rounded ones only if not 0, on a grid as coarse as the noise of their part allows."""
    if not common.rounded:
        return offer(A, W, B, S, common=common)
    S = S[column_energies(B)[S] > 0]
    sent = finest(B, S)
    for (part, own), level in zip(plan.held(i), levels, strict=True):
        share = _COLUMN_SHARE * (min(plan.terms.epsilon, 1.0) if part.rows else 1.0)
        noise = share * float(step(level)) ** 2 / len(part.place.rows)
        if noise:
            here = np.isin(S, own)
            sent.exponents[here] = np.maximum(sent.exponents[here], exponent_below(np.sqrt(12 * noise)))
    C = np.rint(dense_columns(B, S) / step(sent.exponents)) * step(sent.exponents)
    return sent._replace(C=C)


def _with_columns(knowledge: Knowledge, columns: Sequence[SentColumns], *, common: Common) -> Knowledge:
    """The knowledge with the columns that the servers sent, if any."""
    return knowledge.with_columns(merged(columns, common)) if any(len(own.S) for own in columns) else knowledge


def _solution(knowledge: Knowledge) -> ReweightedSolution:
    return knowledge.fit.solution
