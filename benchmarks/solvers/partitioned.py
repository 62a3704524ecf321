"""A partitioned truncated SVD of W∘A beside that of one process: seconds, and how many times as fast.

    python benchmarks/solvers/partitioned.py [--ranks 2] [--shapes 9216x1024 67500x1024] [--types float32 float64]

starts itself under `mpiexec -n 1` and under `mpiexec -n N`, by turns. One BLAS thread a rank. In a job, ranks meet
before each of the repetitions; a time is the median, over them, of the slowest rank. Wall seconds say something on a
machine with a core for each rank and nobody else on it; CPU seconds have the polling of ranks that wait in them, not
their naps. One process has the whole of A and W, and its `truncated_svd` is what everything is compared with.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import numpy as np

from wlra_dist.linalg.rows.partitioned import svd_by_columns, svd_by_rows
from wlra_dist.linalg.rows.truncated import truncated_svd
from wlra_dist.weights import DenseWeights
from wlra_dist.weights.weighted_rows import Weighted, weighted
from wlra_dist.world.world_sum import WorldSum

K = 20

REPEATS = 5

TURNS = 2
"""Jobs of each size; the best of their medians is told, of the others the machine had taken a part."""

Seconds = dict[str, tuple[float, float]]
"""Wall and CPU, by the way of computing."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--shapes", nargs="+", default=["9216x1024", "67500x1024"])
    parser.add_argument("--types", nargs="+", default=["float32", "float64"])
    parser.add_argument("--job", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    for shape in options.shapes:
        for dtype in options.types:
            if options.job:
                tell(measured(shape, dtype))
            else:
                table(options.ranks, shape, dtype)


def table(ranks: int, shape: str, dtype: str) -> None:
    alone, dealt = {}, {}
    for _ in range(TURNS):
        alone, dealt = best(alone, job(1, shape, dtype)), best(dealt, job(ranks, shape, dtype))
    print(
        f"\n{shape}, {dtype}: rank {K} of W∘A{'':8}{'wall, ms':>10}{'CPU, ms':>10}{f'× on {ranks} ranks':>15}{'CPU':>7}"
    )
    whole = alone["whole"]
    print(f"  {'one process, truncated_svd':40}{1e3 * whole[0]:10.1f}{1e3 * whole[1]:10.1f}")
    for way in ("rows", "columns"):
        for n, (wall, cpu) in ((1, alone[way]), (ranks, dealt[way])):
            row = f"  {f'{way}, {n} ranks':40}{1e3 * wall:10.1f}{1e3 * cpu:10.1f}"
            print(row + f"{whole[0] / wall:15.2f}{whole[1] / cpu:7.2f}", flush=True)


def best(one: Seconds, other: Seconds) -> Seconds:
    return (
        {way: (min(one[way][0], wall), min(one[way][1], cpu)) for way, (wall, cpu) in other.items()} if one else other
    )


def job(ranks: int, shape: str, dtype: str) -> Seconds:
    """What rank 0 tells of a job of so many ranks."""
    beside_python = Path(sys.executable).with_name("mpiexec")
    launcher = str(beside_python) if beside_python.exists() else "mpiexec"
    command = [launcher, "-n", str(ranks), sys.executable, __file__, "--job", "--shapes", shape, "--types", dtype]
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    finished = subprocess.run(command, check=True, env=os.environ | threads, stdout=subprocess.PIPE, text=True)
    return {way: tuple(seconds) for way, seconds in json.loads(finished.stdout).items()}


def tell(seconds: Seconds | None) -> None:
    if seconds is not None:
        print(json.dumps(seconds), flush=True)


def measured(shape: str, dtype: str) -> Seconds | None:
    """On rank 0."""
    from wlra_dist.world.mpi import all_ranks

    together = WorldSum(all_ranks())
    n, d = (int(side) for side in shape.split("x"))
    by_rows, by_columns = part(n, together), part(d, together)
    ways: dict[str, Callable[[], object]] = {}
    if together.size == 1:
        ways["whole"] = partial(truncated_svd, drawn(n, d, dtype, slice(n), slice(d)), K, "sketched", coins())
    ways["rows"] = partial(svd_by_rows, drawn(n, d, dtype, by_rows, slice(d)), K, coins(), together)
    ways["columns"] = partial(svd_by_columns, drawn(n, d, dtype, slice(n), by_columns), K, coins(), together)
    times = {way: ([], []) for way in ways}
    for _ in range(REPEATS):
        for way, run in ways.items():
            for seconds, slowest in zip(times[way], timed(run, together), strict=True):
                seconds.append(slowest)
    return {way: (median(walls), median(cpus)) for way, (walls, cpus) in times.items()} if not together.rank else None


def part(length: int, together: WorldSum) -> slice:
    return slice(length * together.rank // together.size, length * (together.rank + 1) // together.size)


def coins() -> np.random.Generator:
    return np.random.default_rng(0)


def timed(run: Callable[[], object], together: WorldSum) -> np.ndarray:
    """Wall and CPU seconds of the slowest rank."""
    together.sum(np.zeros(1))
    wall, cpu = perf_counter(), process_time()
    run()
    mine = np.zeros((together.size, 2))
    mine[together.rank] = perf_counter() - wall, process_time() - cpu
    return together.sum(mine).max(axis=0)


def drawn(n: int, d: int, dtype: str, rows: slice, columns: slice) -> Weighted:
    """W∘A as in benchmarks/solvers/solvers.py, a slow spectrum; drawn whole everywhere, kept in part."""
    rng = np.random.default_rng(0)
    directions = np.arange(1, d + 1)[:, None] ** -0.5 * rng.standard_normal((d, d))
    A = rng.standard_normal((n, d), dtype=np.float32) @ directions.astype(np.float32)
    W = np.exp(0.3 * rng.standard_normal((n, d), dtype=np.float32))
    A, W = (np.ascontiguousarray(M[rows, columns], dtype=dtype) for M in (A, W))
    return weighted(A, DenseWeights(W))


if __name__ == "__main__":
    main()
