"""An input on which combinations of few columns of A cannot be good: K/ε of them are needed, and in the end enough."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import numpy as np
from annotated_types import Interval

from wlra_dist.inputs.numbers import Rank, Size
from wlra_dist.instances.instance import Columns, Instance, Share, indices
from wlra_dist.weights import BlockMask

if TYPE_CHECKING:
    from scipy.sparse import csc_array

Height = Annotated[float, Interval(ge=1.0, le=1e6)]


@dataclass(frozen=True)
class SharedRow:
    """rk diagonal blocks of t columns (g; e_j), k in each block of the mask W.

    Columns of a block agree in one large entry g, where they must be right, and differ in one place each. OPT is
    rk(t − 1): one direction a block. Let the output be a combination of c columns of each (Cor 1.3). A column that is
    not among them loses 1 + g²/(cg² + 1) or more, about 1 + 1/c, and all together lose (1+ε)·OPT or less only from
    c ≈ 1/ε on, if t is far above 1/ε². That says nothing of other outputs: the directions themselves lose OPT alone.

    Args:
        t: columns of a block.
        r: blocks of the mask, the rank of W.
        k: target rank.
        g: the entry that a block's columns share.
    """

    t: Size
    r: Rank = 1
    k: Rank = 1
    g: Height = 1000.0

    def __post_init__(self) -> None:
        if self.t < 2:
            raise ValueError(f"a block needs t ≥ 2 columns that differ, but t = {self.t}")

    def open(self, share: Share) -> Instance:  # noqa: ARG002  each process makes its own columns
        K = self.r * self.k
        n, d = K * (self.t + 1), K * self.t
        return Instance(
            shape=(n, d), k=self.k, r=self.r, weights=BlockMask.even(n, d, self.r), block=self.block, sparsity=2,
            facts={"OPT": K * (self.t - 1)},
        )  # fmt: skip

    def block(self, columns: Columns) -> "csc_array":
        """These columns of A."""
        from scipy.sparse import csc_array

        K = self.r * self.k
        chosen = indices(columns, K * self.t)
        top, place = chosen // self.t * (self.t + 1), chosen % self.t + 1
        rows = np.stack([top, top + place], axis=1).ravel()
        values = np.tile([self.g, 1.0], len(chosen))
        return csc_array((values, rows, 2 * np.arange(len(chosen) + 1)), shape=(K * (self.t + 1), len(chosen)))

    def loss(self, c: float) -> float:
        """What combinations of c columns a block lose at least, over OPT; convex in c, so c may be a mean."""
        return (self.t - c) * (1 + self.g**2 / (c * self.g**2 + 1)) / (self.t - 1)

    def columns_for(self, epsilon: float) -> int:
        """The fewest columns of A, of all blocks together, whose combinations lose (1+ε)·OPT or less."""
        K, low, high = self.r * self.k, 0, self.r * self.k * self.t
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if self.loss(middle / K) <= 1 + epsilon else (middle + 1, high)
        return low
