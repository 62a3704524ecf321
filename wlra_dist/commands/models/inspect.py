"""`wlra-dist inspect`: what a small model's file says of each of its tensors."""

import argparse
import json
from pathlib import Path

from wlra_dist.commands.arguments import add_json
from wlra_dist.errors import Exit
from wlra_dist.models.container import open_small
from wlra_dist.report.screen import width
from wlra_dist.report.tables.model import model_facts, model_table

EXAMPLE = "wlra-dist inspect small.wlra"


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("small", type=Path, metavar="SMALL.wlra", help="what `wlra-dist compress` wrote")
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Prints a line a tensor; its exit code."""
    small = open_small(options.small)
    facts = model_facts(list(small.entries.values()), small.nbytes)
    print(json.dumps(facts) if options.json else "\n".join(model_table(facts, width())))
    return Exit.OK
