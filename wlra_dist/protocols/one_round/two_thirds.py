"""A protocol that errs: one game in three it says nothing, which success with probability 2/3 allows (Def 1.4)."""

from collections.abc import Sequence

import numpy as np

from wlra_dist.errors import InputError
from wlra_dist.game import Faceted, Game, Located, Party, PerParty
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.protocols.one_round.one_round import one_round
from wlra_dist.protocols.terms import Terms
from wlra_dist.weights import Weights
from wlra_dist.weights.reweighted import ReweightedBlock, ReweightedSolution

COIN = "whether anything is said"


def two_thirds(
    game: Game,
    servers: Sequence[Party],
    coordinator: Party,
    A: Faceted[Matrix],
    W: PerParty[Weights],
    terms: Terms,
) -> Located[ReweightedSolution]:
    """With probability 2/3 all that `one_round` says, otherwise nothing, and Ã = 0: two thirds of its bits on average.

    Where that says N bits and a header, the mean is (2/3)N and some, so that `bounds.lower.expected_bits` is nearly
    met. The worst case gains nothing, and by `worst_case_bits` there is nothing to gain. All see the coin, and who sees
    it needs no message to know that there is none.
    """
    if game.coins != "public":
        raise InputError(f'two_thirds tosses a coin that all see, but [game] coins = "{game.coins}": set them "public"')
    game.shared_coins(coordinator, [coordinator, *servers], COIN)
    if speaks(game.public_coins[COIN]):
        return one_round(game, servers, coordinator, A, W, terms)
    return game.at(coordinator, zero, W)


def speaks(coin: int) -> bool:
    """Two thirds of all coins say so."""
    return coin % 3 < 2


def zero(W: PerParty[Weights]) -> ReweightedSolution:
    """Ã = 0."""
    none = np.empty(0, dtype=np.int64)
    return ReweightedSolution(
        [ReweightedBlock(W_i, none, np.zeros((W_i.shape[0], 0)), np.zeros((0, W_i.shape[1]))) for W_i in W]
    )
