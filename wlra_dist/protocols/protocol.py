"""What a protocol is."""

from collections.abc import Sequence
from typing import Protocol as Callback

from wlra_dist.game import Faceted, Game, Located, Party, PerParty
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.protocols.terms import Terms
from wlra_dist.weights import Weights
from wlra_dist.weights.reweighted import ReweightedSolution


class Protocol(Callback):
    """Servers with column blocks of A, a coordinator who ends up with a solution; W is public."""

    def __call__(
        self,
        game: Game,
        servers: Sequence[Party],
        coordinator: Party,
        A: Faceted[Matrix],
        W: PerParty[Weights],
        terms: Terms,
        /,
    ) -> Located[ReweightedSolution]: ...
