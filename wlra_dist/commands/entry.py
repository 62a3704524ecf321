"""How a command that plays games begins: guarded, and with one rank that reads for all."""

import argparse
from collections.abc import Callable
from typing import TypeAlias

from wlra_dist.playing.alike import tell_unlike_ranks
from wlra_dist.world.guard import guarded
from wlra_dist.world.world import World, together

Beat: TypeAlias = Callable[[str], None]

Body: TypeAlias = Callable[[argparse.Namespace, World, Beat], int]


def enter(body: Body, options: argparse.Namespace) -> int:
    """Runs the body on every rank; its exit code."""

    def main(world: World, beat: Beat) -> int:
        tell_unlike_ranks(world)
        return body(options, world, beat)

    return guarded(main, stall_limit=options.stall_limit)


def read_for_all(world: World, read: Callable[[], bytes]) -> bytes:
    """What the first rank reads, on every rank; so is an InputError of it (collective)."""
    return world.broadcast(together(world, lambda: None if world.rank else read()))


def settings(options: argparse.Namespace) -> list[str]:
    """What goes over the scenario's keys."""
    return [*options.set, *([f"game.servers={options.servers}"] if options.servers else [])]
