"""Columns chosen on a sketch with common coins: no factor m on s, since only the coordinator needs to know them."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from wlra_dist.codecs.base.energy import Energy
from wlra_dist.codecs.base.grid import exponent_below, step
from wlra_dist.codecs.columns.column_set import ColumnSet
from wlra_dist.game import Faceted, Game, Located, Party, PerParty
from wlra_dist.linalg.blocks import column_energies, dense_columns
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.protocols.common_columns.common_columns import Common, finest, merged, offer
from wlra_dist.protocols.common_columns.told_columns import ToldColumns
from wlra_dist.protocols.sketched.block import describe, plainly
from wlra_dist.protocols.sketched.choice import BATCHES, Heard
from wlra_dist.protocols.sketched.level import told_levels
from wlra_dist.protocols.sketched.sketches import Plan
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

    The columns of B that the coordinator chooses on the sketches of all servers, and coefficients that it finds there,
    are held against signed sums of rows that had no part in the choice; while these show too much, it asks for more
    columns. The loss aimed at is (1+ε)·max(Σ_i LB_i, L), where L ≤ ‖B_{−rk}‖_F² is what stayed with the servers and
    what the sketches show beyond it (`sketched_tail`). L is no larger, and the loss is no larger than the sums show,
    but for a CHANCE of 5 percent: half of it is for L, and half for all looks at the sums (`linalg.estimate`). No
    server knows another's columns, as to tell them would cost the factor m. So nothing is
    certain: a promise by estimate, which the referee may find broken. Use another protocol where it must be kept.

    Numbers are rounded by one level for all servers, which the coordinator tells after a coarse probe
    (`sketched_level`). Parts of supp(W) whose columns are no longer than a sketch are sent whole, rounded likewise.
    Where rank(W) ≤ r is not known, ‖B_{−rk}‖_F² is no bound, and the aim is (1+ε)·Σ_i LB_i.
    The columns are sent in at most BATCHES batches; the last one repairs what then still is too much, column by column.
    """
    plan, common = Plan(W, terms), Common(W, terms)
    seeds = game.shared_coins(coordinator, [coordinator, *servers], "sketch")
    seed, own = seeds.facets[0], Faceted(seeds.facets[1:])
    numbers = PerParty(list(range(len(servers))))
    B = game.each(servers, weighted_block, A, W)
    bound = game.each(servers, lower_bound, A, W, terms=terms)
    bounds = game.gather(bound, coordinator, Energy(), "LB")
    if plan.coded:
        levels = told_levels(game, servers, coordinator, B, bounds, own, plan)
        sketched = game.each(servers, describe, B, numbers, own, levels, plan=plan)
    else:
        levels = PerParty([[] for _ in servers])
        sketched = game.each(servers, plainly, B, numbers, own, plan=plan)
    said = game.gather(sketched, coordinator, plan.codes(), "S B")
    heard = game.at(coordinator, Heard.of, said, bounds, seed, plan=plan, common=common)
    wanted = game.at(coordinator, Heard.first, heard)
    for batch in range(BATCHES):
        asked = [_ask(game, wanted, server, i, plan) for i, server in enumerate(servers)]
        C = game.each(servers, _answer, A, W, B, Faceted(asked), levels, numbers, plan=plan, common=common)
        told = game.gather(C, coordinator, W.map(common.code), "C")
        heard = game.at(coordinator, _hear, heard, told, common=common)
        if batch < BATCHES - 1:
            wanted = game.at(coordinator, Heard.more, heard, batch == BATCHES - 2)
    return game.at(coordinator, _solution, heard)


_COLUMN_SHARE = 0.1
"""Of ε times the level: what the rounding of columns of B may cost if each column is made of them at full length.

Of the level itself where they are sent whole, and nothing else is left.
"""


def _ask(game: Game, wanted: Located[np.ndarray], server: Party, i: int, plan: Plan) -> Located[np.ndarray]:
    """Server i hears which of its columns are wanted."""
    own = game.at(wanted.party, partial(_own, i, plan), wanted)
    return game.send(own, server, ColumnSet(plan.W[i].groups), "S")


def _own(i: int, plan: Plan, wanted: np.ndarray) -> np.ndarray:
    return wanted[(plan.starts[i] <= wanted) & (wanted < plan.starts[i + 1])] - plan.starts[i]


def _answer(
    A: Matrix,
    W: Weights,
    B: Matrix,
    S: np.ndarray,
    levels: Sequence[int],
    i: int,
    *,
    plan: Plan,
    common: Common,
) -> ToldColumns:
    """The columns S of server i; rounded ones, if they are not 0, to a grid that befits the noise of their part."""
    if not common.rounded:
        return offer(A, W, B, S, common=common)
    S = S[column_energies(B)[S] > 0]
    told = finest(B, S)
    for (part, own), level in zip(plan.held(i), levels, strict=True):
        share = _COLUMN_SHARE * (min(plan.terms.epsilon, 1.0) if part.rows else 1.0)
        noise = share * float(step(level)) ** 2 / len(part.place.rows)
        if noise:
            here = np.isin(S, own)
            told.exponents[here] = np.maximum(told.exponents[here], exponent_below(np.sqrt(12 * noise)))
    C = np.rint(dense_columns(B, S) / step(told.exponents)) * step(told.exponents)
    return ToldColumns(S, C, told.exponents)


def _hear(heard: Heard, told: Sequence[ToldColumns], *, common: Common) -> Heard:
    """With the columns that came, if any did."""
    return heard.with_columns(merged(told, common)) if any(len(columns.S) for columns in told) else heard


def _solution(heard: Heard) -> ReweightedSolution:
    return heard.fit.solution
