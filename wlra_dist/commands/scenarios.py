"""`wlra-dist scenarios`: what there is to play."""

import argparse

from wlra_dist.errors import Exit
from wlra_dist.report.screen import fitted
from wlra_dist.scenario.toml import listed

EXAMPLE = "wlra-dist scenarios"


def declare(_: argparse.ArgumentParser) -> None:
    """It takes no arguments."""


def run(_: argparse.Namespace) -> int:
    """Prints each scenario's name and its one line; the exit code."""
    for name, _path, about in listed():
        print(fitted(f"{name:30}  {about}"))
    return Exit.OK
