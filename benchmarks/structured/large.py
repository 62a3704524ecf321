"""The coordinator's peak in games whose n×d numbers no memory holds, and products with what it ends up with.

    python benchmarks/structured/large.py [--game mask|diagonal|both] [--protocol raw]

"mask" is a block mask of 16 blocks, 200,000 × 200,000; "diagonal" is 4 disjoint rank-one stripes plus a diagonal,
100,000 × 20,000; columns are sparse. Each is played in a process of its own, on one rank that holds all parties.
"""

import argparse
import resource
import subprocess
import sys
import time

import numpy as np

import wlra_dist as wd

GAMES = {
    "mask": {"n": 200_000, "d": 200_000, "r": 16, "weights": "mask"},
    "diagonal": {"n": 100_000, "d": 20_000, "r": 4, "weights": "stripes+diagonal"},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--game", choices=[*GAMES, "both"], default="both")
    parser.add_argument("--protocol", default="raw")
    options = parser.parse_args()
    if options.game != "both":
        played(options.game, options.protocol)
        return
    for game in GAMES:
        subprocess.run([sys.executable, __file__, "--game", game, "--protocol", options.protocol], check=True)


def played(name: str, protocol: str) -> None:
    instance = {"kind": "synthetic", "k": 2, "s": 6, **GAMES[name]}
    game = wd.play(
        {
            "instance": instance,
            "game": {"servers": 2},
            "protocol": {"name": protocol, "epsilon": 0.5, "bounds": "quick"},
        }
    )
    assert game.solution is not None, "one process hosts the coordinator"
    operator = game.solution.operator()
    n, d = operator.shape
    begun = time.process_time()
    _both = operator @ np.ones(d), operator.T @ np.ones(n)
    seconds = time.process_time() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{name}, {n:,} × {d:,}, {protocol}: peak {peak:.2f} GiB, loss {game.certificate.loss:.4g},", end=" ")
    print(f"both products with the solution {1000 * seconds:.0f} ms", flush=True)


if __name__ == "__main__":
    main()
