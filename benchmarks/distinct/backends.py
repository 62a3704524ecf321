"""Do z3, branch and bound and multipliers agree on OPT, and does every certified interval hold the best of many starts?

    python benchmarks/distinct/backends.py [--instances 40] [--epsilon 0.01] [--seconds 20]

Random cores from 2×2 to 8×8, integers, k = 1, repeated to 40×40; z3 where it is installed and the core is at most 3×3.
A way that stops at its limit is counted as such, and its interval is still held against the others'.
"""

import argparse
import importlib.util

import numpy as np

from wlra_dist.linalg.threads import serial_blas
from wlra_dist.solvers.distinct.estimate import OptimumWithin, estimate

RESTARTS = 200


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instances", type=int, default=40)
    parser.add_argument("--epsilon", type=float, default=0.01)
    parser.add_argument("--seconds", type=float, default=20.0)
    options = parser.parse_args()
    closed = {"z3": 0, "branch": 0, "multipliers": 0}
    asked = dict.fromkeys(closed, 0)
    agree = hold = 0
    with serial_blas():
        for seed in range(options.instances):
            found, best = enclosed(seed, options.epsilon, options.seconds)
            for by, one in found.items():
                asked[by] += 1
                closed[by] += one.limit is None
            lower, upper = max(one.lower for one in found.values()), min(one.upper for one in found.values())
            agree += lower <= upper * (1 + 1e-9)
            hold += all(
                one.lower <= best * (1 + 1e-9) and best <= one.upper * (1 + 1e-6) + 1e-9 for one in found.values()
            )
    print(f"of {options.instances} instances: intervals meet in {agree}, hold the best of {RESTARTS} starts in {hold}")
    for by, count in closed.items():
        print(f"  {by}: within {options.epsilon:.0%} in {count} of {asked[by]}")


def enclosed(seed: int, epsilon: float, seconds: float) -> tuple[dict[str, OptimumWithin], float]:
    """What each way finds, and the best loss of many starts."""
    rng = np.random.default_rng(seed)
    small = seed % 2 == 0 and importlib.util.find_spec("z3") is not None
    p, q = (int(side) for side in rng.integers(2, 4 if small else 9, 2))
    A, W = rng.integers(-5, 6, (p, q)) * 1.0, rng.integers(1, 4, (p, q)) * 1.0
    rows, columns = rng.permutation(np.arange(40) % p), rng.permutation(np.arange(40) % q)
    whole = A[rows][:, columns], W[rows][:, columns]
    found = {
        by: estimate(*whole, 1, epsilon, by=by, seconds=seconds)
        for by in ("z3", "branch", "multipliers")
        if by != "z3" or small
    }
    scale = np.outer(np.bincount(rows), np.bincount(columns))
    return found, best_of_starts(A, W**2 * scale, rng)


def best_of_starts(A: np.ndarray, S: np.ndarray, rng: np.random.Generator) -> float:
    """The least loss of rank one of alternating minimisation from random starts, all at once."""
    u = rng.standard_normal((RESTARTS, len(A)))
    v = np.zeros((RESTARTS, A.shape[1]))
    for _ in range(500):
        v = (u @ (S * A)) / np.maximum(np.square(u) @ S, 1e-300)
        u = (v @ (S * A).T) / np.maximum(np.square(v) @ S.T, 1e-300)
    return float((S * np.square(A - u[:, :, None] * v[:, None, :])).sum(axis=(1, 2)).min())


if __name__ == "__main__":
    main()
