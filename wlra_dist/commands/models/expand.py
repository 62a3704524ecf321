"""`wlra-dist expand`: the matrix of a recorded run again, or the tensors of a small model."""

import argparse
from pathlib import Path

from wlra_dist.commands.arguments import add_data, add_plugins
from wlra_dist.errors import Exit, InputError, VerificationError
from wlra_dist.models.container import ENDING
from wlra_dist.report.screen import fitted

EXAMPLE = "wlra-dist expand small.wlra -o model.safetensors"


def declare(parser: argparse.ArgumentParser) -> None:
    about = "the directory that `wlra-dist run --out` made, or what `wlra-dist compress` wrote"
    parser.add_argument("run", type=Path, metavar="RUN", help=about)
    help = "what to write: .npy, .safetensors, .npz (of a run scipy.sparse); of a small model also a directory"
    parser.add_argument("file", type=Path, nargs="?", metavar="FILE", help=help)
    parser.add_argument("-o", "--out", type=Path, dest="out", metavar="FILE", help="the same as FILE")
    add_data(parser)
    add_plugins(parser)


def run(options: argparse.Namespace) -> int:
    """Writes Ã, or all tensors; its exit code."""
    file = options.out or options.file
    if file is None or (options.out and options.file):
        raise InputError("expected one FILE to write; try `wlra-dist expand --help`")
    if options.run.suffix == ENDING:
        return _expand_small(options.run, file)
    from wlra_dist.record.expand import expand

    print(fitted(expand(options.run, file, options.data, options.plugin)))
    return Exit.OK


def _expand_small(small: Path, file: Path) -> int:
    """VerificationError where tensors were damaged, after the others were written."""
    from wlra_dist.models.expand import load
    from wlra_dist.models.written import expand

    tensors = load(small)
    damaged = expand(tensors, file)
    print(fitted(f"{len(tensors) - len(damaged)} tensors of {small} are in {file}"))
    if damaged:
        raise VerificationError("; ".join(damaged))
    return Exit.OK
