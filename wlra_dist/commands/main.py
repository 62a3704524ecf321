"""The command line: parsing, and who prints what. Under mpiexec every rank parses; only the first one speaks.

Each command imports what it needs when it runs, so that eight ranks do not pay for what one of them draws.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, NoReturn

from wlra_dist import __version__
from wlra_dist.errors import Exit, InputError, VerificationError, WlraDistError

STALL_LIMIT = 1800.0
"""Seconds without a sign of life after which a job is ended."""

A_YEAR = 365 * 86_400.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs `wlra-dist ARGUMENTS…` and returns its exit code (see wlra_dist.errors.Exit)."""
    from wlra_dist.world.launcher import launched

    speaks = launched(os.environ).rank == 0
    with open(os.devnull, "w") as nowhere, redirect_stdout(sys.stdout if speaks else nowhere):
        try:
            options = _parser().parse_args(arguments)
            code = options.command(options)
            sys.stdout.flush()
            return code
        except (WlraDistError, KeyboardInterrupt, MemoryError, OSError) as error:
            from wlra_dist.world.ending import end_alone

            return end_alone(error, speaks=speaks)


EXIT_CODES = """exit codes: 0 fine, 1 failure, 2 input, 3 a bound or check does not hold, 4 nothing is wrong and not
all was checked, 78 environment, 124 stall, 128 + signal"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message}; try `{self.prog} --help`")


def _parser() -> argparse.ArgumentParser:
    about = "Communication games for weighted low rank approximation."
    parser = _Parser(prog="wlra-dist", description=about, epilog=EXIT_CODES)
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)

    run = commands.add_parser("run", help="play a scenario, alone or under mpiexec; all games of a sweep")
    _add_game_options(run, "keep the record, transcript, solution and picture here; of a sweep, all that is finished")
    run.set_defaults(command=_run)

    compare = commands.add_parser("compare", help="play every protocol on a scenario's instance, side by side")
    _add_game_options(compare, "keep the table and a picture here")
    compare.add_argument("--protocols", type=_names, default=[], metavar="A,B,…", help="these alone")
    compare.add_argument(
        "--selectors", type=_names, default=[], metavar="A,B,…", help="each protocol with each of them"
    )
    compare.set_defaults(command=_compare)

    experiment = commands.add_parser("experiment", help="the solvers of one machine, held against each other")
    _add_options(experiment, "keep the tables and pictures here")
    experiment.set_defaults(command=_experiment)

    again = _add_command_over_a_run(commands, "replay", "hear it again, without A: is the solution the same?")
    again.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    again.set_defaults(command=_replay)

    expand = _add_command_over_a_run(commands, "expand", "turn it into a matrix again: Ã from transcript and W")
    expand.add_argument("file", type=Path, help="what to write: .npy, .safetensors, or .npz (scipy.sparse)")
    expand.set_defaults(command=_expand)

    audit = _add_command_over_a_run(commands, "audit", "compute it again and name the first thing that is off")
    audit.set_defaults(command=_audit)

    listing = commands.add_parser("scenarios", help="list the scenarios, a line each")
    listing.set_defaults(command=_scenarios)

    bounds = commands.add_parser("bounds", help="each theorem's number for given sizes")
    for name, default in {"n": 4096, "d": 1024, "s": 1024, "r": 4, "k": 4, "m": 4}.items():
        bounds.add_argument(f"--{name}", type=_size, default=default, help=f"(default {default})")
    bounds.add_argument("--epsilon", type=_accuracy, default=0.1, help="(default 0.1)")
    bounds.add_argument("--bound", type=_size, help="the largest |A_ij| of an integer game (default: not stated)")
    bounds.add_argument(
        "--weights", metavar="FILE", help="the bits that this W forces on somebody's A, for --s and --k"
    )
    bounds.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    bounds.set_defaults(command=_bounds)

    doctor = commands.add_parser("doctor", help="check MPI, its launcher, shared memory and threads")
    doctor.add_argument("--clean", action="store_true", help="remove shared memory that aborted jobs left behind")
    doctor.set_defaults(command=_doctor)
    return parser


def _add_command_over_a_run(commands: Any, name: str, what: str) -> argparse.ArgumentParser:
    """What the commands have in common that take a recorded run; `what` says what they do with it."""
    parser = commands.add_parser(name, help=f"of a recorded run: {what}")
    parser.add_argument("run", type=Path, help="the directory that `wlra-dist run --out` made")
    parser.add_argument("--data", type=Path, metavar="DIR", help="where the scenario's files are now, if moved")
    return parser


def _add_game_options(parser: argparse.ArgumentParser, out: str) -> None:
    """What the commands that play games have in common; `out` says what --out keeps."""
    _add_options(parser, out)
    parser.add_argument("--servers", metavar="M", help="the same as --set game.servers=M")
    parser.add_argument("--require-rank", action="store_true", help="refuse a W that is shown to be of a rank above r")


def _add_options(parser: argparse.ArgumentParser, out: str) -> None:
    """What all commands have in common that compute what a scenario says."""
    parser.add_argument("scenario", help="a TOML file, or a name that `wlra-dist scenarios` lists")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="change a key of the scenario")
    parser.add_argument("--out", type=Path, metavar="DIR", help=out)
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    parser.add_argument(
        "--stall-limit", type=_seconds, default=STALL_LIMIT, metavar="SECONDS",
        help=f"end the job if a rank shows no sign of life for so long (default {STALL_LIMIT:.0f})",
    )  # fmt: skip


def _names(text: str) -> list[str]:
    """Names between commas, each once."""
    names = list(dict.fromkeys(name.strip() for name in text.split(",")))
    if not all(names):
        raise argparse.ArgumentTypeError(f"expected names with commas between them, got {text!r}")
    return names


def _seconds(text: str) -> float:
    """A time to wait."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= A_YEAR:
        raise argparse.ArgumentTypeError(f"expected a number of seconds above 0 and at most a year, got {text!r}")
    return seconds


def _size(text: str) -> int:
    """A number of rows, columns or servers, or a rank."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 up, got {text!r}")
    return int(text)


def _accuracy(text: str) -> float:
    """ε, as a scenario would take it."""
    from wlra_dist.inputs.numbers import LEAST_EPSILON, MOST_EPSILON

    try:
        epsilon = float(text)
    except ValueError:
        epsilon = 0.0
    if not LEAST_EPSILON <= epsilon <= MOST_EPSILON:
        raise argparse.ArgumentTypeError(f"expected a number from {LEAST_EPSILON:g} to {MOST_EPSILON:g}, got {text!r}")
    return epsilon


def _run(options: argparse.Namespace) -> int:
    from wlra_dist.commands.run import run

    return run(options)


def _compare(options: argparse.Namespace) -> int:
    from wlra_dist.commands.compare import compare

    return compare(options)


def _experiment(options: argparse.Namespace) -> int:
    from wlra_dist.commands.experiment import experiment

    return experiment(options)


def _replay(options: argparse.Namespace) -> int:
    from wlra_dist.record import replay

    verdict = replay.replay(options.run, options.data)
    if options.json:
        print(json.dumps(replay.facts(verdict)))
    if not verdict.same:
        raise VerificationError(verdict.sentence)
    if not options.json:
        print(f"{verdict.sentence}\nnot checked: {replay.WITHOUT_A}")
    return verdict.exit_code


def _expand(options: argparse.Namespace) -> int:
    from wlra_dist.record.expand import expand

    print(expand(options.run, options.file, options.data))
    return Exit.OK


def _audit(options: argparse.Namespace) -> int:
    from wlra_dist.record.audit import NOT_CHECKED, audit

    line = ""
    for line in audit(options.run, options.data):
        print(line, flush=True)
    return Exit.NOT_CHECKED if line.startswith(NOT_CHECKED) else Exit.OK


def _scenarios(_: argparse.Namespace) -> int:
    from wlra_dist.scenario.toml import listed

    for name, _path, about in listed():
        print(f"{name:30} {about}")
    return Exit.OK


def _bounds(options: argparse.Namespace) -> int:
    from wlra_dist.protocols.bounds import Sizes
    from wlra_dist.report.tables.bounds import bounds_facts, bounds_table, forced_facts, forced_table

    if options.weights is None:
        sizes = Sizes(options.n, options.d, options.s, options.r, options.k, options.epsilon, options.m)
        facts, table = bounds_facts(sizes, options.bound), bounds_table
    else:
        facts, table = forced_facts(options.weights, options.s, options.k, options.m), forced_table
    print(json.dumps(facts) if options.json else table(facts))
    return Exit.OK


def _doctor(options: argparse.Namespace) -> int:
    from wlra_dist.commands import doctor

    if options.clean:
        removed = doctor.clean()
        print(f"removed {len(removed)} segments of shared memory that no process used")
    findings = doctor.examine()
    print(doctor.render(findings))
    return doctor.verdict(findings)
