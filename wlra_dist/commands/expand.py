"""`wlra-dist expand`: the matrix of a recorded run again."""

import argparse
from pathlib import Path

from wlra_dist.commands.arguments import add_data, add_plugins, add_run
from wlra_dist.errors import Exit
from wlra_dist.record.expand import expand
from wlra_dist.report.screen import fitted

EXAMPLE = "wlra-dist expand runs/quickstart A.npy"


def declare(parser: argparse.ArgumentParser) -> None:
    add_run(parser)
    help = "what to write: .npy, .safetensors, or .npz (scipy.sparse)"
    parser.add_argument("file", type=Path, metavar="FILE", help=help)
    add_data(parser)
    add_plugins(parser)


def run(options: argparse.Namespace) -> int:
    """Writes Ã into the file; its exit code."""
    print(fitted(expand(options.run, options.file, options.data, options.plugin)))
    return Exit.OK
