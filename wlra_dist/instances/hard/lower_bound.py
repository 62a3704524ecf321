"""The instance of the communication lower bound (Woodruff & Yasuda, Thm 1.5), and what else its proof is good for."""

from dataclasses import dataclass
from math import inf
from typing import Annotated, Literal

import numpy as np
from annotated_types import Interval

from wlra_dist.inputs.numbers import Rank, Seed, Size
from wlra_dist.instances.family import Family
from wlra_dist.instances.hard.drawn import Bits, Chain, Drawn, Scattered
from wlra_dist.instances.hard.written import Written, even_corners
from wlra_dist.instances.instance import Instance, Share
from wlra_dist.weights import BlockMask, LowRankWeights, Weights

LARGEST_SIDE = 10_000_000
"""Rows or columns."""

Padding = Annotated[int, Interval(ge=1, le=1000)]
Chance = Annotated[float, Interval(ge=0.0, le=1.0)]
Magnitude = Annotated[int, Interval(ge=1, le=2**20)]


@dataclass(frozen=True)
class LowerBound:
    """W has r diagonal blocks; what is written into the first k columns of each of them must be told whole.

    Blocks are n/r high and about d/r wide, so that k or fewer columns of each are written on, s·min(rk, d)
    entries in all; the rest of A is 0. The parties get W∘A: the theorem's A repeats the blocks' k columns in every
    block, so that one block's columns would give all away. Under the mask of Def 3.2, OPT is 0.

    Args:
        s: nonzeros a column may have.
        r: diagonal blocks, the rank of W.
        k: target rank.
        pad: n/r = pad·max(s, k).
        seed: of what is written.
        n: rows, if they are stated in place of pad; blocks are ⌊n/r⌋ high or one more.
        d: columns; n if not given.
        inputs: "bits" are uniform in {0, 1} on the first s rows of a block (Thm 1.5: N = s·min(rk, d)). Those of
            "chain" repeat the one to their left. "scattered" are any s nonzeros or fewer, of ±1 … ±magnitude, on any
            rows of the block.
        repeat: the probability that a bit of a chain is that of the column to its left, or 0 in the first one.
        magnitude: M, of scattered numbers.
        weight: if given, W is positive: this on the blocks and 1 elsewhere, where A is 0. OPT need not be 0 then.
    """

    s: Size
    r: Rank
    k: Rank
    pad: Padding = 1
    seed: Seed = 0
    n: Size | None = None
    d: Size | None = None
    inputs: Literal["bits", "chain", "scattered"] = "bits"
    repeat: Chance = 0.9
    magnitude: Magnitude = 1
    weight: Magnitude | None = None

    def __post_init__(self) -> None:
        if self.height > LARGEST_SIDE:
            raise ValueError(f"n = {self.height}{'' if self.n else ' = r·pad·max(s, k)'} is more than {LARGEST_SIDE}")
        if self.n and self.pad > 1:
            raise ValueError(f"n = {self.n} and pad = {self.pad} both say how high blocks are: state one of them")
        if self.side < max(self.s, self.k):
            raise ValueError(f"s = {self.s} and k = {self.k} must be at most n/r, but n = {self.n} and r = {self.r}")
        if self.magnitude > 1 and self.inputs != "scattered":
            raise ValueError(f'magnitude = {self.magnitude} is of inputs = "scattered", but inputs = "{self.inputs}"')

    @property
    def side(self) -> int:
        """⌊n/r⌋, the rows of a diagonal block."""
        return self.n // self.r if self.n else self.pad * max(self.s, self.k)

    @property
    def height(self) -> int:
        """n."""
        return self.n or self.r * self.side

    @property
    def width(self) -> int:
        """d."""
        return self.d or self.height

    @property
    def columns(self) -> int:
        """The columns that are written on: k of each block, or as many as there are."""
        return min(self.r * self.k, self.width)

    @property
    def family(self) -> Family:
        entropy, choices = self.drawn.entropy * self.columns, self.drawn.choices * self.columns
        return Family(entropy, choices, self.kappa)

    @property
    def kappa(self) -> float:
        """D²/(4(r − 1)‖A‖²), at least: a wrong entry loses D²/4 or more, and OPT is at most (r − 1)‖A‖².

        That is what the theorem's A loses off the blocks, where it repeats each number up to r − 1 times.
        """
        if self.weight is None or self.r == 1:
            return inf
        return self.weight**2 / (4 * (self.r - 1) * self.s * self.columns * self.magnitude**2)

    @property
    def drawn(self) -> Drawn:
        match self.inputs:
            case "bits":
                return Bits(self.s, self.seed)
            case "chain":
                return Chain(self.s, self.seed, self.repeat)
            case "scattered":
                return Scattered(self.s, self.seed, self.side, self.magnitude)

    @property
    def weights(self) -> Weights:
        mask = BlockMask.even(self.height, self.width, self.r)
        if self.weight is None:
            return mask
        blocks = np.arange(self.r)
        U = np.where(mask.row_blocks[:, None] == blocks, float(self.weight), 1.0)
        return LowRankWeights(U, (mask.column_blocks == blocks[:, None]).astype(float))

    def open(self, share: Share) -> Instance:  # noqa: ARG002  each process draws its own columns
        shape, drawn, weights = (self.height, self.width), self.drawn, self.weights
        written = Written(shape, even_corners(*shape, self.r, drawn.height, self.k), drawn.column)
        return Instance(
            shape=shape,
            k=self.k,
            r=weights.rank,
            weights=weights,
            block=written.block,
            integer=True,
            bound=self.magnitude,
            sparsity=self.s,
            family=self.family,
            facts=self.family.facts(),
            check=written.check,
        )
