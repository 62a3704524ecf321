"""The command line: which commands there are, and who prints. Under mpiexec every rank parses; only the first speaks.

A command is a module of this room with an EXAMPLE, `declare`, which adds its arguments to a parser, and `run`, which
does what they say. It is loaded only where its name is typed, so that eight ranks do not pay for what others need.
"""

import argparse
import os
import sys
from collections.abc import Container, Sequence
from contextlib import redirect_stdout
from importlib import import_module
from typing import NoReturn

from wlra_dist import __version__
from wlra_dist.errors import InputError, WlraDistError
from wlra_dist.inputs.nearest import did_you_mean

COMMANDS = {
    "run": "play a scenario, alone or under mpiexec; all games of a sweep",
    "compare": "play every protocol on a scenario's instance, side by side",
    "bench-bits": "play the standard set: bits of every protocol, and of yours, beside the records",
    "optimum": "enclose the best possible loss of a rank, certified",
    "experiment": "hold the solvers of one machine against each other",
    "replay": "hear a recorded run again, without A: is the solution the same?",
    "compress": "make a small model of a model: forms and steps by one price of a bit",
    "inspect": "say what a small model holds: form, bytes, loss and bound of each tensor",
    "expand": "turn a recorded run into a matrix again, a small model into a model",
    "audit": "compute a recorded run, or a small model's losses, again; name what is off",
    "trace": "tell a recorded run message by message: who said what to whom",
    "plan": "what a game would take on a network, or a model's tensors get of a budget",
    "report": "make a page of a run, sweep, comparison, optimum or small model",
    "scenarios": "list the scenarios, a line each",
    "bounds": "each theorem's number for given sizes",
    "doctor": "check MPI, its launcher, shared memory and threads",
    "completion": "print what a shell reads to complete commands and options",
}
"""What each command does."""

FOLDERS = {
    "games": ("run", "compare", "bench-bits"),
    "records": ("replay", "audit", "trace", "report", "plan"),
    "models": ("compress", "inspect", "expand"),
}
"""The commands that share a folder; the module of any other is beside this one."""

EXIT_CODES = """exit codes: 0 fine, 1 failure, 2 input, 3 a bound or check does not hold, 4 nothing is wrong and not
all was checked, 78 environment, 124 stall, 128 + signal"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs `wlra-dist ARGUMENTS…` and returns its exit code (see wlra_dist.errors.Exit)."""
    from wlra_dist.world.launcher import launched

    speaks = launched(os.environ).rank == 0
    with open(os.devnull, "w") as nowhere, redirect_stdout(sys.stdout if speaks else nowhere):
        try:
            options = parse(sys.argv[1:] if arguments is None else list(arguments))
            code = options.command(options)
            sys.stdout.flush()
            return code
        except (WlraDistError, KeyboardInterrupt, MemoryError, OSError) as error:
            from wlra_dist.world.ending import end_alone

            return end_alone(error, speaks=speaks)


def parse(words: Sequence[str]) -> argparse.Namespace:
    """The options that the words state, and `command`, which does what they say; InputError in one sentence."""
    name = next((word for word in words if not word.startswith("-")), "")
    if name and name not in COMMANDS:
        raise InputError(f"there is no command {name!r}{did_you_mean(name, COMMANDS)}; try `wlra-dist --help`")
    parser, parser_of = parsers({name})
    options, unknown = parser.parse_known_args(words)
    if unknown:
        parser_of[name].refuse(unknown)
    return options


def module_of(name: str) -> str:
    """The module of a command."""
    folder = next((f"{folder}." for folder, names in FOLDERS.items() if name in names), "")
    return f"wlra_dist.commands.{folder}{name.replace('-', '_')}"


def parsers(declared: Container[str]) -> "tuple[Parser, dict[str, Parser]]":
    """The parser of all commands, and each one's own; only those named in `declared` get their arguments."""
    about = "Communication games for weighted low rank approximation."
    parser = Parser(prog="wlra-dist", description=about, epilog=EXIT_CODES)
    parser.add_argument("--version", action="version", version=__version__, help="print the version and exit")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=Parser)
    parser_of = {name: commands.add_parser(name, help=does, description=does) for name, does in COMMANDS.items()}
    for name, own in parser_of.items():
        if name in declared:
            command = import_module(module_of(name))
            command.declare(own)
            own.epilog = f"example: {command.EXAMPLE}"
            own.set_defaults(command=command.run)
    return parser, parser_of


class Parser(argparse.ArgumentParser):
    """argparse, but that a wrong word ends in one sentence, which names what may have been meant."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message}; try `{self.prog} --help`")

    def refuse(self, words: list[str]) -> NoReturn:
        """InputError for the words of the command line that no argument takes."""
        option = next((word for word in words if word.startswith("-")), None)
        if option is None:
            self.error(f"expected nothing after its arguments, found {words[0]!r}")
        name = option.partition("=")[0]
        self.error(f"there is no option {name}{did_you_mean(name, self._option_string_actions)}")
