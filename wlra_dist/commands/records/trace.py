"""`wlra-dist trace`: a recorded run told message by message."""

import argparse
import json
from pathlib import Path

from wlra_dist.commands.arguments import add_json, add_plugins, add_run, size
from wlra_dist.errors import Exit
from wlra_dist.record.ledger import messages_of
from wlra_dist.report.screen import fitted
from wlra_dist.report.timeline import timeline
from wlra_dist.report.trace import MOST, trace
from wlra_dist.studies.network import USUAL, Interconnect

EXAMPLE = "wlra-dist trace runs/quickstart"


def declare(parser: argparse.ArgumentParser) -> None:
    add_run(parser)
    parser.add_argument(
        "--most", type=size, default=MOST, metavar="N", help=f"show about so many messages (default {MOST})"
    )
    parser.add_argument(
        "--chrome", type=Path, metavar="FILE.json", help="write a timeline for Chrome's trace viewer, a row a party"
    )
    add_json(parser)
    add_plugins(parser)


def run(options: argparse.Namespace) -> int:
    """Prints who said what to whom; its exit code."""
    rows = messages_of(options.run, options.plugin)
    if options.chrome:
        options.chrome.write_text(json.dumps(timeline(rows, Interconnect(*USUAL))) + "\n", encoding="utf-8")
    print(json.dumps({"messages": rows}) if options.json else fitted(trace(rows, options.most)))
    return Exit.OK
