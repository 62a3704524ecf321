"""Families of instances for the tests of what is claimed: each from a seed, A and W as plain arrays."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from wlra_dist.instances import Columns, Instance, Share
from wlra_dist.weights import DenseWeights, LowRankWeights, Weights

Family: TypeAlias = Callable[[np.random.Generator], "Given"]


@dataclass(frozen=True, eq=False)
class Given:
    """A and W (n×d), and what the problem says of them.

    Attributes:
        r: the rank that W is said to have, rightly or not.
        factors: U and V with W = UV, where its structure proves its rank.
    """

    A: np.ndarray
    W: np.ndarray
    k: int
    r: int
    integer: bool = False
    factors: tuple[np.ndarray, np.ndarray] | None = None

    @property
    def weights(self) -> Weights:
        if self.factors is None:
            return DenseWeights(self.W, claimed_rank=self.r)
        return LowRankWeights(*self.factors)

    def open(self, share: Share) -> Instance:  # noqa: ARG002  nothing is made
        def block(columns: Columns) -> np.ndarray:
            return np.ascontiguousarray(self.A[:, columns])

        bound = int(np.abs(self.A[self.W > 0]).max(initial=1)) if self.integer else None
        return Instance(self.A.shape, self.k, self.r, self.weights, block, self.integer, bound)


def masks(rng: np.random.Generator) -> Given:
    """Matrix completion: rank k and noise, seen here and there; the rank of W is claimed, mostly wrongly."""
    n, d, k = _sizes(rng)
    W = (rng.random((n, d)) < rng.uniform(0.2, 0.98)) * 1.0
    return Given(_low_rank(rng, n, d, k), W, k, _claim(rng, W))


def parts(rng: np.random.Generator) -> Given:
    """A block-diagonal W of rank r, with rows and columns that nobody weighs."""
    n, d, k = _sizes(rng)
    r = int(rng.integers(1, min(n, d, 4) + 1))
    U, V = (np.eye(r)[rng.integers(0, r, size)] * (rng.random((size, 1)) < 0.9) for size in (n, d))
    return Given(_low_rank(rng, n, d, k), U @ V.T, k, r, factors=(U, np.ascontiguousarray(V.T)))


def near_rank(rng: np.random.Generator) -> Given:
    """W and A a little off a low rank, each by a noise of its own size or none."""
    n, d, k = _sizes(rng)
    r = int(rng.integers(1, min(n, d, 4) + 1))
    W = (0.1 + rng.random((n, r))) @ (0.1 + rng.random((r, d)))
    W *= 1 + 10.0 ** rng.integers(-17, -3) * rng.standard_normal((n, d)) * rng.integers(0, 2)
    A = _low_rank(rng, n, d, k, 10.0 ** rng.integers(-14, 0))
    return Given(A, W, k, r)


def few_kinds(rng: np.random.Generator) -> Given:
    """Integers with few kinds of rows and columns, in A and W alike or in one of them."""
    n, d, k = _sizes(rng)
    (rows, columns), many = rng.integers(1, 4, 2), rng.integers(0, 2)
    A = rng.integers(-5, 6, (n, d)) if many else _kinds(rng, rng.integers(-5, 6, (rows, columns)), n, d)
    W = _kinds(rng, rng.integers(0, 4, (rows, columns)), n, d) * 1.0
    return Given(A * 1.0, W, k, int(min(rows, columns, n, d)), integer=True)


def outliers(rng: np.random.Generator) -> Given:
    """A few entries, columns or weights that dwarf all others."""
    n, d, k = _sizes(rng)
    A = _low_rank(rng, n, d, k)
    A[rng.integers(0, n, 3), rng.integers(0, d, 3)] *= 10.0 ** rng.integers(1, 8)
    A[:, rng.integers(0, d)] *= 10.0 ** rng.integers(-6, 7)
    U, V = np.exp(rng.standard_normal((n, 1))), np.exp(2 * rng.standard_normal((1, d)))
    return Given(A, U @ V, k, 1, factors=(U, V))


def thirty_orders(rng: np.random.Generator) -> Given:
    """Entries and weights from 1e-15 to 1e15, a tenth of the weights 0."""
    n, d, k = _sizes(rng)
    A = rng.standard_normal((n, d)) * 10.0 ** rng.uniform(-15, 15, (n, d))
    W = 10.0 ** rng.uniform(-15, 15, (n, d)) * (rng.random((n, d)) < 0.9)
    return Given(A, W, k, _claim(rng, W))


def zeros(rng: np.random.Generator) -> Given:
    """Rows, columns and a block of zeros in A and in W, or nothing else."""
    n, d, k = _sizes(rng)
    A, W = _low_rank(rng, n, d, k), rng.random((n, 1)) @ rng.random((1, d))
    for M in (A, W):
        M[rng.random(n) < 0.3] = 0
        M[:, rng.random(d) < 0.3] = 0
        M[: rng.integers(0, n + 1), : rng.integers(0, d + 1)] = 0
    return Given(A, W, k, int(rng.integers(1, min(3, n, d) + 1)))


def spectra(rng: np.random.Generator) -> Given:
    """W = 1, so that OPT is a tail: singular values that fall slowly, steeply, or at once."""
    n, d = (int(size) for size in rng.integers([60, 40], [200, 260]))
    k, order = int(rng.integers(1, 6)), np.arange(1.0, min(n, d) + 1)
    sigma = [order ** -rng.uniform(0.2, 2), rng.uniform(0.6, 0.99) ** order, np.where(order <= k, 10, 0.3)][
        rng.integers(3)
    ]
    U, V = (np.linalg.qr(rng.standard_normal((size, len(order))))[0] for size in (n, d))
    return Given(U * sigma @ V.T, np.ones((n, d)), k, 1, factors=(np.ones((n, 1)), np.ones((1, d))))


FAMILIES: dict[str, Family] = {
    "masks": masks,
    "parts": parts,
    "near rank": near_rank,
    "few kinds": few_kinds,
    "outliers": outliers,
    "30 orders": thirty_orders,
    "zeros": zeros,
    "spectra": spectra,
}


def _sizes(rng: np.random.Generator) -> tuple[int, int, int]:
    n, d = (int(size) for size in rng.integers(3, 19, 2))
    return n, d, int(rng.integers(1, min(4, n, d)))


def _claim(rng: np.random.Generator, W: np.ndarray) -> int:
    """The rank that W has, or any small one."""
    return int(rng.choice([1, 2, min(W.shape), max(1, np.linalg.matrix_rank(W))])) if min(W.shape) > 1 else 1


def _low_rank(rng: np.random.Generator, n: int, d: int, k: int, noise: float = 0.1) -> np.ndarray:
    scale = 10.0 ** rng.integers(-3, 4)
    A = rng.standard_normal((n, k)) @ rng.standard_normal((k, d))
    return scale * (A + noise * rng.integers(0, 2) * rng.standard_normal((n, d)))


def _kinds(rng: np.random.Generator, table: np.ndarray, n: int, d: int) -> np.ndarray:
    return table[np.ix_(rng.integers(0, len(table), n), rng.integers(0, table.shape[1], d))]
