"""The peak of every rank of a game on A from a file, beside its own blocks: no rank may hold what others hold.

    python benchmarks/memory.py [--gigabytes 1 2] [--ranks 4] [--protocol one_round]

A is float32, 2¹⁰ columns of rank 8 and noise, by columns in the file; W is of ones, or dense in a file of its own. The
limit is 2.5 times a rank's own blocks and 150 MB; rank 0, the coordinator, also holds what was sent to it.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from wlra_dist.playing.play import play
from wlra_dist.scenario.toml import load
from wlra_dist.world.guard import guarded
from wlra_dist.world.world import World

COLUMNS = 2**10
RANK = 8
MARGIN = 150e6
TIMES = 2.5

SCENARIO = """
[instance]
kind = "files"
A = "A.npy"
{W}k = 8

[game]
servers = 8

[protocol]
name = "{protocol}"
bounds = "quick"
"""


def main() -> int:
    if sys.argv[1:2] == ["--as-rank"]:
        return guarded(tell_peak, stall_limit=600)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, nargs="+", default=[1.0, 2.0])
    parser.add_argument("--ranks", type=int, default=4)
    parser.add_argument("--protocol", default="one_round")
    options = parser.parse_args()
    for gigabytes in options.gigabytes:
        for weights in ("ones", "dense"):
            with tempfile.TemporaryDirectory() as folder:
                write(Path(folder), gigabytes, weights, options.protocol)
                print(f"A of {gigabytes:g} GB, W {weights}", flush=True)
                rank = [sys.executable, __file__, "--as-rank", folder]
                subprocess.run(["mpiexec", "-n", str(options.ranks), *rank], check=True)
    return 0


def write(folder: Path, gigabytes: float, weights: str, protocol: str) -> None:
    """A, W and the scenario; a run of columns at a time."""
    rng = np.random.default_rng(0)
    n = round(gigabytes * 1e9 / 4 / COLUMNS)
    U = rng.standard_normal((n, RANK), np.float32)
    stated = {"A": lambda X: U @ X + 0.01 * rng.standard_normal((n, X.shape[1]), np.float32)}
    if weights == "dense":
        u = rng.uniform(1, 2, (n, 1)).astype(np.float32)
        stated["W"] = lambda X: u * rng.uniform(1, 2, X.shape[1]).astype(np.float32)
    for name, run in stated.items():
        M = np.lib.format.open_memmap(folder / f"{name}.npy", "w+", np.float32, (n, COLUMNS), fortran_order=True)
        for start in range(0, COLUMNS, 64):
            M[:, start : start + 64] = run(rng.standard_normal((RANK, 64), np.float32))
    W = 'W = "W.npy"\nr = 1\n' if weights == "dense" else ""
    (folder / "memory.toml").write_text(SCENARIO.format(W=W, protocol=protocol))


def tell_peak(world: World, beat: Callable[[str], None]) -> int:
    """A line a rank: its peak beside its own blocks."""
    outcome = play(load(Path(sys.argv[2], "memory.toml")), world, beat)
    status = Path("/proc/self/status").read_text().split()
    peak = int(status[status.index("VmHWM:") + 1]) * 1024
    size = Path(sys.argv[2], "A.npy").stat().st_size / world.size
    printed = f"  rank {world.rank}: peak {peak / 1e6:.0f} MB = {peak / size:.2f} of its blocks' {size / 1e6:.0f} MB"
    fits = "within" if peak <= TIMES * size + MARGIN else "ABOVE"
    lines = world.gather(f"{printed}, {fits} {(TIMES * size + MARGIN) / 1e6:.0f} MB".encode())
    if outcome is not None and lines is not None:
        took = ", ".join(f"{phase} {seconds:.1f} s" for phase, seconds in outcome.seconds.items())
        ratio = outcome.certificate.ratio
        print("\n".join(line.decode() for line in lines), f"  ratio {ratio:.4f}, {took}", sep="\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
