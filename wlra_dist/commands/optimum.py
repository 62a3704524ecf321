"""`wlra-dist optimum`: the best possible loss of a rank, enclosed from both sides and certified."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from wlra_dist.commands.arguments import add_json, add_picture, check_picture, seconds, size
from wlra_dist.commands.entry import Beat, enter
from wlra_dist.commands.experiment import STALL_LIMIT
from wlra_dist.errors import Exit, InputError
from wlra_dist.report.screen import fitted, width
from wlra_dist.world.world import World, together

EXAMPLE = "wlra-dist optimum A.npy W.npy -k 5"


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("A", metavar="A", help="the matrix: .npy, .npz, .mtx, .safetensors, .h5")
    parser.add_argument("W", metavar="W", help="its weights, a file of the same kinds")
    parser.add_argument("--A-name", metavar="NAME", help="the array that is A, in a file of several")
    parser.add_argument("--W-name", metavar="NAME", help="the array that is W, likewise")
    parser.add_argument("-k", type=size, metavar="K", help="the rank of the approximation")
    parser.add_argument("--gap", type=_gap, default=1e-6, metavar="GAP", help="stop at this gap (default 1e-6)")
    parser.add_argument("--seconds", type=seconds, default=60.0, metavar="S", help="try so long at most (default 60)")
    parser.add_argument("--keep", type=Path, metavar="FILE.npz", help="write the certificate here")
    parser.add_argument("--check", type=Path, metavar="FILE.npz", help="compute a kept certificate again, nothing else")
    add_picture(parser, "how the interval closed")
    parser.add_argument("--out", type=Path, metavar="FILE.json", help="write how it closed, for `wlra-dist report`")
    add_json(parser)
    parser.set_defaults(stall_limit=STALL_LIMIT)


def run(options: argparse.Namespace) -> int:
    """Does what the command line names; its exit code."""
    return enter(_optimum, options)


def _optimum(options: argparse.Namespace, world: World, beat: Beat) -> int:
    together(world, lambda: _require_fit(options, world))
    A, W = _matrix(options.A, options.A_name), _matrix(options.W, options.W_name)
    if options.check:
        return _check(options, A, W)
    from wlra_dist.optima.enclosure import Enclosure, End
    from wlra_dist.record.summary import plain
    from wlra_dist.report.tables.optimum import facts, live, table
    from wlra_dist.solvers.enclosing import optimum
    from wlra_dist.solvers.kept_optimum import keep

    watched = sys.stderr.isatty()

    def watch(elapsed: float, known: Enclosure) -> None:
        beat("optimum")
        if watched:
            print(f"\r{live(elapsed, known):{width() - 1}.{width() - 1}}", end="", file=sys.stderr, flush=True)

    found = optimum(A, W, options.k, options.gap, options.seconds, watch=watch)
    if watched:
        print("\r" + " " * (width() - 1), end="\r", file=sys.stderr, flush=True)
    known = Enclosure(End(found.lower, found.how["lower"]), End(found.upper, found.how["upper"]), found.noise)
    say = facts if options.json else table
    answer = say(found.k, known, found.seconds)
    print(json.dumps(answer, allow_nan=False) if options.json else fitted(str(answer)))
    if options.out:
        steps = facts(found.k, known, found.seconds) | {"steps": found.steps}
        options.out.write_text(json.dumps(plain(steps)) + "\n", encoding="utf-8")
    if options.keep:
        kept = keep(found, A, W, options.keep)
        if not options.json:
            print(f"{options.keep} proves that it is at least {kept.lower.value:.15g}")
    if options.picture:
        from wlra_dist.report.pictures.optimum import draw

        draw(f"{Path(options.A).name}, rank {found.k}", found.steps, found.seconds, options.picture)
    return Exit.OK


def _check(options: argparse.Namespace, A: Any, W: Any) -> int:
    from time import perf_counter

    from wlra_dist.report.tables.optimum import facts, table
    from wlra_dist.solvers.kept_optimum import check

    begun = perf_counter()
    k, known = check(options.check, A, W)
    elapsed = perf_counter() - begun
    print(json.dumps(facts(k, known, elapsed), allow_nan=False) if options.json else fitted(table(k, known, elapsed)))
    return Exit.OK


def _matrix(path: str, array: str | None) -> Any:
    from wlra_dist.instances.files.formats import open_matrix

    stored = open_matrix(path, array)
    return stored.columns(np.arange(stored.shape[1]))


def _require_fit(options: argparse.Namespace, world: World) -> None:
    if world.size > 1:
        raise InputError(f"the optimum is enclosed by one process: start it without mpiexec (found {world.size})")
    check_picture(options.picture)
    if options.k is None and not options.check:
        raise InputError("expected a rank, found none; try -k 5")


def _gap(text: str) -> float:
    """A share from 0 to 1."""
    try:
        gap = float(text)
    except ValueError:
        gap = -1.0
    if not 0 <= gap < 1:
        raise argparse.ArgumentTypeError(f"expected a number from 0 up and below 1, got {text!r}")
    return gap
