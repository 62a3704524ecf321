"""`wlra-dist bounds`: what theorems say of given sizes, or of the weights in a file."""

import argparse
import json

from wlra_dist.commands.arguments import accuracy, add_json, size
from wlra_dist.errors import Exit
from wlra_dist.protocols.bounds import Sizes
from wlra_dist.report.screen import fitted
from wlra_dist.report.tables.bounds import bounds_facts, bounds_table, forced_facts, forced_table

EXAMPLE = "wlra-dist bounds --n 4096 --d 1024 --s 64 --r 4 --k 4"

SIZES = {
    "n": (4096, "rows of A"),
    "d": (1024, "columns of A"),
    "s": (1024, "rows of supp(W) in a column"),
    "r": (4, "rank of W"),
    "k": (4, "target rank"),
    "m": (4, "servers"),
}
"""Each size's default, and what it counts."""


def declare(parser: argparse.ArgumentParser) -> None:
    for name, (default, counts) in SIZES.items():
        parser.add_argument(
            f"--{name}", type=size, default=default, metavar=name.upper(), help=f"{counts} (default {default})"
        )
    parser.add_argument("--epsilon", type=accuracy, default=0.1, metavar="ε", help="accuracy (default 0.1)")
    parser.add_argument(
        "--bound", type=size, metavar="M", help="the largest |A_ij| of an integer game (default: not stated)"
    )
    parser.add_argument(
        "--weights", metavar="FILE", help="the bits that this W forces on somebody's A, for --s and --k"
    )
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Prints the table, or the facts as JSON; its exit code."""
    if options.weights is None:
        sizes = Sizes(options.n, options.d, options.s, options.r, options.k, options.epsilon, options.m)
        facts, table = bounds_facts(sizes, options.bound), bounds_table
    else:
        facts, table = forced_facts(options.weights, options.s, options.k, options.m), forced_table
    print(json.dumps(facts) if options.json else fitted(table(facts)))
    return Exit.OK
