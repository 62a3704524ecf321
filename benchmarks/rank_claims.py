"""How long it takes to say what is known of rank(W) ≤ r: for weights of each kind, at sizes of a layer of a network.

    python benchmarks/rank_claims.py [--rows 9216] [--columns 1024]

What has to be seen: at 9216×1024 no line above 4 s of one core up to r = 500, and what a sample tells within 0.1 s.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from time import process_time

import numpy as np

from wlra_dist.linalg.threads import serial_blas
from wlra_dist.weights import DenseWeights
from wlra_dist.weights.rank import examine


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=9216)
    parser.add_argument("--columns", type=int, default=1024)
    sizes = parser.parse_args()
    print(f"{'W':36}{'r':>5}  {'claim':9}{'η':>10}{'seconds':>9}")
    with serial_blas():
        for name, make, ranks in kinds(sizes.rows, sizes.columns):
            W = DenseWeights(make())
            for r in ranks:
                begun = process_time()
                found = examine(W, r)
                off = "" if found.off is None else f"{found.off:.1e}"
                print(f"{name:36}{r:5}  {found.claim:9}{off:>10}{process_time() - begun:9.3f}", flush=True)
    return 0


def kinds(n: int, d: int) -> Iterator[tuple[str, Callable[[], np.ndarray], tuple[int, ...]]]:
    """Name, weights n×d, and the ranks that they are examined at."""
    rng = np.random.default_rng(0)
    yield "mask, 80 % ones", lambda: (rng.random((n, d)) < 0.8).astype(float), (1, 50, 200, 500)
    yield "product of rank 4", lambda: rng.uniform(0.5, 1, (n, 4)) @ rng.uniform(0.5, 1, (4, d)), (3, 4, 16)
    yield "product of rank 400", lambda: rng.random((n, 400)) @ rng.random((400, d)), (399, 400, 500)
    yield "integers of rank 3", lambda: rng.integers(0, 4, (n, 3)) @ rng.integers(0, 4, (3, d)) * 1.0, (2, 3, 50)
    yield "ones and two other entries", lambda: _with_odd(np.ones((n, d))), (1, 2, 3)
    yield "rank 1 but for two entries", lambda: _with_odd(np.outer(rng.random(n), rng.random(d))), (1, 2, 3)


def _with_odd(W: np.ndarray) -> np.ndarray:
    W[len(W) // 2, 7] *= 2
    W[3, W.shape[1] // 3] *= 3
    return W


if __name__ == "__main__":
    sys.exit(main())
