"""`wlra-dist completion`: the script by which a shell completes commands, options, scenarios and files."""

import argparse
from importlib.util import find_spec
from pathlib import Path

from wlra_dist.commands.main import COMMANDS, parsers
from wlra_dist.errors import Exit, InputError
from wlra_dist.scenario.toml import listed

EXAMPLE = "wlra-dist completion bash"

SHELLS = ("bash", "zsh", "tcsh")


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=SHELLS, help="the shell that reads the script")


def run(options: argparse.Namespace) -> int:
    """Prints the script; its exit code."""
    print(script(options.shell))
    return Exit.OK


def script(shell: str) -> str:
    """What the shell has to read, with the commands, options and scenarios that there are now.

    Raises:
        InputError: shtab, which writes it, is not installed.
    """
    if find_spec("shtab") is None:
        raise InputError('the scripts are written by shtab, which is missing: pip install "wlra-dist[completion]"')
    import shtab

    general, parser_of = parsers(COMMANDS)
    for parser in parser_of.values():
        for argument in parser._actions:  # noqa: SLF001 (argparse shows its arguments to nobody)
            if argument.dest == "scenario" and shell == "bash":  # the one that takes names and files side by side
                argument.choices = [*(name for name, _path, _about in listed()), shtab.Choice("file")]
            elif argument.type is Path or (argument.dest != "shell" and not argument.option_strings):
                argument.complete = shtab.FILE  # pyright: ignore[reportAttributeAccessIssue] (as shtab has it)
    return shtab.complete(general, shell)
