"""Low rank plus noise, dense or with sparse columns, under weights of any rank."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from wlra_dist.inputs.numbers import Noise, Rank, Seed, Size
from wlra_dist.instances.instance import Columns, Instance, Share, indices, require_ranks
from wlra_dist.instances.noisy_columns import NoisyColumns
from wlra_dist.instances.patterns import Pattern, patterned
from wlra_dist.instances.streams import Purpose, stream
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.weights import BlockMask, LowRankWeights, Weights

if TYPE_CHECKING:
    from scipy.sparse import csc_array

LARGEST_WEIGHT = 3
"""Weights of low rank have factors with entries 1, 2, 3."""


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
            "ones" is W = 1, where r = 1. Those of `instances.patterns` are rank-one pieces with disjoint supports,
            and what is added to them: "stripes", "stripes+diagonal", "blocks", "staircase", …
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
    weights: Literal["low_rank", "mask", "ones"] | Pattern = "low_rank"
    rank: Rank | None = None
    seed: Seed = 0

    def __post_init__(self) -> None:
        require_ranks(self.k, self.r, self.n, self.d)
        if self.weights == "ones" and self.r != 1:
            raise ValueError(f'weights = "ones" have rank 1, but r = {self.r}')
        if self.weights == "mask" and (self.n % self.r or self.d % self.r):
            raise ValueError(f"a mask needs r to divide n and d, but r = {self.r}, n = {self.n}, d = {self.d}")
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
            bound=self.columns.bound if self.integer else None,
            sparsity=self.s or self.height,
        )

    @property
    def blocks(self) -> int:
        """The diagonal blocks of supp(W)."""
        return self.r if self.weights == "mask" else 1

    @property
    def height(self) -> int:
        """The rows of supp(W) in a column."""
        return self.n // self.blocks

    @cached_property
    def columns(self) -> NoisyColumns:
        rank = self.rank or self.k
        return NoisyColumns(self.height, self.d, self.blocks, rank, self.s, self.integer, self.noise, self.seed)

    @property
    def W(self) -> Weights:
        if self.weights in ("mask", "ones"):
            return BlockMask.wide(self.n, self.blocks, self.d // self.blocks, self.d)
        rng = stream(self.seed, Purpose.WEIGHTS)
        if self.weights != "low_rank":
            return patterned(self.weights, (self.n, self.d), self.r, LARGEST_WEIGHT, rng)
        U = rng.integers(1, LARGEST_WEIGHT + 1, (self.n, self.r))
        V = rng.integers(1, LARGEST_WEIGHT + 1, (self.r, self.d))
        return LowRankWeights(U.astype(float), V.astype(float))

    def block(self, columns: Columns) -> Matrix:
        """These columns of A; csc if s is given."""
        chosen = indices(columns, self.d).tolist()
        return self.dense_block(chosen) if self.s is None else self.sparse_block(chosen)

    def dense_block(self, chosen: list[int]) -> np.ndarray:
        block = np.zeros((self.n, len(chosen)))
        for at, j in enumerate(chosen):
            rows, values = self.columns.column(j)
            block[rows, at] = values
        return block

    def sparse_block(self, chosen: list[int]) -> "csc_array":
        from scipy.sparse import csc_array

        drawn = [self.columns.column(j) for j in chosen]
        indices = np.concatenate([rows for rows, _ in drawn] or [np.zeros(0, dtype=np.int64)])
        values = np.concatenate([values for _, values in drawn] or [np.zeros(0)])
        starts = np.cumsum([0] + [len(rows) for rows, _ in drawn])
        block = csc_array((values, indices, starts), shape=(self.n, len(chosen)))
        block.eliminate_zeros()
        block.sort_indices()
        return block
