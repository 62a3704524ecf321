"""How close OPT is enclosed, and that no certified end is wrong: masks, positive weights, small problems, drawn ones.

`python -m benchmarks.optimum [PART …] [--seeds 5] [--seconds 60] [--instances 3000] [--data MNIST]` prints a line for
each case; parts are masks, positive, layers, large, small, solutions, exact, drawn. `drawn` keeps what is done in
`--log FILE` and goes on from there. It takes minutes: on a busy machine the seconds say nothing.
"""

import argparse
import resource
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import numpy as np

import wlra_dist as wd
from tests.optima.weighted_als import als_loss
from wlra_dist.instances import alone
from wlra_dist.linalg.matrix import dense
from wlra_dist.linalg.threads import serial_blas
from wlra_dist.solvers.distinct.nlsat import decided
from wlra_dist.solvers.enclosing import Optimum, optimum

Pair = tuple[np.ndarray, np.ndarray]


def low_rank(n: int, d: int, k: int, noise: float, rng: np.random.Generator) -> np.ndarray:
    """Rank k and noise."""
    return rng.standard_normal((n, k)) @ rng.standard_normal((k, d)) + noise * rng.standard_normal((n, d))


def tell(
    name: str,
    draw: Callable[[np.random.Generator], Pair],
    k: int,
    options: argparse.Namespace,
    gap: float,
    seeds: int | None = None,
) -> None:
    """A line: the median of lower/upper over the seeds, and of the seconds."""
    if options.only not in name:
        return
    found: list[Optimum] = []
    for seed in range(seeds or options.seeds):
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


def layers(options: argparse.Namespace) -> None:
    """Layers of networks under the roots of their Fisher information: digits, whole and by blocks, and MNIST's."""
    cases: list[tuple[str, dict[str, str], tuple[int, ...]]] = [("quickstart", {}, (5,))]
    if options.data:
        cases.append(("mnist", {"data": str(options.data)}, (5, 20)))
    for name, settings, ranks in cases:
        instance = wd.Scenario.of(name, **settings).instance.open(alone)
        A, W = dense(instance.columns(slice(None))).astype(float), instance.weights.dense(slice(None))
        for k in ranks:
            tell(f"{name}, k = {k}", lambda _rng, A=A, W=W: (A, W), k, options, 1e-6, seeds=1)
            if options.only:
                continue
            parts = [optimum(A[:, own], W[:, own], k, 1e-6, options.seconds / 4) for own in blocks(A.shape[1], 4)]
            lower, upper = (sum(getattr(part, end) for part in parts) for end in ("lower", "upper"))
            print(f"{f'{name}, k = {k}, four blocks':44} lower/upper {lower / upper:.9f}", flush=True)


def blocks(d: int, m: int) -> list[slice]:
    """The columns of m servers in order."""
    return [slice(d * i // m, d * (i + 1) // m) for i in range(m)]


def solutions(options: argparse.Namespace) -> None:
    """What is quickly proven of a solution, what that takes, and its share of `solve`'s own time."""
    for n, d, k in ((784, 128, 5), (784, 128, 20)):
        shares, proven = [], []
        for seed in range(options.seeds):
            rng = np.random.default_rng(seed)
            A, W = low_rank(n, d, k, 0.1, rng), sum_of_eight(n, d, rng)
            solved = [partial(wd.solve, A, W, k, method="als", certify=how) for how in ("no", "quick")]
            times = [timed(each) for each in solved]
            shares.append(times[1] / times[0] - 1)
            certificate = solved[1]().certificate
            assert certificate is not None, "it was asked for"
            proven.append(certificate.lower / certificate.loss)
        print(f"{n}×{d}, k = {k}: quick proves {median(proven):.9f} and adds {median(shares):.2f} to solve")


def timed(work: Callable[[], object]) -> float:
    """The least of three times, in seconds of this thread's processor."""
    times: list[float] = []
    for _ in range(3):
        begun = process_time()
        work()
        times.append(process_time() - begun)
    return min(times)


def exact(options: argparse.Namespace) -> None:
    """z3 agrees to 1 % with what is enclosed; needs `pip install 'wlra-dist[exact]'`."""
    for n, d in ((2, 3), (3, 3)):
        for seed in range(options.seeds):
            rng = np.random.default_rng(seed)
            A, W = rng.integers(-9, 10, (n, d)) * 1.0, rng.integers(1, 6, (n, d)) * 1.0
            found = optimum(A, W, 1, 1e-6, options.seconds)
            below, above = np.floor(0.99 * found.lower), np.ceil(1.01 * found.upper)
            had = [decided(A, np.square(W), float(cost), options.seconds).exists for cost in (below, above)]
            print(f"{n}×{d}, seed {seed}: at most {below:g}: {had[0]}, at most {above:g}: {had[1]}", flush=True)


def large(options: argparse.Namespace) -> None:
    n, d, k = 2000, 500, 10
    tell(
        f"{n}×{d}, k = {k}",
        lambda rng: (low_rank(n, d, k, 0.1, rng), rng.random((n, 2)) @ rng.random((2, d))),
        k,
        options,
        1e-3,
    )
    n, d, k = 9216, 1024, 20
    rng = np.random.default_rng(0)
    A, W = low_rank(n, d, k, 0.5, rng), np.exp(rng.standard_normal((n, 3)) / 2) @ rng.random((3, d))
    found = wd.solve(A.astype(np.float32), W, k, method="svd_w+als", certify="quick")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    assert found.certificate is not None, "it was asked for"
    share = found.certificate.lower / found.loss
    print(f"{n}×{d}, k = {k}, solved: LB/loss {share:.6f}, {found.seconds:.0f} s to solve, peak {peak:.2f} GB")


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
    done = len(options.log.read_text().split()) if options.log and options.log.exists() else 0
    wrong, begun = 0, perf_counter()
    for number, ((A, W), k, known) in enumerate(cases(options.instances)):
        if number < done:
            continue
        before = wrong
        found = optimum(A, W, k, 1e-4, 0.05)
        size = max(1e-300, float(np.abs(A).max()))
        with serial_blas():  # a hundred small systems at once, for which threads only wait
            reached = als_loss(A / size, W, k, starts=100, steps=200) * size**2
        room = 1e-9 * reached + found.noise
        wrong += found.lower > reached + room
        wrong += known is not None and not found.lower - room <= known <= found.upper + room
        if options.log:
            with options.log.open("a") as log:
                log.write(f"{wrong - before}\n")
    if options.log:
        wrong = sum(map(int, options.log.read_text().split()))
    print(f"{options.instances} drawn instances: {wrong} wrong ends, {perf_counter() - begun:.0f} s")


PARTS = {
    "masks": masks, "positive": positive, "layers": layers, "large": large, "small": small, "solutions": solutions,
    "exact": exact, "drawn": drawn,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=list(PARTS))
    parser.add_argument("--only", default="", help="cases with this in their line")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--instances", type=int, default=3000)
    parser.add_argument("--data", type=Path, help="of MNIST, for its layer")
    parser.add_argument("--log", type=Path, help="of the drawn instances")
    options = parser.parse_args()
    for part in options.parts:
        PARTS[part](options)


if __name__ == "__main__":
    main()
