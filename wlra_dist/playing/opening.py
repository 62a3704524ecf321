"""The input of a game, opened on every rank and dealt: as many games as one likes can be played on it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from wlra_dist.errors import InputError
from wlra_dist.game import PerParty, Stopwatch
from wlra_dist.game.parcel import pack_arrays, unpack_arrays
from wlra_dist.instances import Instance
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.playing.alike import require_one_W
from wlra_dist.playing.deal import Hands, deal
from wlra_dist.playing.parties import parties
from wlra_dist.scenario.options import Scenario
from wlra_dist.weights import Weights
from wlra_dist.weights.rank import examine
from wlra_dist.world.blas import fix_blas_threads
from wlra_dist.world.world import World, place, together

MOST_NAMED = 6
"""Rows and columns that an error names."""


@dataclass(frozen=True, eq=False)
class Opened:
    """An instance that is open on every rank, its columns dealt: as many games as one likes can be played on it.

    Attributes:
        hands: the columns of each server.
        W: the weights as they were dealt.
        A: by number, the blocks of those servers that are played on this rank.
        servers: the numbers of those that each rank plays.
    """

    instance: Instance
    hands: Hands
    W: PerParty[Weights]
    A: dict[int, Matrix]
    servers: list[list[int]]


def open_input(scenario: Scenario, world: World, stopwatch: Stopwatch, *, require_rank: bool = False) -> Opened:
    """Opens the instance and deals its columns (collective); the protocol does not matter to it.

    Raises:
        InputError: it cannot be opened, W is not the same everywhere, or a block is unfit; on every rank alike.
    """
    fix_blas_threads(scenario.game.threads)
    with stopwatch.measure("open"):
        instance = together(world, lambda: scenario.instance.open(partial(_share, world)))
        require_one_W(world, instance, scenario.instance)
        if require_rank:
            together(world, lambda: world.rank or _forbid_refuted(instance))
        hands = together(world, partial(deal, instance.shape[1], scenario.game))
    servers, _ = parties(scenario)
    rank_of = place(len(servers), world.size)
    on_rank: list[list[int]] = [[] for _ in range(world.size)]
    for i, server in enumerate(servers):
        on_rank[rank_of(server)].append(i)

    def load(i: int) -> Matrix:
        with stopwatch.measure("load"):
            return instance.columns(hands.columns[i])

    A = together(world, lambda: {i: load(i) for i in on_rank[world.rank]})
    return Opened(instance, hands, hands.weights(instance.weights), A, on_rank)


def _forbid_refuted(instance: Instance) -> None:
    """InputError where W is of a higher rank than the game says."""
    found = examine(instance.weights, instance.r).refuted
    if found:
        rows, columns = (", ".join(map(str, indices[:MOST_NAMED])) for indices in (found.rows, found.columns))
        more = ", …" if len(found.rows) > MOST_NAMED else ""
        raise InputError(
            f"--require-rank expects rank(W) ≤ r = {instance.r}; the minor of rows {rows}{more} and columns "
            f"{columns}{more} (from 0) is {found.residue} modulo {found.prime}, not 0; try a larger r"
        )


def _share(world: World, make: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """make()'s arrays, made on rank 0, on every rank; so is an InputError of it."""
    made = together(world, lambda: make() if world.rank == 0 else {})
    if world.size == 1:
        return made
    names = world.broadcast("\n".join(made).encode()).decode().split("\n")
    arrays = unpack_arrays(world.broadcast(pack_arrays(made.values())))
    return dict(zip(names, arrays, strict=True))
