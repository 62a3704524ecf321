"""Servers tell how fast their blocks are spanned; the coordinator deals out the loss; each says its share's worth."""

from collections.abc import Sequence

import numpy as np

from wlra_dist.codecs.base.energy import Energy
from wlra_dist.game import Faceted, Game, Located, Party, PerParty
from wlra_dist.linalg.basis import residual_curve
from wlra_dist.linalg.blocks import dense_columns, shape_of
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.linalg.spectral.spectrum import roundoff_energy
from wlra_dist.protocols.one_round.residual_curve import CurveCode, ResidualCurve
from wlra_dist.protocols.one_round.shares import shares
from wlra_dist.protocols.steps import assemble, choose, fit, lower_bound, weighted_block
from wlra_dist.protocols.terms import Terms
from wlra_dist.weights import Weights
from wlra_dist.weights.reweighted import ReweightedSolution

_AHEAD = 0.5
"""Columns are chosen for this part of a server's own goal: it may be dealt less than that goal."""

_SURVEYED = 2**24
"""Entries of the columns of a sparse block that a curve is drawn of, 128 MiB when dense: of tall ones it is shorter."""


def local_budget(
    game: Game,
    servers: Sequence[Party],
    coordinator: Party,
    A: Faceted[Matrix],
    W: PerParty[Weights],
    terms: Terms,
) -> Located[ReweightedSolution]:
    """(1+ε)·Σ_i LB_i ≤ (1+ε)·OPT in three rounds: Cor 1.3 by blocks, the loss dealt where it saves the most bits.

    In one round each server i must reach (1+ε)·LB_i by itself. Only the sum counts, so blocks that need many columns
    may take a larger part of it, and blocks of low rank do not have to be told to the last digit. What is dealt is the
    loss; the number of columns follows from it, by the server's own search for the fewest bits. Costs the bits of the
    curves and of a number for each server beyond those of one round.
    """
    B = game.each(servers, weighted_block, A, W)  # server i: B_i = W_i∘A_i
    bound = game.each(servers, lower_bound, A, W, terms=terms)  # LB_i ≤ OPT_i
    ahead = game.each(servers, _choose_ahead, B, bound, game.private_coins(servers), terms=terms)
    curve = game.each(servers, survey, B, ahead, bound)  # ‖B_i − C_c C_c⁺ B_i‖² for c = 0, 1, …
    heard = game.gather(curve, coordinator, W.map(_curve_code), "LB, residuals")
    dealt = game.at(coordinator, deal_loss, heard, W, terms=terms)
    share = game.scatter(dealt, servers, Energy(), "loss")
    least = game.each(servers, _at_least_noise, share, B)
    S = game.each(servers, choose, B, least, game.private_coins(servers), terms=terms)
    C_X = game.each(servers, fit, A, W, B, S, least, terms=terms)  # B_i ≈ (W_i∘C_i) X_i
    told = game.gather(C_X, coordinator, W.map(terms.block_code), "C, X")  # server i -> coordinator
    return game.at(coordinator, assemble, told, W, terms=terms)  # W^{∘-1}∘[C_1 X_1 … C_m X_m]


def survey(B: Matrix, S: np.ndarray, bound: float) -> ResidualCurve:
    """What server i tells of its block; S in the order of the choice."""
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
    goal = max(_AHEAD * (1 + terms.epsilon) * bound, roundoff_energy(B))
    n, d = shape_of(B)
    most = d if isinstance(B, np.ndarray) else max(1, _SURVEYED // n)
    return choose(B, goal, coins, terms=terms, most=most)


def _at_least_noise(share: float, B: Matrix) -> float:
    return max(share, roundoff_energy(B))
