"""The solvers beside their peers and beside the textbook, in one run: times, passes and losses.

    python benchmarks/solvers/solvers.py svd      [--shapes 784x128 9216x1024 67500x1024] [--threads 1 2]
    python benchmarks/solvers/solvers.py solvers  [--shapes 9216x1024] [--textbook]

All methods of a table take turns, five times over; a time is the median, of CPU seconds with one thread (what else the
machine does is then nobody's) and of wall seconds with more. A pass is one GEMM of B = W∘A with k + 10
columns, in the type of the table. Everybody is given A and W, so that everybody's time has the product W∘A in it. Peers
that are not installed are left out (fbpca, torch, scikit-learn, cmfrec).
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from statistics import median
from time import perf_counter, process_time
from typing import Any

import numpy as np
import textbook  # pyright: ignore[reportMissingImports]  # beside this file
from svd_peers import (  # pyright: ignore[reportMissingImports]  # beside this file
    Factors,
    K,
    Method,
    import_peers,
    peers,
)
from threadpoolctl import threadpool_limits

from wlra_dist.linalg.rows.truncated import METHODS, truncated_svd
from wlra_dist.linalg.threads import serial_blas
from wlra_dist.solvers import SOLVERS, Approximation, LowRank
from wlra_dist.solvers.loss import squared_loss, weighted_energy
from wlra_dist.solvers.methods import stages
from wlra_dist.weights import DenseWeights
from wlra_dist.weights.weighted_rows import weighted

REPEATS = 5

SEEDS = 10

ALIKE = 1e-5
"""Losses within so much of the optimum count as the optimum: float32 rounds at 1e-7."""

SPECTRA = {"slow": 0.5, "fast": 1.0}
"""Singular values fall like i to minus this power."""


@dataclass(frozen=True, eq=False)
class Case:
    """A and W, B = W∘A and the least ‖B − LX‖²."""

    A: np.ndarray
    W: np.ndarray

    @property
    def B(self) -> np.ndarray:
        return self.W * self.A

    def optimum(self) -> float:
        B = self.W.astype(float) * self.A
        return float(np.linalg.eigvalsh(B.T @ B)[:-K].sum())

    def left(self, factors: Factors) -> float:
        loss = 0.0
        for start in range(0, len(self.A), 4096):
            rows = slice(start, start + 4096)
            E = self.W[rows].astype(float) * self.A[rows] - factors[0][rows].astype(float) @ factors[1].astype(float)
            loss += float(np.vdot(E, E))
        return loss


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("table", choices=["svd", "solvers"])
    parser.add_argument("--shapes", nargs="+")
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--types", nargs="+", default=["float32", "float64"])
    parser.add_argument("--spectra", nargs="+", choices=SPECTRA, default=list(SPECTRA))
    parser.add_argument("--textbook", action="store_true", help="minutes")
    options = parser.parse_args()
    if options.table == "svd":
        import_peers()  # now: a limit of threads holds for the libraries that are loaded
        svd_tables(options)
    else:
        solver_tables(options)


def cases(options: argparse.Namespace, shapes: list[str]) -> Iterator[tuple[str, int, Case]]:
    """What is measured, its title and its number of threads."""
    for shape in options.shapes or shapes:
        n, d = (int(side) for side in shape.split("x"))
        for spectrum in options.spectra:
            for dtype in options.types:
                case = drawn(n, d, SPECTRA[spectrum], dtype)
                for threads in options.threads:
                    with threadpool_limits(threads):
                        yield f"{shape}, {spectrum} spectrum, {dtype}, {threads} threads", threads, case


def drawn(n: int, d: int, exponent: float, dtype: str) -> Case:
    """A with a power law of singular values under weights near rank one, as Fisher matrices are."""
    rng = np.random.default_rng(0)
    directions = np.arange(1, d + 1)[:, None] ** -exponent * rng.standard_normal((d, d))
    A = rng.standard_normal((n, d), dtype=np.float32) @ directions.astype(np.float32)
    W = np.exp(0.3 * rng.standard_normal((n, d), dtype=np.float32))
    W *= np.exp(rng.standard_normal((n, 1))) * np.exp(rng.standard_normal((1, d)))
    return Case(A.astype(dtype), W.astype(dtype))


def medians(methods: dict[str, Callable[[], Any]], threads: int) -> dict[str, float]:
    """Seconds, by turns."""
    clock = process_time if threads == 1 else perf_counter
    seconds: dict[str, list[float]] = {name: [] for name in methods}
    for _ in range(REPEATS):
        for name, method in methods.items():
            begun = clock()
            method()
            seconds[name].append(clock() - begun)
    return {name: median(times) for name, times in seconds.items()}


# truncated SVDs of W∘A


def svd_tables(options: argparse.Namespace) -> None:
    for title, threads, case in cases(options, ["784x128", "9216x1024", "67500x1024"]):
        print(f"\n{title}: rank {K} of W∘A")
        print(f"  {'':32}{'ms':>9}{'passes':>9}{'above the optimum':>20}{'best peer as exact / ours':>28}")
        B, G = case.B, np.random.default_rng(0).standard_normal((case.A.shape[1], K + 10)).astype(case.A.dtype)
        methods = {**ours(case), **peers(case, threads)}
        runs = {name: partial(run, 0) for name, run in methods.items()}
        seconds = medians({"a pass": partial(np.matmul, B, G), **runs}, threads)
        optimum = case.optimum()
        del B
        above = {name: worst(case, method, optimum, name) for name, method in methods.items()}
        for name, time in seconds.items():
            row = f"  {name:32}{1e3 * time:9.1f}{time / seconds['a pass']:9.1f}"
            row += f"{above[name]:20.1e}" if name in above else ""
            print(row + (f"{best_peer(name, seconds, above) / time:28.2f}" if "wlra_dist" in name else ""), flush=True)


def best_peer(name: str, seconds: dict[str, float], above: dict[str, float]) -> float:
    """The least time of a peer that is as exact as this method of ours, or within 1e-5 of the optimum."""
    return min(seconds[peer] for peer in above if "wlra_dist" not in peer and above[peer] <= max(above[name], ALIKE))


def ours(case: Case) -> dict[str, Method]:
    def run(method: Any, seed: int) -> Factors:
        found = truncated_svd(weighted(case.A, DenseWeights(case.W)), K, method, np.random.default_rng(seed))
        return found.L, found.X

    return {f"wlra_dist {method}": partial(run, method) for method in METHODS}


def worst(case: Case, run: Method, optimum: float, name: str) -> float:
    """Ours over ten seeds, a peer's over one: the time is better spent elsewhere."""
    seeds = SEEDS if name.startswith("wlra_dist") and "exact" not in name and case.A.size < 2**24 else 1
    return max(case.left(run(seed)) for seed in range(seeds)) / optimum - 1


# solvers


METHODS_COMPARED: dict[str, dict[str, Any]] = {
    **{name: {} for name in SOLVERS},
    "reweighted_svd": {"rank": K},
    "svd_w+als": {"iterations": 1},
    "svd_w+em": {"iterations": 5},
}
"""With these options; all else as they are by default."""


def solver_tables(options: argparse.Namespace) -> None:
    for title, threads, case in cases(options, ["784x128", "9216x1024"]):
        print(f"\n{title}: rank {K}")
        print(f"  {'':32}{'ms':>9}{'× svd_w':>9}{'loss/‖W∘A‖²':>14}{'textbook, s':>14}{'× textbook':>12}")
        runs = {name: partial(answer, case, name, given) for name, given in METHODS_COMPARED.items()}
        slow = {name: slowly(name, case) if options.textbook else None for name in runs}  # before threads of peers spin
        if find_spec("cmfrec"):
            runs["cmfrec CMF"] = partial(by_cmfrec, case, threads)
        seconds, energy = medians(runs, threads), weighted_energy(case.A, DenseWeights(case.W))
        for name, run in runs.items():
            loss = squared_loss(case.A, DenseWeights(case.W), run()) / energy
            row = f"  {name:32}{1e3 * seconds[name]:9.1f}{seconds[name] / seconds['svd_w']:9.1f}{loss:14.5f}"
            longer = slow.get(name)
            print(row + (f"{longer:14.1f}{longer / seconds[name]:12.0f}" if longer else ""), flush=True)


def answer(case: Case, name: str, options: dict[str, Any]) -> Approximation:
    """What `solve` runs, without what it says of the answer."""
    rng, W = np.random.default_rng(0), DenseWeights(case.W)
    found: Approximation | None = None
    with serial_blas():
        for solver in stages(name, options):
            start = {} if found is None else {"start": found}
            for iterate in solver(case.A, W, K, rng, **start):
                found = iterate
    assert found is not None
    return found


def by_cmfrec(case: Case, threads: int) -> Approximation:
    """As many iterations of a peer as als has."""
    return LowRank(*textbook.cmf(case.A, case.W, K, ITERATIONS["als"], np.random.default_rng(0), threads))


ITERATIONS = {"em": 25, "adam": 100, "greedy": K, "als": 10}
"""Of the defaults, which the textbook forms are charged with."""


def slowly(name: str, case: Case) -> float | None:
    """CPU seconds of the textbook form in float64: of one or two iterations, times as many as there are."""
    A, W = case.A.astype(float), case.W.astype(float)
    if name == "svd_w":
        return timed(partial(textbook_svd_w, A, W))
    if name not in textbook.TEXTBOOK:
        return None
    run = partial(textbook.TEXTBOOK[name], A, W, K)
    measured = 10 if name == "adam" else 1
    return timed(partial(run, measured, np.random.default_rng(0))) * ITERATIONS[name] / measured


def textbook_svd_w(A: np.ndarray, W: np.ndarray) -> Factors:
    """Algorithm 2 word for word, with an inverse of rank one: two SVDs of everything."""
    left, right = textbook.truncated_svd(1 / W, 1)
    L, X = textbook.truncated_svd(A / (left @ right), K)
    return left * L, right * X


def timed(run: Callable[[], Any]) -> float:
    begun = process_time()
    run()
    return process_time() - begun


if __name__ == "__main__":
    main()
