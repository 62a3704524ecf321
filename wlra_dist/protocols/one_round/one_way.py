"""Alice speaks once, Bob answers (Woodruff & Yasuda, Thm 3.1)."""

from collections.abc import Sequence

from wlra_dist.game import Faceted, Game, Located, Party, PerParty
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.protocols.one_round.one_round import one_round
from wlra_dist.protocols.terms import Terms
from wlra_dist.weights import Weights
from wlra_dist.weights.reweighted import ReweightedSolution


def one_way(
    game: Game, alice: Sequence[Party], bob: Party, A: Faceted[Matrix], W: PerParty[Weights], terms: Terms
) -> Located[ReweightedSolution]:
    """The game of Def 1.4 in O((srk/ε + rkd)·log(nd)) bits: one round with a single server.

    Alice holds A, both know W. She sends the O(rk/ε) columns of Cor 1.3 and X; Bob reweights. By Thm 1.2 a
    loss of (1+ε)·‖B_{−rk}‖_F² on B = W∘A is at most (1+ε)·OPT.
    """
    return one_round(game, alice, bob, A, W, terms)
