"""The baseline: every server sends all of its A on supp(W)."""

from collections.abc import Sequence

import numpy as np

from wlra_dist.game import Faceted, Game, Located, Party, PerParty
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.protocols.terms import Terms
from wlra_dist.weights import Weights
from wlra_dist.weights.reweighted import ReweightedBlock, ReweightedSolution
from wlra_dist.weights.weighing import on_support


def raw(
    game: Game,
    servers: Sequence[Party],
    coordinator: Party,
    A: Faceted[Matrix],
    W: PerParty[Weights],
    terms: Terms,
) -> Located[ReweightedSolution]:
    """Loss 0 (up to the rounding of float32), with a number for each entry that counts."""
    counted = game.each(servers, counted_entries, A, W)
    columns = game.gather(counted, coordinator, W.map(terms.plain.columns_code), "A")
    return game.at(coordinator, as_solution, columns, W)


def counted_entries(A: Matrix, W: Weights) -> Matrix:
    """A_i on supp(W_i)."""
    return on_support(W, A)


def as_solution(columns: Sequence[Matrix], W: PerParty[Weights]) -> ReweightedSolution:
    """All columns chosen, no coefficients."""
    return ReweightedSolution([all_columns(*each) for each in zip(columns, W, strict=True)])


def all_columns(C: Matrix, W: Weights) -> ReweightedBlock:
    """A block whose columns all travelled."""
    d = W.shape[1]
    return ReweightedBlock(W, np.arange(d), C, np.zeros((d, 0)))
