"""The peak of every rank of a game on A from a file, beside its own blocks: no rank may hold what others hold.

    python benchmarks/memory.py [--gigabytes 1 2 4 8] [--kinds dense sparse] [--weights ones dense mask "low rank"]
        [--ranks 4] [--protocol one_round] [--codec auto]

A has 2¹⁰ columns of rank 8 and noise, by columns in a file of float32; or, sparse, two nonzeros in a hundred entries,
in a .npz of float32 and int32. W is of ones, or in a file of its own: dense, two diagonal blocks, or of rank one. A
line a rank: its peak, its own blocks as they are in memory, the limit of 2.5 times these and 150 MB, ok or ABOVE; rank
0, the coordinator, also holds what was sent to it, the numbers of the solution.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from wlra_dist.game import Stopwatch
from wlra_dist.linalg.matrix import arrays_of
from wlra_dist.playing.opening import open_input
from wlra_dist.playing.play import judged, perform, seat_referee
from wlra_dist.scenario.toml import load
from wlra_dist.world.guard import guarded
from wlra_dist.world.world import World

COLUMNS = 2**10
RANK = 8
DENSITY = 0.02
MARGIN = 150e6
TIMES = 2.5
WEIGHTS = ("ones", "dense", "mask", "low rank")

SCENARIO = """
[instance]
kind = "files"
A = "{A}"
{W}k = 8

[game]
servers = 8

[protocol]
name = "{protocol}"
codec = "{codec}"
bounds = "quick"
"""


def main() -> int:
    if sys.argv[1:2] == ["--as-rank"]:
        return guarded(tell_peak, stall_limit=600)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, nargs="+", default=[1.0, 2.0, 4.0, 8.0])
    parser.add_argument("--kinds", choices=("dense", "sparse"), nargs="+", default=["dense", "sparse"])
    parser.add_argument("--weights", choices=WEIGHTS, nargs="+", default=WEIGHTS)
    parser.add_argument("--ranks", type=int, default=4)
    parser.add_argument("--protocol", default="one_round")
    parser.add_argument("--codec", default="auto")
    options = parser.parse_args()
    for kind in options.kinds:
        for gigabytes in options.gigabytes:
            for weights in options.weights:
                with tempfile.TemporaryDirectory() as folder:
                    write(Path(folder), kind, gigabytes, weights, options)
                    print(f"{kind} A of {gigabytes:g} GB, W {weights}", flush=True)
                    rank = [sys.executable, __file__, "--as-rank", folder]
                    subprocess.run([*launcher(), "-n", str(options.ranks), *rank], check=True)
    return 0


def launcher() -> list[str]:
    """The mpiexec of this python's environment, or the one on PATH."""
    beside = Path(sys.executable).with_name("mpiexec")
    return [str(beside) if beside.exists() else "mpiexec"]


def write(folder: Path, kind: str, gigabytes: float, weights: str, options: argparse.Namespace) -> None:
    """A, W and the scenario; a run of columns at a time."""
    rng = np.random.default_rng(0)
    A = write_dense(folder, rng, gigabytes) if kind == "dense" else write_sparse(folder, rng, gigabytes)
    n = rows_of(kind, gigabytes)
    W = "" if weights == "ones" else write_weights(folder, rng, weights, n)
    text = SCENARIO.format(A=A, W=W, protocol=options.protocol, codec=options.codec)
    (folder / "memory.toml").write_text(text)


def rows_of(kind: str, gigabytes: float) -> int:
    """So many that A takes as much: 4 bytes an entry, or 8 a nonzero."""
    return round(gigabytes * 1e9 / COLUMNS / (4 if kind == "dense" else 8 * DENSITY))


def write_dense(folder: Path, rng: np.random.Generator, gigabytes: float) -> str:
    n = rows_of("dense", gigabytes)
    U = rng.standard_normal((n, RANK), np.float32)
    A = np.lib.format.open_memmap(folder / "A.npy", "w+", np.float32, (n, COLUMNS), fortran_order=True)
    for start in range(0, COLUMNS, 16):
        noise = 0.01 * rng.standard_normal((n, 16), np.float32)
        A[:, start : start + 16] = U @ rng.standard_normal((RANK, 16), np.float32) + noise
    return "A.npy"


def write_sparse(folder: Path, rng: np.random.Generator, gigabytes: float) -> str:
    """As many nonzeros in each column, anywhere."""
    n = rows_of("sparse", gigabytes)
    each = round(DENSITY * n)
    rows = np.concatenate([np.sort(rng.choice(n, each, replace=False)).astype(np.int32) for _ in range(COLUMNS)])
    ends = each * np.arange(COLUMNS + 1, dtype=np.int32)
    values = rng.standard_normal(len(rows), np.float32)
    np.savez(folder / "A.npz", data=values, indices=rows, indptr=ends, shape=(n, COLUMNS), format=np.array(b"csc"))
    return "A.npz"


def write_weights(folder: Path, rng: np.random.Generator, weights: str, n: int) -> str:
    """The file, and the scenario's lines that name it."""
    u, v = (rng.uniform(1, 2, side).astype(np.float32) for side in (n, COLUMNS))
    if weights == "dense":
        W = np.lib.format.open_memmap(folder / "W.npy", "w+", np.float32, (n, COLUMNS), fortran_order=True)
        for start in range(0, COLUMNS, 16):
            W[:, start : start + 16] = u[:, None] * v[start : start + 16]
        return 'W = "W.npy"\nr = 1\n'
    if weights == "mask":
        blocks = [np.arange(side) * 2 // side for side in (n, COLUMNS)]
        np.savez(folder / "W.npz", row_blocks=blocks[0], column_blocks=blocks[1])
        return 'W = "W.npz"\nr = 2\n'
    np.savez(folder / "W.npz", U=u[:, None], V=v[None])
    return 'W = "W.npz"\nr = 1\n'


def tell_peak(world: World, beat: Callable[[str], None]) -> int:
    """A line a rank: its peak beside its own blocks."""
    scenario, stopwatch = load(Path(sys.argv[2], "memory.toml")), Stopwatch(beat)
    opened = open_input(scenario, world, stopwatch)
    own = sum(array.nbytes for A in opened.A.values() for array in arrays_of(A))
    played = perform(scenario, opened, world, stopwatch)
    outcome = judged(played, seat_referee(scenario, opened, world), stopwatch)
    sent = 0 if outcome is None else 8 * outcome.solution.parameters
    status = Path("/proc/self/status").read_text().split()
    peak = int(status[status.index("VmHWM:") + 1]) * 1024
    limit = TIMES * own + MARGIN + sent
    parts = f"its blocks' {own / 1e6:.0f} MB" + (f" and {sent / 1e6:.0f} MB sent to it" if sent else "")
    line = f"  rank {world.rank}: peak {peak / 1e6:.0f} MB = {peak / own:.2f} of {parts}, limit {limit / 1e6:.0f} MB: "
    lines = world.gather((line + ("ok" if peak <= limit else "ABOVE")).encode())
    if outcome is not None and lines is not None:
        took = ", ".join(f"{phase} {seconds:.1f} s" for phase, seconds in outcome.seconds.items())
        ratio = outcome.certificate.ratio
        print("\n".join(line.decode() for line in lines), f"  ratio {ratio:.4f}, {took}", sep="\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
