"""`wlra-dist experiment`: methods held against each other on one machine; tables at the end, or one JSON object."""

import argparse
import json
import sys
from time import perf_counter

from wlra_dist.commands.arguments import add_scenario
from wlra_dist.commands.entry import Beat, catalogue_of, enter
from wlra_dist.errors import Exit, InputError
from wlra_dist.world.world import World, together

STALL_LIMIT = 86_400.0
"""Seconds that one method at one rank may take: there is nobody to wait for, and Ctrl-C ends it."""


EXAMPLE = "wlra-dist experiment experiments/fisher_like --set n=512"


def declare(parser: argparse.ArgumentParser) -> None:
    add_scenario(parser, "keep the tables and pictures here, and finished pieces to go on from", STALL_LIMIT)
    parser.add_argument("--quick", action="store_true", help="rehearse: the same as --set quick=true (figures, tables)")


def run(options: argparse.Namespace) -> int:
    """Does what the command line names; its exit code."""
    return enter(_experiment, options)


def _experiment(options: argparse.Namespace, world: World, beat: Beat) -> int:
    together(world, lambda: _require_alone(world))
    from wlra_dist.report.files.experiment import check_place, keeping, write_experiment
    from wlra_dist.report.screen import fitted
    from wlra_dist.report.tables.experiment import record, table
    from wlra_dist.scenario.toml import find
    from wlra_dist.studies.experiments import load_experiment

    settings = [*options.set, *(["quick=true"] if options.quick else [])]
    asked = load_experiment(find(options.scenario), settings, catalogue_of(world, options))
    if options.out:
        check_place(asked, options.out)
    begun = perf_counter()

    def tell(what: str) -> None:
        beat(what)
        if sys.stderr.isatty():
            print(f"{perf_counter() - begun:8.1f} s  {what}", file=sys.stderr, flush=True)

    result = asked.run(tell, keeping(asked, options.out))
    if options.out:
        write_experiment(asked, result, options.out)
    print(json.dumps(record(asked, result), allow_nan=False) if options.json else fitted(table(asked, result)))
    if options.out and not options.json:
        print(f"\nThe tables and pictures are in {options.out}/")
    return Exit.OK


def _require_alone(world: World) -> None:
    if world.size > 1:
        raise InputError(f"an experiment measures one process: start it without mpiexec (found {world.size} processes)")
