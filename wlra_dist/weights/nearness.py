"""How near W is to a matrix of rank r, entry by entry.

Singular values tell of the largest entries only, and A may be large where W is small: a W whose rows of size 10⁻¹⁸ are
of full rank has the numerical rank of the other rows, and the tail beyond it may exceed OPT. What the tail needs is a
V of rank r with |W − V| ≤ η·W everywhere (`wlra_dist.optimum.tail`): 0 where W is 0, and as near in small entries as in
large ones.
"""

import numpy as np

from wlra_dist.linalg.distinct import equal_columns, equal_rows, first_of
from wlra_dist.linalg.modular import PRIME, leading_columns, residues

EPS = float(np.finfo(float).eps)

FAR = 2.0**-10
"""A sample that is so far from rank r ends the search: the whole is as far, or next to it."""

SIDE = 256
"""Rows and columns of the sample: what is far is told in some thousandths of a second."""


def nearness(W: np.ndarray, r: int) -> float:
    """An η such that some V of rank ≤ r has |W − V| ≤ η·W entrywise, W ≥ 0 (n×d); 0 if rank(W) ≤ r, ∞ if none is found.

    Of few different rows or columns, and of small integers, it is exact.
    """
    core = W[first_of(equal_rows(W))][:, first_of(equal_columns(W))].astype(float)
    if min(core.shape) <= r or integers_of_rank(core, r):
        return 0.0
    if core.size > SIDE**2 and eliminated(balanced(_sample(core)), r) > FAR:
        return np.inf
    return eliminated(balanced(core), r)


def _sample(W: np.ndarray) -> np.ndarray:
    """At most SIDE×SIDE entries, evenly from all of W."""
    n, d = W.shape
    return W[:: -(-n // SIDE), :: -(-d // SIDE)]


def integers_of_rank(W: np.ndarray, r: int) -> bool:
    """Whether W holds integers so small that its rank modulo a prime proves rank(W) ≤ r.

    A minor of order r + 1 is at most (√(r + 1)·max W)^(r + 1) (Hadamard), so below the prime; it is 0 if it is so
    modulo the prime.
    """
    largest = max(float(W.max(initial=0.0)), 1.0)
    if (r + 1) * np.log2(np.sqrt(r + 1) * largest) >= np.log2(PRIME) or not np.array_equal(W, np.rint(W)):
        return False
    return len(leading_columns(residues(W), r + 1)) <= r


def balanced(W: np.ndarray) -> np.ndarray:
    """W with rows, then columns multiplied by powers of two, so that their largest entries are in [1/2, 1)."""
    rows = np.frexp(W.max(axis=1, keepdims=True))[1]
    scaled = np.ldexp(W, -rows)
    return np.ldexp(scaled, -np.frexp(scaled.max(axis=0))[1])


def eliminated(W: np.ndarray, r: int) -> float:
    """η for the V that r steps of Gaussian elimination with complete pivoting leave W − V of.

    V is a sum of r products, each computed to two roundings and added with one; so the true W − V is what is left to
    that, and to the sum of the products' sizes times r + 2 roundings.
    """
    left, sizes, product = W.copy(), np.zeros_like(W), np.empty_like(W)
    for _ in range(r):
        p, q = np.unravel_index(np.abs(left, out=product).argmax(), left.shape)
        if left[p, q] == 0:
            break
        np.multiply.outer(left[:, q] / left[p, q], left[p], out=product)
        left -= product
        sizes += np.abs(product, out=product)
    off = np.abs(left, out=left)
    off += np.multiply(np.add(sizes, W, out=sizes), (r + 2) * EPS, out=sizes)
    if off[W == 0].any():
        return np.inf
    return float(np.divide(off, W, out=off, where=W > 0).max())
