"""Each server speaks once; the coordinator answers alone (Woodruff & Yasuda, Cor 1.3)."""

from collections.abc import Sequence

from wlra_dist.game import Faceted, Game, Located, Party, PerParty
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.protocols.steps import assemble, choose, fit, goal, weighted
from wlra_dist.protocols.terms import Terms
from wlra_dist.weights import Weights
from wlra_dist.weights.reweighted import ReweightedSolution


def one_round(
    game: Game,
    servers: Sequence[Party],
    coordinator: Party,
    A: Faceted[Matrix],
    W: PerParty[Weights],
    terms: Terms,
) -> Located[ReweightedSolution]:
    """Column selection on each block: (1+ε)·OPT in O((msrk/ε + rkd)·log(nd)) bits and one round.

    The best rank-rk matrix, restricted to a block of columns, has rank at most rk there; so
    Σ_i ‖(B_i)_{−rk}‖² ≤ ‖B_{−rk}‖² ≤ OPT, and servers that each reach (1+ε) of their own reach it together.
    """
    B = game.each(servers, weighted, A, W)  # server i: B_i = W_i∘A_i
    least = game.each(servers, goal, A, W, B, terms=terms)  # (1+ε)·LB_i
    coins = game.private_coins(servers)
    S = game.each(servers, choose, B, least, coins, terms=terms)
    C_X = game.each(servers, fit, A, W, B, S, least, coins, terms=terms)  # B_i ≈ (W_i∘C_i) X_i
    descriptions = game.gather(C_X, coordinator, W.map(terms.block_code), "C, X")  # server i -> coordinator
    return game.at(coordinator, assemble, descriptions, W, terms=terms)  # W^{∘-1}∘[C_1 X_1 … C_m X_m]
