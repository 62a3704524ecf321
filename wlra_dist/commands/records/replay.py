"""`wlra-dist replay`: a recorded run heard again, without A."""

import argparse
import json

from wlra_dist.commands.arguments import add_data, add_json, add_plugins, add_run
from wlra_dist.errors import VerificationError
from wlra_dist.record.replay import WITHOUT_A, facts, replay
from wlra_dist.report.screen import fitted

EXAMPLE = "wlra-dist replay runs/quickstart"


def declare(parser: argparse.ArgumentParser) -> None:
    add_run(parser)
    add_data(parser)
    add_plugins(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Hears the run again and says whether its solution is the same; its exit code."""
    verdict = replay(options.run, options.data, options.plugin)
    if options.json:
        print(json.dumps(facts(verdict)))
    if not verdict.same:
        raise VerificationError(verdict.sentence)
    if not options.json:
        print(fitted(f"{verdict.sentence}\nnot checked: {WITHOUT_A}"))
    return verdict.exit_code
