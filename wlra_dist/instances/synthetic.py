"""Low rank plus noise, dense or with sparse columns, under weights of any rank.

The numbers are sums and products of uniform draws, taken column by column: no logarithm and no matrix
product, whose last bits differ between machines and between block widths.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from wlra_dist.instances.instance import Instance, Share, require_ranks, run
from wlra_dist.instances.streams import Purpose, stream
from wlra_dist.options import Noise, Rank, Seed, Size
from wlra_dist.weights import BlockMask, LowRankWeights, Matrix, Weights

LARGEST_BASE = 3
"""Integer base vectors have entries −3 … 3 without 0."""

LARGEST_COEFFICIENT = 2
"""Integer columns combine base vectors with coefficients −2 … 2."""

LARGEST_WEIGHT = 3
"""Weights of low rank have factors with entries 1, 2, 3."""

MEMBERS = 2
"""Base vectors that share a support when columns are sparse."""


@dataclass(frozen=True)
class Synthetic:
    """On supp(W), A is a matrix of rank `rank` plus noise; off supp(W) it is zero.

    Dense (s is None): every column combines all `rank` base vectors, and noise is on every row.

    Sparse: base vectors form groups of two, and a group shares one support of about 2s/3 rows. A column
    draws a group, combines its members, and has noise on that support and on further rows of its own, s rows
    in all.

    Under a mask a base vector has such a support in every diagonal block, and a column lies in its own
    block's rows.

    Args:
        n, d: rows and columns.
        k: target rank.
        r: rank of W.
        s: nonzeros a column may have; None for dense columns.
        integer: small integers (base −3 … 3, coefficients −2 … 2); else uniform in [−1, 1).
        noise: half-width of the uniform noise; in an integer game the chance that an entry is off by one.
        weights: "low_rank" is W = UV with U, V ∈ {1, 2, 3}; "mask" is r diagonal blocks of n/r × d/r ones;
            "ones" is W = 1, where r = 1.
        rank: rank of the noiseless A; k if not given.
        seed: of A and W.
    """

    n: Size
    d: Size
    k: Rank
    r: Rank = 1
    s: Size | None = None
    integer: bool = False
    noise: Noise = 0.01
    weights: Literal["low_rank", "mask", "ones"] = "low_rank"
    rank: Rank | None = None
    seed: Seed = 0

    def __post_init__(self) -> None:
        require_ranks(self.k, self.r, self.n, self.d)
        if self.weights == "ones" and self.r != 1:
            raise ValueError(f'weights = "ones" have rank 1, but r = {self.r}')
        if self.weights == "mask" and (self.n % self.r or self.d % self.r):
            raise ValueError(
                f"a mask needs r to divide n and d, but r = {self.r}, n = {self.n}, d = {self.d}"
            )
        if self.s is not None and self.s > self.height:
            raise ValueError(f"s = {self.s} nonzeros do not fit in the {self.height} rows of supp(W)")
        if self.integer and self.noise > 1:
            raise ValueError(f"in an integer game noise is a probability, but noise = {self.noise}")

    def open(self, share: Share) -> Instance:  # noqa: ARG002  each process draws its own columns
        return Instance(
            shape=(self.n, self.d),
            k=self.k,
            r=self.r,
            weights=self.W,
            block=self.block,
            integer=self.integer,
            bound=self.bound if self.integer else None,
            sparsity=self.height if self.s is None else self.s,
        )

    @property
    def blocks(self) -> int:
        """The diagonal blocks of supp(W)."""
        return self.r if self.weights == "mask" else 1

    @property
    def height(self) -> int:
        """The rows of supp(W) in a column."""
        return self.n // self.blocks

    @property
    def bound(self) -> int:
        """The largest |A_ij| that an integer game can have."""
        return self.members * LARGEST_BASE * LARGEST_COEFFICIENT + (self.noise > 0)

    @property
    def W(self) -> Weights:
        if self.weights != "low_rank":
            return BlockMask(self.n, self.blocks, self.d // self.blocks, 0, self.d)
        rng = stream(self.seed, Purpose.WEIGHTS)
        U = rng.integers(1, LARGEST_WEIGHT + 1, (self.n, self.r))
        V = rng.integers(1, LARGEST_WEIGHT + 1, (self.r, self.d))
        return LowRankWeights(U.astype(float), V.astype(float))

    def block(self, columns: slice) -> Matrix:
        """These columns of A; csc if s is given."""
        chosen = run(columns, self.d)
        return self.dense_block(chosen) if self.s is None else self.sparse_block(chosen)

    def dense_block(self, chosen: range) -> np.ndarray:
        block = np.zeros((self.n, len(chosen)))
        for at, j in enumerate(chosen):
            rows, values = self.column(j)
            block[rows, at] = values
        return block

    def sparse_block(self, chosen: range) -> Matrix:
        from scipy.sparse import csc_array

        drawn = [self.column(j) for j in chosen]
        indices = np.concatenate([rows for rows, _ in drawn] or [np.zeros(0, dtype=np.int64)])
        values = np.concatenate([values for _, values in drawn] or [np.zeros(0)])
        starts = np.cumsum([0] + [len(rows) for rows, _ in drawn])
        block = csc_array((values, indices, starts), shape=(self.n, len(chosen)))
        block.eliminate_zeros()
        block.sort_indices()
        return block

    def column(self, j: int) -> tuple[np.ndarray, np.ndarray]:
        """The rows and values of column j of A."""
        rng = stream(self.seed, Purpose.COLUMN, j)
        block = j * self.blocks // self.d
        rows, base = self.bases[block * self.groups + int(rng.integers(self.groups))]
        signal = combine(base, self.uniform(rng, LARGEST_COEFFICIENT, len(base)))
        rows = np.concatenate([rows, self.further(rows, rng)])
        values = self.noise_on(len(rows), rng)
        values[: len(signal)] += signal
        return block * self.height + rows, values

    @property
    def members(self) -> int:
        """The base vectors of a group, those that a column combines."""
        rank = self.rank or self.k
        return rank if self.s is None else min(MEMBERS, rank)

    @property
    def groups(self) -> int:
        return -(-(self.rank or self.k) // self.members)

    @cached_property
    def bases(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """For each diagonal block and group: the support (sorted rows) and the base vectors on it."""
        return [self.base(index) for index in range(self.blocks * self.groups)]

    def base(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        rng = stream(self.seed, Purpose.BASE, index)
        size = self.height if self.s is None else max(1, 2 * self.s // 3)
        rows = np.sort(rng.choice(self.height, size, replace=False))
        # the last group is smaller where two do not divide the rank
        members = min(self.members, (self.rank or self.k) - index % self.groups * self.members)
        base = self.uniform(rng, LARGEST_BASE, (members, size))
        return rows, np.where(base == 0, 1, base) if self.integer else base

    def further(self, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Random rows outside the sorted `rows`, as many as are missing to s."""
        free = self.height - len(rows)
        chosen = rng.choice(free, (self.s or self.height) - len(rows), replace=False, shuffle=False)
        # the t-th row that is not in `rows` comes after t others and all of `rows` that lie before it
        return chosen + np.searchsorted(rows - np.arange(len(rows)), chosen, side="right")

    def noise_on(self, count: int, rng: np.random.Generator) -> np.ndarray:
        if not self.integer:
            return rng.uniform(-self.noise, self.noise, count)
        draw = rng.random(count)
        return np.where(draw < self.noise, np.where(draw < self.noise / 2, 1.0, -1.0), 0.0)

    def uniform(self, rng: np.random.Generator, largest: int, shape: int | tuple[int, int]) -> np.ndarray:
        """Uniform integers up to ±largest, or reals in [−1, 1)."""
        return rng.integers(-largest, largest + 1, shape) * 1.0 if self.integer else rng.uniform(-1, 1, shape)


def combine(base: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
    """Σ_b coefficients_b · base_b, summed in order: a GEMV would round differently on another machine."""
    signal = np.zeros(base.shape[1])
    for coefficient, vector in zip(coefficients, base, strict=True):
        signal += coefficient * vector
    return signal
