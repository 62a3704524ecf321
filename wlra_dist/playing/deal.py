"""Who holds which columns of A."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wlra_dist.errors import InputError
from wlra_dist.game import PerParty
from wlra_dist.game.runs import Pieces
from wlra_dist.instances import Columns
from wlra_dist.scenario.options import GameOptions
from wlra_dist.weights import Weights

_DEAL = 2
"""Tells the seed of the deal from those of coins."""


@dataclass(frozen=True, eq=False)
class Hands:
    """The columns of A as they were dealt.

    Attributes:
        columns: of each server.
        order: all of them, server by server; None if that is the order that they have in A.
    """

    columns: Sequence[Columns]
    order: np.ndarray | None

    def weights(self, W: Weights) -> PerParty[Weights]:
        """W by the servers' columns, and whole in the same order."""
        whole = W if self.order is None else W.block(self.order)
        return PerParty(Pieces(len(self.columns), lambda i: W.block(self.columns[i])), whole)


def deal(d: int, options: GameOptions) -> Hands:
    """d columns in hands whose sizes differ by at most one."""
    m = options.servers
    if m > d:
        raise InputError(f"{m} servers expect at least {m} columns, A has {d}; try --servers {d}")
    if options.deal == "in order":
        return Hands(Pieces(m, lambda i: slice(d * i // m, d * (i + 1) // m)), None)
    order = np.random.default_rng([options.seed, _DEAL]).permutation(d)
    columns = [np.sort(order[d * i // m : d * (i + 1) // m]) for i in range(m)]
    return Hands(columns, np.concatenate(columns))
