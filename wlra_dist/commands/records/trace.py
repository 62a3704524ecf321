"""`wlra-dist trace`: a recorded run told message by message."""

import argparse
import json

from wlra_dist.commands.arguments import add_json, add_plugins, add_run, size
from wlra_dist.errors import Exit
from wlra_dist.record.ledger import messages_of
from wlra_dist.report.screen import fitted
from wlra_dist.report.trace import MOST, trace

EXAMPLE = "wlra-dist trace runs/quickstart"


def declare(parser: argparse.ArgumentParser) -> None:
    add_run(parser)
    parser.add_argument(
        "--most", type=size, default=MOST, metavar="N", help=f"show about so many messages (default {MOST})"
    )
    add_json(parser)
    add_plugins(parser)


def run(options: argparse.Namespace) -> int:
    """Prints who said what to whom; its exit code."""
    rows = messages_of(options.run, options.plugin)
    print(json.dumps({"messages": rows}) if options.json else fitted(trace(rows, options.most)))
    return Exit.OK
