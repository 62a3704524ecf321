"""Few distinct rows and columns: grouping and solving beside alternating minimisation on all, and time by n.

    python benchmarks/distinct/solver.py [--n 4096] [--kinds 24] [--k 4] [--largest 16]

Both start from an SVD and end at the same tolerance; then n = 2^12 … 2^largest, given by groups alone: the core and
the group of each row and column. Seconds are of one processor, `time.process_time`.
"""

import argparse
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from wlra_dist.linalg.threads import serial_blas
from wlra_dist.optima.reduced import of_groups, reduced
from wlra_dist.solvers.approximation import LowRank
from wlra_dist.solvers.methods.als import Alternating
from wlra_dist.solvers.methods.distinct import Distinct
from wlra_dist.weights import DenseWeights

Found = TypeVar("Found")

TOLERANCE = 1e-8
"""An iteration that gains less of the loss is the last."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=4096)
    parser.add_argument("--kinds", type=int, default=24, help="rp: distinct rows, and columns")
    parser.add_argument("--k", type=int, default=4)
    parser.add_argument("--largest", type=int, default=16, help="the exponent of the largest n")
    options = parser.parse_args()
    with serial_blas():
        beside_all(options.n, options.kinds, options.k)
        by_size(options.kinds, options.k, options.largest)


def beside_all(n: int, kinds: int, k: int) -> None:
    rng = np.random.default_rng(0)
    A, W, rows, columns = drawn(n, kinds, rng)
    A, W = A[rows][:, columns], DenseWeights(W[rows][:, columns])
    small, grouping = timed(lambda: reduced(A, W))
    solver = Distinct(starts=1, still=TOLERANCE)
    found, solving = timed(lambda: list(solver.on_core(small, k, np.random.default_rng(1)))[-1])
    U, V = small.spread(found.U, found.V.T)
    own = loss(A, W.W, LowRank(U, V.T))
    whole, all_ = timed(lambda: settled(A, W, k))
    theirs = loss(A, W.W, whole)
    print(f"n = {n}, rp = {small.shape[0]}×{small.shape[1]}, k = {k}")
    print(f"  grouping {grouping:.3f} s, solving {solving:.3f} s, loss {own:.8g}")
    print(f"  als on all {all_:.2f} s, loss {theirs:.8g}: {all_ / (grouping + solving):.0f} times longer")


def settled(A: np.ndarray, W: DenseWeights, k: int) -> LowRank:
    """Alternating minimisation on all rows and columns, to the same tolerance."""
    last = np.inf
    X = None
    for X in Alternating(iterations=500)(A, W, k, np.random.default_rng(1)):
        own = loss(A, W.W, X)
        if last - own <= TOLERANCE * own:
            break
        last = own
    assert X is not None
    return X


def by_size(kinds: int, k: int, largest: int) -> None:
    sizes, seconds = 2 ** np.arange(12, largest + 1), []
    for n in sizes.tolist():
        A, W, rows, columns = drawn(n, kinds, np.random.default_rng(n))

        def solved(A: np.ndarray = A, W: np.ndarray = W, at: tuple[np.ndarray, np.ndarray] = (rows, columns)) -> None:
            small = of_groups(A, W, *at)
            X = list(Distinct(starts=1, iterations=100).on_core(small, k, np.random.default_rng(1)))[-1]
            small.spread(X.U, X.V.T)

        seconds.append(min(timed(solved)[1] for _ in range(3)))
        print(f"n = {n}: {seconds[-1]:.4f} s")
    slope = np.polyfit(np.log(sizes), np.log(seconds), 1)[0]
    print(f"slope {slope:.2f} of log seconds by log n")


def drawn(n: int, kinds: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """A core of A and of W, and the kind of each row and of each column; all kinds occur."""
    rows, columns = (rng.permutation(np.arange(n) % kinds) for _ in range(2))
    return rng.standard_normal((kinds, kinds)), rng.random((kinds, kinds)) + 0.5, rows, columns


def loss(A: np.ndarray, W: np.ndarray, X: LowRank) -> float:
    error = X.U @ X.V
    error -= A
    error *= W
    return float(np.vdot(error, error))


def timed(work: Callable[[], Found]) -> tuple[Found, float]:
    begun = time.process_time()
    found = work()
    return found, time.process_time() - begun


if __name__ == "__main__":
    main()
