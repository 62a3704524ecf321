"""`wlra-dist audit`: a recorded run computed again."""

import argparse

from wlra_dist.commands.arguments import add_data, add_plugins, add_run
from wlra_dist.errors import Exit
from wlra_dist.record.audit import NOT_CHECKED, audit
from wlra_dist.report.screen import fitted

EXAMPLE = "wlra-dist audit runs/quickstart"


def declare(parser: argparse.ArgumentParser) -> None:
    add_run(parser)
    add_data(parser)
    add_plugins(parser)


def run(options: argparse.Namespace) -> int:
    """Prints each thing that agrees as soon as it is computed; its exit code."""
    line = ""
    for line in audit(options.run, options.data, options.plugin):
        print(fitted(line), flush=True)
    return Exit.NOT_CHECKED if line.startswith(NOT_CHECKED) else Exit.OK
