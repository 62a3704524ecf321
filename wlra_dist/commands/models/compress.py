"""`wlra-dist compress`: a model in, a small model out; alone, in several processes, or under mpiexec."""

import argparse
import json
import os
from pathlib import Path

from wlra_dist.commands.arguments import STALL_LIMIT, add_json, seconds, size
from wlra_dist.commands.entry import Beat
from wlra_dist.errors import Exit, InputError
from wlra_dist.models.compress import Goal, Order, compress
from wlra_dist.models.container import ENDING
from wlra_dist.models.hands import hands
from wlra_dist.models.importance import Importance
from wlra_dist.report.screen import width
from wlra_dist.report.tables.model import model_facts, model_table
from wlra_dist.report.working import Working
from wlra_dist.world.guard import guarded
from wlra_dist.world.world import World, together

EXAMPLE = "wlra-dist compress model.safetensors --inputs inputs.npz --ratio .05 -o small.wlra"

LOSS = 0.01
"""Of each tensor's energy, where nothing else is asked for."""


def declare(parser: argparse.ArgumentParser) -> None:
    about = ".safetensors, a directory of shards with an index, .npz, .npy, .mtx, or a torch state dict"
    parser.add_argument("model", metavar="MODEL", help=about)
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="FILE.wlra", help="the small model")
    add_importance(parser)
    goal = parser.add_mutually_exclusive_group()
    goal.add_argument("--bytes", type=size, metavar="N", help="the file's bytes, at most")
    goal.add_argument("--ratio", type=share, metavar="R", help="the file's bytes over the model's, at most")
    goal.add_argument("--loss", type=share, metavar="E", help=f"of each tensor's energy, at most (default {LOSS:g})")
    goal.add_argument("-k", type=size, metavar="K", help="the rank of every matrix")
    parser.add_argument("--keep-nan", action="store_true", help="keep tensors with NaN or infinity exactly")
    parser.add_argument("-j", type=size, default=1, metavar="N", help="processes (default 1; under mpiexec, its ranks)")
    add_json(parser)
    help = f"end the job if a rank shows no sign of life for so long (default {STALL_LIMIT:.0f})"
    parser.add_argument("--stall-limit", type=seconds, default=STALL_LIMIT, metavar="SECONDS", help=help)


def add_importance(parser: argparse.ArgumentParser) -> None:
    """What tells how much errors matter; of arrays named as the tensors are."""
    known = parser.add_mutually_exclusive_group()
    known.add_argument(
        "--inputs", metavar="FILE", help="second moments of each layer's inputs (wd.observe writes them)"
    )
    known.add_argument("--weights", metavar="FILE", help="weights of entries, which are squared in the loss")
    known.add_argument("--fisher", metavar="FILE", help="Fisher information of entries, which is not squared")


def importance_of(options: argparse.Namespace) -> Importance:
    """What the options say of it."""
    kinds = ("inputs", "weights", "fisher")
    return next((Importance(kind, path) for kind in kinds if (path := getattr(options, kind))), Importance())


def share(text: str) -> float:
    """A part of something."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError(f"expected a number above 0 and at most 1, got {text!r}")
    return value


def run(options: argparse.Namespace) -> int:
    """Compresses the model; its exit code."""
    return guarded(lambda world, beat: _compress(options, world, beat), stall_limit=options.stall_limit)


def _compress(options: argparse.Namespace, world: World, beat: Beat) -> int:
    together(world, lambda: _check(options.out))
    is_only = (options.bytes, options.ratio, options.loss, options.k) == (None,) * 4
    goal = Goal(options.bytes, options.ratio, LOSS if is_only else options.loss, options.k)
    order = Order(options.model, goal, importance_of(options), options.keep_nan)
    working = Working()

    def say(what: str, done: int, of: int) -> None:
        beat(what)
        if world.rank == 0:
            working.say(what, done, of)

    with hands(world, options.j) as crew:
        try:
            entries = together(world, lambda: compress(order, options.out, crew, world=world, say=say))
        finally:
            working.end()
    if world.rank == 0:
        facts = model_facts(entries, options.out.stat().st_size)
        print(json.dumps(facts) if options.json else "\n".join(model_table(facts, width())))
    return Exit.OK


def _check(out: Path) -> None:
    """InputError for a place that cannot be written."""
    if out.suffix != ENDING or out.is_dir():
        raise InputError(f"{out}: expected the name of a file that ends in {ENDING}")
    if not out.parent.is_dir() or not os.access(out.parent, os.W_OK):
        raise InputError(f"{out}: expected a directory that is there and may be written to; try another place")
