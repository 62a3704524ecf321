"""Servers send what their columns leave; the coordinator divides the loss; each server describes its block."""

from collections.abc import Sequence

import numpy as np

from wlra_dist.codecs.base.energy import Energy
from wlra_dist.game import Faceted, Game, Located, Party, PerParty
from wlra_dist.linalg.basis import residual_curve
from wlra_dist.linalg.blocks import dense_columns, shape_of
from wlra_dist.linalg.matrix import Matrix, is_sparse
from wlra_dist.linalg.spectral.spectrum import roundoff_energy
from wlra_dist.protocols.one_round.residual_curve import CurveCode, ResidualCurve
from wlra_dist.protocols.one_round.shares import shares
from wlra_dist.protocols.parts import no_own_tails
from wlra_dist.protocols.rounded.rounded import rounded
from wlra_dist.protocols.steps import assemble, at_hand, choose, fit, lower_bound, weighted
from wlra_dist.protocols.terms import Terms
from wlra_dist.weights import Weights
from wlra_dist.weights.reweighted import ReweightedSolution

_AHEAD = 0.5
"""The curve is drawn for columns that meet this part of (1+ε)·LB_i: the coordinator may allow a server less than its
own (1+ε)·LB_i. A choice for the curve alone; the columns that are sent are chosen again."""

_SURVEYED = 2**24
"""The columns of a curve have at most so many entries, 128 MiB when dense: curves of tall sparse blocks are shorter."""


def local_budget(
    game: Game,
    servers: Sequence[Party],
    coordinator: Party,
    A: Faceted[Matrix],
    W: PerParty[Weights],
    terms: Terms,
) -> Located[ReweightedSolution]:
    """(1+ε)·Σ_i LB_i ≤ (1+ε)·OPT in three rounds: Cor 1.3 by blocks, with the loss where it saves the most bits.

    In `one_round` each server i must reach (1+ε)·LB_i by itself. But the promise is about the sum of all losses. So the
    coordinator allows more loss to blocks that need many columns, and blocks of low rank need not be exact to the last
    digit. Each server searches for the columns that take the fewest bits within its loss. The curves, and one number
    for each server, are sent in addition to the messages of `one_round`.
    """
    if terms.rounds_all and no_own_tails(W, terms):
        return rounded(game, servers, coordinator, A, W, terms)
    B = game.each(servers, weighted, A, W)  # server i: B_i = W_i∘A_i
    bound = game.each(servers, lower_bound, A, W, terms=terms)  # LB_i ≤ OPT_i
    ahead = game.each(servers, _choose_ahead, B, bound, game.private_coins(servers), terms=terms)
    curve = game.each(servers, survey, B, ahead, bound)  # ‖B_i − C_c C_c⁺ B_i‖² for c = 0, 1, …
    curves = game.gather(curve, coordinator, W.map(_curve_code), "LB, residuals")
    losses = game.at(coordinator, deal_loss, curves, W, terms=terms)
    share = game.scatter(losses, servers, Energy(), "loss")
    least = game.each(servers, _at_least_noise, share, B)
    coins = game.private_coins(servers)
    S = game.each(servers, choose, B, least, coins, terms=terms)
    C_X = game.each(servers, fit, A, W, B, S, least, coins, terms=terms)  # B_i ≈ (W_i∘C_i) X_i
    descriptions = game.gather(C_X, coordinator, W.map(terms.block_code), "C, X")  # server i -> coordinator
    return game.at(coordinator, assemble, descriptions, W, terms=terms)  # W^{∘-1}∘[C_1 X_1 … C_m X_m]


def survey(B: Matrix, S: np.ndarray, bound: float) -> ResidualCurve:
    """The curve of server i's block; S in the order of the choice."""
    B = at_hand(B)
    C = dense_columns(B, S)
    entries = int(np.ceil(np.count_nonzero(C) / max(len(S), 1)))
    return ResidualCurve(bound, entries, residual_curve(B, C))


def deal_loss(curves: Sequence[ResidualCurve], W: PerParty[Weights], *, terms: Terms) -> list[float]:
    """For each server the loss that it may leave; together (1+ε)·Σ_i LB_i at most."""
    widths = np.array([W_i.shape[1] for W_i in W])
    return shares(curves, widths, terms.epsilon, exact_entries=terms.bound is not None).tolist()


def _curve_code(W: Weights) -> CurveCode:
    return CurveCode(*W.shape)


def _choose_ahead(B: Matrix, bound: float, coins: np.random.Generator, *, terms: Terms) -> np.ndarray:
    B = at_hand(B)
    goal = max(_AHEAD * (1 + terms.epsilon) * bound, roundoff_energy(B))
    n, d = shape_of(B)
    most = max(1, _SURVEYED // n) if is_sparse(B) else d
    return choose(B, goal, coins, terms=terms, most=most)


def _at_least_noise(share: float, B: Matrix) -> float:
    return max(share, roundoff_energy(at_hand(B)))
