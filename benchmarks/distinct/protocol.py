"""Bits of `distinct` where rows and columns are equal, or nearly so, beside `one_round` and the words of Thm 3.1.

    python benchmarks/distinct/protocol.py [--n 4096] [--kinds 24] [--r 6] [--k 4] [--epsilon 0.1] [--servers 1]
    python benchmarks/distinct/protocol.py --without one_round

W has r kinds of rows and columns, and W∘A has so many, of which each lies within one of W; noise is added to A, as a
part of its own deviation. Seconds are of one processor.
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

import wlra_dist as wd
from wlra_dist.linalg.threads import serial_blas
from wlra_dist.protocols.bounds.sizes import word_bits
from wlra_dist.protocols.bounds.upper import one_way_words

NOISE = (0.0, 0.02, 0.1, 0.5)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=4096)
    parser.add_argument("--kinds", type=int, default=24, help="rp: distinct rows, and columns, of W∘A")
    parser.add_argument("--r", type=int, default=6, help="those of W, and its rank")
    parser.add_argument("--k", type=int, default=4)
    parser.add_argument("--epsilon", type=float, default=0.1)
    parser.add_argument("--servers", type=int, default=1)
    parser.add_argument("--noise", type=float, nargs="*", default=NOISE)
    parser.add_argument("--without", nargs="*", default=[], choices=["one_round"])
    options = parser.parse_args()
    n, r, k = options.n, options.r, options.k
    words = one_way_words(n, n, n, r, k, options.epsilon) * word_bits(n, n)
    print(f"n = d = {n}, rp = {options.kinds}, r = {r}, k = {k}: {words:,} bits for the words of Thm 3.1", flush=True)
    with serial_blas():
        for noise in options.noise:
            found = [
                played(options, noise, protocol)
                for protocol in ("distinct", "one_round")
                if protocol not in options.without
            ]
            print(f"noise {noise:g}: {'; '.join(found)}", flush=True)


def played(options: argparse.Namespace, noise: float, protocol: str) -> str:
    """Bits, loss beside what is proven, and seconds of a game."""
    A, W = drawn(options.n, options.kinds, options.r, noise)
    with tempfile.TemporaryDirectory() as place:
        for name, M in (("A", A), ("W", W)):
            np.save(Path(place) / f"{name}.npy", M)
        files = {name: str(Path(place) / f"{name}.npy") for name in "AW"}
        begun = time.process_time()
        game = wd.play(
            {
                "instance": {"kind": "files", "k": options.k, "r": options.r, **files},
                "game": {"servers": options.servers},
                "protocol": {"name": protocol, "epsilon": options.epsilon, "bounds": "quick"},
            }
        )
    seconds = time.process_time() - begun
    bits, ratio = sum(entry.bits for entry in game.account.entries), game.certificate.ratio
    return f"{protocol} {bits:,} bits, loss {'of rounding' if ratio is None else f'{ratio:.4f}·LB'}, {seconds:.0f} s"


def drawn(n: int, kinds: int, r: int, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """A and W, n×n."""
    rng = np.random.default_rng(0)
    rows, columns = (rng.permutation(np.arange(n) % kinds) for _ in range(2))
    A = rng.standard_normal((kinds, kinds))[rows][:, columns] + noise * rng.standard_normal((n, n))
    return A, (rng.random((r, r)) + 0.5)[rows % r][:, columns % r]


if __name__ == "__main__":
    main()
