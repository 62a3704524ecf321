"""How near W is to a matrix of rank r, entry by entry.

Singular values tell of the largest entries only, and A may be large where W is small: a W whose rows of size 10⁻¹⁸ are
of full rank has the numerical rank of the other rows, and the tail beyond it may exceed OPT. What the tail needs is a
V of rank r with |W − V| ≤ η·W everywhere (`wlra_dist.optima.tail`): 0 where W is 0, and as near in small entries as in
large ones. V = CX with r columns C of W is one for any X, however X was come by; so η is measured and never estimated.
"""

import numpy as np

from wlra_dist.linalg.blocks import runs
from wlra_dist.linalg.modular import PRIMES, leading_columns

EPS = float(np.finfo(float).eps)

NEAR = 2.0**-20
"""W is called near rank r up to this η. The tail gives up as large a share of ‖B‖."""

SPARE = 64
"""Rows and columns that are looked at beyond those that a rank needs."""

LOOKS = 3
"""How often the rows and columns that V misses most are added to those that it is made of."""


WORK = 2**29
"""Entries times steps of an exact elimination that may be made for a prime."""


def nearness(W: np.ndarray, r: int) -> float:
    """An η such that some V of rank ≤ r has |W − V| ≤ η·W entrywise, W ≥ 0 (n×d); 0 if it is W, ∞ if none is found."""
    if min(W.shape) <= r or integers_of_rank(W, r):
        return 0.0
    W = balanced(W)
    seen = [evenly(length, r + SPARE) for length in W.shape]
    nearest = np.inf
    for _ in range(LOOKS):
        rows, columns = pivots(W[np.ix_(*seen)], r)
        misses = _misses(W, seen[0][rows], seen[1][columns])
        nearest = min(nearest, float(max(misses[0])))
        if nearest <= NEAR or all(map(np.array_equal, seen, map(np.arange, W.shape))):
            break
        seen = [np.union1d(known, np.argsort(-missed)[:SPARE]) for known, missed in zip(seen, misses, strict=True)]
    return nearest


def integers_of_rank(W: np.ndarray, r: int) -> bool:
    """Whether W holds integers, and their rank modulo some primes proves rank(W) ≤ r.

    If it is ρ modulo each of them, all minors of order ρ + 1 are multiples of their product, and at most
    (√(ρ + 1)·max W)^(ρ + 1) (Hadamard): 0, if that is less.
    """
    largest = max(float(W.max(initial=0.0)), 1.0)
    if largest >= 2 / EPS or not all(np.array_equal(W[run], np.rint(W[run])) for run in runs(*W.shape)):
        return False
    rank, bits = 0, 0.0
    for prime in PRIMES:
        if (rank + 1) * W.size > WORK:
            return False
        rank = max(rank, len(leading_columns(np.remainder(W, prime).astype(np.int64), r + 1, prime)))
        bits += np.log2(prime)
        if rank > r or (rank + 1) * np.log2(np.sqrt(rank + 1) * largest) < bits:
            return rank <= r
    return False


def balanced(W: np.ndarray) -> np.ndarray:
    """W with rows, then columns multiplied by powers of two, so that their largest entries are in [1/2, 1)."""
    rows = np.frexp(W.max(axis=1, keepdims=True, initial=0.0))[1]
    scaled = np.ldexp(W, -rows)
    return np.ldexp(scaled, -np.frexp(scaled.max(axis=0, initial=0.0))[1])


def evenly(length: int, most: int) -> np.ndarray:
    """At most so many indices, evenly from all."""
    return np.unique(np.linspace(0, length - 1, min(length, most)).astype(np.int64))


def pivots(W: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of the pivots of Gaussian elimination with complete pivoting; none of them is rounding noise."""
    left, sizes, product, noise = W.copy(), W.copy(), np.empty_like(W), (most + 2) * EPS
    found: list[tuple[np.intp, np.intp]] = []
    while len(found) < most:
        sizes_left = np.abs(left, out=product)
        p, q = np.unravel_index(sizes_left.argmax(), left.shape)
        if sizes_left[p, q] <= noise * sizes[p, q]:
            sizes_left[sizes_left <= noise * sizes] = 0.0
            p, q = np.unravel_index(sizes_left.argmax(), left.shape)
            if not sizes_left[p, q]:
                break
        np.multiply.outer(left[:, q] / left[p, q], left[p], out=product)
        left -= product
        sizes += np.abs(product, out=product)
        found.append((p, q))
    rows, columns = np.array(found, dtype=np.int64).reshape(-1, 2).T
    return rows, columns


def _misses(W: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The largest |W − V|/W of each row and of each column, for the V that W has in common with these rows and columns.

    V is a sum of r products, so the true W − V is what is left to that, and to the sum of the products' sizes times
    r + 2 roundings.
    """
    try:
        X = np.linalg.solve(W[np.ix_(rows, columns)], W[rows])
    except np.linalg.LinAlgError:
        X = np.zeros((len(columns), W.shape[1]))
    sizes, of_rows, of_columns = np.abs(X), np.zeros(len(W)), np.zeros(W.shape[1])
    for run in runs(*W.shape):
        piece, C = W[run], W[run][:, columns]
        off = np.abs(piece - C @ X)
        off += (len(columns) + 2) * EPS * (np.abs(C) @ sizes + piece)
        missed = np.where(off > 0, np.inf, 0.0)
        np.divide(off, piece, out=missed, where=piece > 0)
        of_rows[run] = missed.max(axis=1)
        np.maximum(of_columns, missed.max(axis=0), out=of_columns)
    return of_rows, of_columns
