"""A secret W: each server knows the weights of its own columns and nobody else does, until it has sent them."""

from collections.abc import Sequence

import numpy as np

from wlra_dist.errors import VerificationError
from wlra_dist.game import Faceted, Game, Located, Party, PerParty
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.protocols.protocol import Protocol
from wlra_dist.protocols.terms import Terms
from wlra_dist.protocols.weights_code import WholeWeights
from wlra_dist.weights import Weights
from wlra_dist.weights.reweighted import ReweightedSolution
from wlra_dist.weights.weighing import column_runs

OWN_WEIGHTS = frozenset({"local_budget", "one_way", "one_round", "raw", "two_thirds"})
"""Protocols in which a server needs no weights but those of its own columns; others are played with one server."""


def weights_sent(
    protocol: Protocol,
    game: Game,
    servers: Sequence[Party],
    coordinator: Party,
    A: Faceted[Matrix],
    W: PerParty[Weights],
    terms: Terms,
) -> Located[ReweightedSolution]:
    """The protocol, after each server has sent its W_i to the coordinator: what these bits are, a public W saves.

    What is decoded is W_i bit for bit, or the game ends; so whoever reads on may say W_i. Shape and r stay public.
    """
    own = game.each(servers, _own, W)
    decoded = game.gather(own, coordinator, W.map(_code), "W")
    game.at(coordinator, _require_same, decoded, W)
    return protocol(game, servers, coordinator, A, W, terms)


def _own(W: Weights) -> Weights:
    return W


def _code(W: Weights) -> WholeWeights:
    return WholeWeights(*W.shape)


def _require_same(decoded: Sequence[Weights], W: PerParty[Weights]) -> None:
    for decoded_i, W_i in zip(decoded, W, strict=True):
        for run in column_runs(*W_i.shape):
            if not np.array_equal(decoded_i.dense(run), W_i.dense(run)):
                raise VerificationError("the weights that were decoded are not those that the protocol goes by")
