"""Arguments that several commands have, and the types of what people type for them."""

import argparse
from pathlib import Path

from wlra_dist.errors import InputError
from wlra_dist.report.pictures.canvas import UNDATED

STALL_LIMIT = 1800.0
"""Seconds without a sign of life after which a job is ended."""

A_YEAR = 365 * 86_400.0
"""Seconds: no job is given longer."""


def add_run(parser: argparse.ArgumentParser) -> None:
    """What the commands take that read a recorded run."""
    parser.add_argument("run", type=Path, metavar="RUN", help="the directory that `wlra-dist run --out` made")


def add_data(parser: argparse.ArgumentParser) -> None:
    """Where a recorded run's files are, for the commands that open them again."""
    parser.add_argument("--data", type=Path, metavar="DIR", help="where the scenario's files are now, if moved")


def add_plugins(parser: argparse.ArgumentParser) -> None:
    """--plugin, of all commands in which names mean something."""
    parser.add_argument(
        "--plugin", type=Path, action="append", default=[], metavar="FILE.py",
        help="protocols, selectors, instance kinds, solvers or weight types of your own (docs/extending.md)",
    )  # fmt: skip


def add_json(parser: argparse.ArgumentParser) -> None:
    """--json, of all commands that print figures."""
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")


def add_scenario(parser: argparse.ArgumentParser, out: str, stall_limit: float = STALL_LIMIT) -> None:
    """What all commands have in common that compute what a scenario says; `out` says what --out keeps."""
    parser.add_argument("scenario", metavar="SCENARIO", help="a TOML file, or a name that `wlra-dist scenarios` lists")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="change a key of the scenario")
    add_plugins(parser)
    parser.add_argument("--out", type=Path, metavar="DIR", help=out)
    add_json(parser)
    parser.add_argument(
        "--stall-limit", type=seconds, default=stall_limit, metavar="SECONDS",
        help=f"end the job if a rank shows no sign of life for so long (default {stall_limit:.0f})",
    )  # fmt: skip


def add_game(parser: argparse.ArgumentParser, out: str) -> None:
    """What the commands have in common that play games; `out` says what --out keeps."""
    add_scenario(parser, out)
    add_picture(parser, "what --out would, here and as the name ends (of a sweep, a file an axis)")
    parser.add_argument("--servers", metavar="M", help="the same as --set game.servers=M")
    parser.add_argument("--require-rank", action="store_true", help="refuse a W that is shown to be of a rank above r")


def add_picture(parser: argparse.ArgumentParser, what: str) -> None:
    """--picture, of all commands that have something to draw."""
    parser.add_argument("--picture", type=picture, metavar="FILE", help=f"draw {what}: .png, .svg or .pdf")


def names(text: str) -> list[str]:
    """Names between commas, each once."""
    listed = list(dict.fromkeys(name.strip() for name in text.split(",")))
    if not all(listed):
        raise argparse.ArgumentTypeError(f"expected names with commas between them, got {text!r}")
    return listed


def counts(text: str) -> list[int]:
    """Positive integers between commas, each once, the least first."""
    listed = names(text)
    if not all(each.isdecimal() and int(each) > 0 for each in listed):
        raise argparse.ArgumentTypeError(f"expected positive integers with commas between them, got {text!r}")
    return sorted({int(each) for each in listed})


def seconds(text: str) -> float:
    """A time to wait."""
    return number_up_to(A_YEAR, text, "a number of seconds above 0 and at most a year")


def number_up_to(most: float, text: str, expected: str) -> float:
    """A number above 0 and at most this."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= most:
        raise argparse.ArgumentTypeError(f"expected {expected}, got {text!r}")
    return value


def size(text: str) -> int:
    """A number of rows, columns, servers or messages, or a rank."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 up, got {text!r}")
    return int(text)


def picture(text: str) -> Path:
    """A file that a picture is to go to."""
    if Path(text).suffix not in UNDATED:
        raise argparse.ArgumentTypeError(f"expected a name that ends in {', '.join(UNDATED)}, got {text!r}")
    return Path(text)


def check_picture(file: Path | None) -> None:
    """Before anything is computed: InputError where the picture's directory is not there."""
    if file is not None and not file.parent.is_dir():
        raise InputError(f"{file}: expected a picture's name in a directory that is there; make {file.parent} first")


def accuracy(text: str) -> float:
    """ε, as a scenario would take it."""
    from wlra_dist.inputs.numbers import LEAST_EPSILON, MOST_EPSILON

    try:
        epsilon = float(text)
    except ValueError:
        epsilon = 0.0
    if not LEAST_EPSILON <= epsilon <= MOST_EPSILON:
        raise argparse.ArgumentTypeError(f"expected a number from {LEAST_EPSILON:g} to {MOST_EPSILON:g}, got {text!r}")
    return epsilon
