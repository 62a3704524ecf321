"""How close OPT is enclosed, and that no certified end is wrong: masks, positive weights, small problems, drawn ones.

`python -m benchmarks.optimum [PART …] [--seeds 5] [--seconds 60] [--instances 3000]` prints a line a case; parts are
masks, positive, large, small, drawn. It takes minutes: on a busy machine the seconds say nothing.
"""

import argparse
from collections.abc import Callable, Iterator
from statistics import median
from time import perf_counter

import numpy as np

from tests.optima.weighted_als import als_loss
from wlra_dist.solvers.enclosing import Optimum, optimum

Pair = tuple[np.ndarray, np.ndarray]


def low_rank(n: int, d: int, k: int, noise: float, rng: np.random.Generator) -> np.ndarray:
    """Rank k and noise."""
    return rng.standard_normal((n, k)) @ rng.standard_normal((k, d)) + noise * rng.standard_normal((n, d))


def tell(
    name: str, draw: Callable[[np.random.Generator], Pair], k: int, options: argparse.Namespace, gap: float
) -> None:
    """A line: the median of lower/upper over the seeds, and of the seconds."""
    found: list[Optimum] = []
    for seed in range(options.seeds):
        A, W = draw(np.random.default_rng(seed))
        found.append(optimum(A, W, k, gap, options.seconds))
    share, seconds = median(1 - each.gap for each in found), median(each.seconds for each in found)
    print(f"{name:44} lower/upper {share:.9f}  {seconds:7.2f} s  {found[0].how['lower']}", flush=True)


def masks(options: argparse.Namespace) -> None:
    n, d, k = 200, 100, 5
    places = np.arange(n)[:, None] * d / n - np.arange(d)
    for share in (0.95, 0.9, 0.8, 0.5):
        tell(
            f"{share:.0%} of a mask",
            lambda rng, s=share: (low_rank(n, d, k, 0.1, rng), (rng.random((n, d)) < s) * 1.0),
            k,
            options,
            1e-3,
        )
    tell(
        "80% of a mask, noise 1",
        lambda rng: (low_rank(n, d, k, 1.0, rng), (rng.random((n, d)) < 0.8) * 1.0),
        k,
        options,
        1e-3,
    )
    tell("a staircase", lambda rng: (low_rank(n, d, k, 0.1, rng), (places >= 0) * 1.0), k, options, 1e-3)
    tell("a band of 10", lambda rng: (low_rank(n, d, k, 0.1, rng), (np.abs(places) <= 10) * 1.0), k, options, 1e-3)


def sum_of_eight(n: int, d: int, rng: np.random.Generator) -> np.ndarray:
    return np.exp(rng.standard_normal((n, 8)) / 3) @ np.exp(rng.standard_normal((8, d)) / 3)


def positive(options: argparse.Namespace) -> None:
    for n, d, k in ((200, 100, 5), (784, 128, 5)):
        tell(
            f"eight rank-ones, {n}×{d}, k = {k}",
            lambda rng, n=n, d=d, k=k: (low_rank(n, d, k, 0.1, rng), sum_of_eight(n, d, rng)),
            k,
            options,
            1e-6,
        )


def large(options: argparse.Namespace) -> None:
    n, d, k = 2000, 500, 10
    tell(
        f"{n}×{d}, k = {k}",
        lambda rng: (low_rank(n, d, k, 0.1, rng), rng.random((n, 2)) @ rng.random((2, d))),
        k,
        options,
        1e-3,
    )


def small(options: argparse.Namespace) -> None:
    for n, d, gap in ((3, 3, 1e-6), (4, 64, 1e-2), (6, 6, 1e-6), (7, 7, 1e-2), (8, 8, 1e-2)):
        tell(
            f"{n}×{d}, k = 1, to {gap:g}",
            lambda rng, n=n, d=d: (rng.integers(-9, 10, (n, d)) * 1.0, rng.integers(1, 6, (n, d)) * 1.0),
            1,
            options,
            gap,
        )


def cases(count: int) -> Iterator[tuple[Pair, int, float | None]]:
    """A, W, k and OPT where it is known: masks, row scales over six decades, ties, zero rows, integers, odd scales."""
    for seed in range(count):
        rng = np.random.default_rng(seed)
        n, d, k = int(rng.integers(2, 10)), int(rng.integers(2, 10)), int(rng.integers(1, 3))
        A, W = low_rank(n, d, k, 0.1 * (seed % 3), rng), rng.uniform(0.2, 1, (n, d))
        known = 0.0 if seed % 3 == 0 else None
        if seed % 5 == 1:
            W *= rng.random((n, d)) < 0.7
        if seed % 5 == 2:
            W *= 10.0 ** rng.uniform(-3, 3, (n, 1))
        if seed % 5 == 3:
            A, W, known = rng.integers(-3, 4, (n, d)) * 1.0, rng.integers(0, 3, (n, d)) * 1.0, None
        if seed % 5 == 4:
            W = np.outer(rng.uniform(0.1, 1, n), rng.uniform(0.1, 1, d))
            known = float(np.square(np.linalg.svd(W * A, compute_uv=False)[k:]).sum())
        W[rng.random(n) < 0.1] = 0
        scale = 2.0 ** int(rng.integers(-200, 200)) if seed % 7 == 0 else 1.0
        known = None if not W.all() and known else known
        yield (A * scale, W), k, None if known is None else known * scale**2


def drawn(options: argparse.Namespace) -> None:
    """No certified lower end above what any search reaches, and every interval holds an optimum that is known."""
    wrong, begun = 0, perf_counter()
    for (A, W), k, known in cases(options.instances):
        found = optimum(A, W, k, 1e-4, 0.05)
        size = max(1e-300, float(np.abs(A).max()))
        reached = als_loss(A / size, W, k, starts=30) * size**2
        room = 1e-9 * reached + found.noise
        wrong += found.lower > reached + room
        wrong += known is not None and not found.lower - room <= known <= found.upper + room
    print(f"{options.instances} drawn instances: {wrong} wrong ends, {perf_counter() - begun:.0f} s")


PARTS = {"masks": masks, "positive": positive, "large": large, "small": small, "drawn": drawn}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=list(PARTS))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--instances", type=int, default=3000)
    options = parser.parse_args()
    for part in options.parts:
        PARTS[part](options)


if __name__ == "__main__":
    main()
