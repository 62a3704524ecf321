"""The command line: parsing, and who prints what. Under mpiexec every rank parses; only the first one speaks.

Each command imports what it needs when it runs, so that eight ranks do not pay for what one of them draws.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from wlra_dist import __version__
from wlra_dist.errors import Exit, InputError, VerificationError, WlraDistError

if TYPE_CHECKING:
    from wlra_dist.game.world import World
    from wlra_dist.play import Outcome
    from wlra_dist.sweep import Sweep

STALL_LIMIT = 1800.0
"""Seconds without a sign of life after which a job is ended."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs `wlra-dist ARGUMENTS…` and returns its exit code (see wlra_dist.errors.Exit)."""
    from wlra_dist.game.launcher import launched

    speaks = launched(os.environ).rank == 0
    with open(os.devnull, "w") as nowhere, redirect_stdout(sys.stdout if speaks else nowhere):
        try:
            options = _parser().parse_args(arguments)
            return options.command(options)
        except WlraDistError as error:
            if speaks:
                print(f"wlra-dist: {error}", file=sys.stderr)
            return error.exit_code


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message}; try `{self.prog} --help`")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="wlra-dist", description="Communication games for weighted low rank approximation.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)

    run = commands.add_parser("run", help="play a scenario, alone or under mpiexec")
    run.add_argument("scenario", help="a TOML file, or a name that `wlra-dist scenarios` lists")
    run.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="change a key of the scenario")
    run.add_argument("--servers", metavar="M", help="the same as --set game.servers=M")
    run.add_argument("--out", type=Path, metavar="DIR", help="keep the record, transcript, solution and picture here")
    run.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    run.add_argument(
        "--stall-limit", type=float, default=STALL_LIMIT, metavar="SECONDS",
        help=f"end the job if a rank shows no sign of life for so long (default {STALL_LIMIT:.0f})",
    )  # fmt: skip
    run.set_defaults(command=_run)

    again = commands.add_parser("replay", help="hear a recorded run again, without A: is the solution the same?")
    again.add_argument("run", type=Path, help="the directory that `wlra-dist run --out` made")
    again.add_argument("--data", type=Path, metavar="DIR", help="where W's file is now, if it was moved")
    again.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    again.set_defaults(command=_replay)

    audit = commands.add_parser("audit", help="compute a recorded run again and name the first thing that is off")
    audit.add_argument("run", type=Path, help="the directory that `wlra-dist run --out` made")
    audit.add_argument("--data", type=Path, metavar="DIR", help="where the scenario's files are now, if moved")
    audit.set_defaults(command=_audit)

    listing = commands.add_parser("scenarios", help="list the scenarios, a line each")
    listing.set_defaults(command=_scenarios)

    bounds = commands.add_parser("bounds", help="each theorem's number for given sizes")
    for name, default in {"n": 4096, "d": 1024, "s": 1024, "r": 4, "k": 4, "m": 4}.items():
        bounds.add_argument(f"--{name}", type=int, default=default, help=f"(default {default})")
    bounds.add_argument("--epsilon", type=float, default=0.1, help="(default 0.1)")
    bounds.set_defaults(command=_bounds)

    doctor = commands.add_parser("doctor", help="check MPI, its launcher, shared memory and threads")
    doctor.add_argument("--clean", action="store_true", help="remove shared memory that aborted jobs left behind")
    doctor.set_defaults(command=_doctor)
    return parser


def _run(options: argparse.Namespace) -> int:
    from wlra_dist.game.guard import guarded

    return guarded(partial(_play, options), stall_limit=options.stall_limit)


def _play(options: argparse.Namespace, world: "World", beat: Callable[[str], None]) -> int:
    from wlra_dist.play import play
    from wlra_dist.report.progress import Progress

    sweep = _sweep(options, world)
    if sweep.keys:
        return _play_points(sweep, options, world, beat)
    scenario = sweep.points[0].scenario
    with Progress(scenario.game.servers) as progress:

        def tick(phase: str) -> None:
            beat(phase)
            progress.tick(phase)

        outcome = play(scenario, world, tick)
    return Exit.OK if outcome is None else _report(outcome, options)


def _play_points(sweep: "Sweep", options: argparse.Namespace, world: "World", beat: Callable[[str], None]) -> int:
    """Every game of a sweep in turn, all ranks in step; a line for each as it ends, or one JSON object at last."""
    from wlra_dist.report.summary import plain, summary
    from wlra_dist.report.sweep_table import headline, line, write_table
    from wlra_dist.sweep import play_points

    def tell(text: str) -> None:
        if world.rank == 0 and not options.json:
            print(text, flush=True)

    points, holds = [], True
    tell(headline(sweep.keys))
    for point, outcome in play_points(sweep, world, beat):
        if outcome is not None:
            facts = summary(outcome)
            tell(line(point.values, facts))
            points.append({"swept": plain(point.values), **facts})
            holds = holds and outcome.holds
    if options.json and world.rank == 0:
        print(json.dumps({"scenario": sweep.name, "points": points}))
    if options.out and world.rank == 0:
        write_table(points, options.out)
        tell(f"The table is in {options.out}/")
    return Exit.OK if holds else Exit.VERIFICATION


def _sweep(options: argparse.Namespace, world: "World") -> "Sweep":
    """The games on every rank; only the first one reads and checks them, and tries whether the results can be kept."""
    from wlra_dist.game.world import together
    from wlra_dist.sweep import Sweep

    def read() -> bytes | None:
        if world.rank:
            return None
        from wlra_dist.scenario_file import find
        from wlra_dist.sweep import load_sweep

        settings = [*options.set, *([f"game.servers={options.servers}"] if options.servers else [])]
        sweep = load_sweep(find(options.scenario), settings)
        if options.out:
            _check_writable(options.out, bool(sweep.keys))
        return sweep.to_json()

    return Sweep.from_json(world.broadcast(together(world, read)))


def _check_writable(directory: Path, of_sweep: bool) -> None:
    if of_sweep:
        from wlra_dist.report.sweep_table import check_place as check
    else:
        from wlra_dist.record import check_writable as check
    check(directory)


def _report(outcome: "Outcome", options: argparse.Namespace) -> int:
    from wlra_dist.report.summary import summary
    from wlra_dist.report.table import table

    if options.out:
        from wlra_dist.record import write_record

        write_record(outcome, options.out)
    facts = summary(outcome)
    print(json.dumps(facts) if options.json else table(facts))
    if options.out and not options.json:
        print(f"The record, the transcript, the solution and a picture are in {options.out}/")
    return Exit.OK if outcome.holds else Exit.VERIFICATION


def _replay(options: argparse.Namespace) -> int:
    from wlra_dist import replay

    verdict = replay.replay(options.run, options.data)
    if options.json:
        print(json.dumps(replay.facts(verdict)))
    if not verdict.same:
        raise VerificationError(verdict.sentence)
    if not options.json:
        print(verdict.sentence)
    return Exit.OK


def _audit(options: argparse.Namespace) -> int:
    from wlra_dist.audit import audit

    for line in audit(options.run, options.data):
        print(line, flush=True)
    return Exit.OK


def _scenarios(_: argparse.Namespace) -> int:
    from wlra_dist.scenario_file import listed

    for path, about in listed():
        print(f"{path.stem:18} {about}")
    return Exit.OK


def _bounds(options: argparse.Namespace) -> int:
    from wlra_dist.report.bounds_table import bounds_table

    print(bounds_table(options.n, options.d, options.s, options.r, options.k, options.m, options.epsilon))
    return Exit.OK


def _doctor(options: argparse.Namespace) -> int:
    from wlra_dist import doctor

    if options.clean:
        removed = doctor.clean()
        print(f"removed {len(removed)} segments of shared memory that no process used")
    findings = doctor.examine()
    print(doctor.render(findings))
    return doctor.verdict(findings)
