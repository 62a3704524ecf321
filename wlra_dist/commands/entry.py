"""How a command that plays games begins: guarded, and with one rank that reads for all."""

import argparse
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeAlias

from wlra_dist.playing.alike import require_one_catalogue, tell_unlike_ranks
from wlra_dist.scenario.catalogue import Catalogue
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


def catalogue_of(world: World, options: argparse.Namespace) -> Catalogue:
    """What names mean: the package's, and those of the plugins that command line and scenario list (collective).

    Raises:
        InputError: a plugin cannot be loaded, or is not the same everywhere; on every rank alike.
    """
    from wlra_dist.scenario.plugins import with_plugins

    files = json.loads(read_for_all(world, lambda: json.dumps(_plugin_files(options)).encode()))
    catalogue = together(world, partial(with_plugins, files))
    require_one_catalogue(world, catalogue)
    return catalogue


def _plugin_files(options: argparse.Namespace) -> list[str]:
    """Absolute, so that a rank that was started elsewhere finds them."""
    from wlra_dist.scenario.plugins import stated_files
    from wlra_dist.scenario.toml import find, read_tables

    path = find(options.scenario)
    return [str(Path(file).absolute()) for file in (*options.plugin, *stated_files(read_tables(path), path))]


def settings(options: argparse.Namespace) -> list[str]:
    """What goes over the scenario's keys."""
    return [*options.set, *([f"game.servers={options.servers}"] if options.servers else [])]
