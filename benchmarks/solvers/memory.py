"""The peak of a process that solves 67500×1024 by reweighted_svd: streamed from files, and with A and W in memory.

python benchmarks/solvers/memory.py
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from solvers import K, drawn  # pyright: ignore[reportMissingImports]  # beside this file

from wlra_dist.solvers import solve


def main() -> None:
    if len(sys.argv) == 3:  # a child of `memory_table`
        tell_peak(Path(sys.argv[2]), mapped=sys.argv[1] == "streamed")
    else:
        memory_table()


def memory_table() -> None:
    """A line for each type and way, from a process of its own."""
    for dtype in ("float32", "float64"):
        with tempfile.TemporaryDirectory() as folder:
            case = drawn(67500, 1024, 1.0, dtype)
            np.save(Path(folder, "A.npy"), case.A)
            np.save(Path(folder, "W.npy"), case.W)
            del case
            for way in ("streamed", "loaded"):
                command = [sys.executable, __file__, way, folder]
                subprocess.run(command, check=True, env={**os.environ, "OMP_NUM_THREADS": "1"})


def tell_peak(folder: Path, mapped: bool) -> None:
    """VmHWM counts file pages that are mapped, too."""
    A, W = (np.load(folder / f"{name}.npy", mmap_mode="r" if mapped else None) for name in "AW")
    solution = solve(A, W, K, "reweighted_svd", r=1, certify=False)
    status = Path("/proc/self/status").read_text().split()
    peak = int(status[status.index("VmHWM:") + 1]) * 1024
    how = "streamed" if mapped else "in memory"
    print(f"{A.dtype}, {how}: peak {peak / 2**20:.0f} MiB = {peak / (A.nbytes + W.nbytes):.3f} of A and W", end="")
    print(f", {solution.seconds:.2f} s, loss {solution.loss / solution.energy:.5f}", flush=True)


if __name__ == "__main__":
    main()
