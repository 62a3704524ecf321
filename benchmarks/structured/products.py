"""Products with W∘(UVᵀ) and W^{∘-1}∘(UVᵀ) by the structure of W, beside dense ones; and is it found again?

    python benchmarks/structured/products.py [--n 6000] [--d 4000] [--k 20] [--vectors 8]

Processor seconds, the least of three. "dense" forms W^{∘-1}∘(UVᵀ) from W and multiplies; the error is relative to
what that gives.
"""

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.sparse import block_diag, csc_array, diags_array, random_array

from wlra_dist.linalg.threads import serial_blas
from wlra_dist.weights import BlockMask, Weights
from wlra_dist.weights.structured.detect import detect_weights, named
from wlra_dist.weights.structured.kinds import RankOnePiece, block_diagonal, disjoint, plus, rank_one, staircase
from wlra_dist.weights.structured.products import weighted_product


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=6000)
    parser.add_argument("--d", type=int, default=4000)
    parser.add_argument("--k", type=int, default=20)
    parser.add_argument("--vectors", type=int, default=8)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    n, d = options.n, options.d
    U, V = rng.standard_normal((n, options.k)), rng.standard_normal((d, options.k))
    X = rng.standard_normal((d, options.vectors))
    with serial_blas():
        for name, W in kinds(n, d, rng).items():
            tell(name, W, (U, V), X)


def tell(name: str, W: Weights, factors: tuple[np.ndarray, np.ndarray], X: np.ndarray) -> None:
    whole = W.dense(slice(None))
    found = detect_weights(whole)
    y, inverse = least(lambda: weighted_product(found, *factors, X, inverse=True))
    _, direct = least(lambda: weighted_product(found, *factors, X))
    z, dense = least(lambda: divided(whole, factors) @ X)
    error = np.linalg.norm(y - z) / np.linalg.norm(z)
    print(f"{name}: W {1e3 * direct:.1f} ms, inverse {1e3 * inverse:.1f} ms, dense {1e3 * dense:.0f} ms,", end=" ")
    print(f"{dense / inverse:.0f} times; error {error:.0e}; found {named(found)}", flush=True)


def divided(W: np.ndarray, factors: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    M = factors[0] @ factors[1].T
    return np.divide(M, W, out=np.zeros_like(M), where=W > 0)


def kinds(n: int, d: int, rng: np.random.Generator) -> dict[str, Weights]:
    u, v = rng.random(n) + 0.5, rng.random(d) + 0.5
    one = rank_one(u, v)
    blocks, across = np.arange(n) * 8 // n, np.arange(d) * 8 // d
    return {
        "rank one": one,
        "plus 1 % sparse": plus(one, sparse(random_array((n, d), density=0.01, rng=rng))),
        "plus a diagonal": plus(one, sparse(diags_array(rng.random(min(n, d)), shape=(n, d)))),
        "plus bands": plus(one, sparse(bands(rng, (n, d)))),
        "plus diagonal blocks": plus(
            one, sparse(block_diag([rng.random((6, 4)) for _ in range(min(n // 6, d // 4))]), n, d)
        ),
        "4×4 grid": grid(n, d, 4, rng),
        "8 diagonal blocks": block_diagonal(blocks, across, u, v),
        "the same in any order": block_diagonal(rng.permutation(blocks), rng.permutation(across), u, v),
        "staircase": staircase(rng.integers(0, d + 1, n), u, v),
        "mask in any order": BlockMask(rng.permutation(blocks), rng.permutation(across)),
    }


def bands(rng: np.random.Generator, shape: tuple[int, int]) -> Any:
    """Nine diagonals."""
    offsets: Any = range(-4, 5)
    return diags_array([rng.random(shape[1])] * 9, offsets=offsets, shape=shape)


def grid(n: int, d: int, side: int, rng: np.random.Generator) -> Weights:
    rows, columns = np.array_split(np.arange(n), side), np.array_split(np.arange(d), side)
    return disjoint(
        (n, d), [RankOnePiece(a, b, rng.random(len(a)) + 0.5, rng.random(len(b)) + 0.5) for a in rows for b in columns]
    )


def sparse(M: Any, *shape: int) -> Any:
    E = csc_array(M)
    if shape:
        E.resize(shape)
    return E


def least(work: Callable[[], np.ndarray]) -> tuple[np.ndarray, float]:
    """The result, and the least processor seconds of three times."""
    found, seconds = np.zeros(0), []
    for _ in range(3):
        begun = time.process_time()
        found = work()
        seconds.append(time.process_time() - begun)
    return found, min(seconds)


if __name__ == "__main__":
    main()
