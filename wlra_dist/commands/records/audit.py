"""`wlra-dist audit`: a recorded run computed again, or a small model held against the model."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from wlra_dist.commands.arguments import add_data, add_plugins
from wlra_dist.commands.models.compress import add_importance, importance_of
from wlra_dist.errors import Exit, InputError
from wlra_dist.models.audit import NOT_CHECKED as LOSS_NOT_CHECKED
from wlra_dist.models.container import ENDING
from wlra_dist.report.screen import fitted

EXAMPLE = "wlra-dist audit runs/quickstart"


def declare(parser: argparse.ArgumentParser) -> None:
    about = "the directory that `wlra-dist run --out` made, or what `wlra-dist compress` wrote"
    parser.add_argument("run", type=Path, metavar="RUN", help=about)
    parser.add_argument("model", nargs="?", metavar="MODEL", help="of a small model: what it was made of")
    add_importance(parser)
    add_data(parser)
    add_plugins(parser)


def run(options: argparse.Namespace) -> int:
    """Prints each thing that agrees as soon as it is computed; its exit code."""
    if options.run.suffix == ENDING:
        return _audit_small(options)
    from wlra_dist.record.audit import NOT_CHECKED, audit

    if options.model:
        raise InputError(f"{options.run} is no {ENDING} file, so no MODEL was expected, got {options.model}")
    open_questions = 0
    for line in audit(options.run, options.data, options.plugin):
        print(fitted(line), flush=True)
        open_questions += line.startswith(NOT_CHECKED)
    return Exit.NOT_CHECKED if open_questions else Exit.OK


def _audit_small(options: argparse.Namespace) -> int:
    if options.model is None:
        raise InputError(f"expected the model that {options.run} was made of; try `wlra-dist audit --help`")
    open_questions = 0
    for line in _lines(options.run, options.model, options):
        print(fitted(line), flush=True)
        open_questions += LOSS_NOT_CHECKED in line
    return Exit.NOT_CHECKED if open_questions else Exit.OK


def _lines(small: Path, model: str, options: argparse.Namespace) -> Iterator[str]:
    from wlra_dist.linalg.threads import serial_blas
    from wlra_dist.models.audit import audit
    from wlra_dist.models.expand import load
    from wlra_dist.models.sources import open_model

    with serial_blas():
        yield from audit(dict(load(small)), open_model(model), importance_of(options))
