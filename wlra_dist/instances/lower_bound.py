"""The instance of the communication lower bound (Woodruff & Yasuda, Thm 1.5)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from annotated_types import Interval

from wlra_dist.instances.instance import Columns, Entries, Instance, Share, indices
from wlra_dist.instances.streams import Purpose, stream
from wlra_dist.options import Rank, Seed, Size
from wlra_dist.weights import BlockMask

if TYPE_CHECKING:
    from scipy.sparse import csc_array

LARGEST_SIDE = 10_000_000

Padding = Annotated[int, Interval(ge=1, le=1000)]


@dataclass(frozen=True)
class LowerBound:
    """W is the block-diagonal mask of Def 3.2; A_dense ∈ {0,1}^{sr×k} is uniform and must be told whole.

    Each of the r diagonal blocks holds its s rows of A_dense in the top left corner, and zeros elsewhere.
    The parties get W∘A: the theorem's A repeats A_pad in every block, so that one block's columns would give
    all away. OPT is 0, and N = srk is the entropy of A_dense in bits.

    Args:
        s: nonzeros a column may have.
        r: diagonal blocks, the rank of W.
        k: target rank.
        pad: n/r = pad·max(s, k).
        seed: of A_dense.
    """

    s: Size
    r: Rank
    k: Rank
    pad: Padding = 1
    seed: Seed = 0

    def __post_init__(self) -> None:
        if self.n > LARGEST_SIDE:
            raise ValueError(f"n = r·pad·max(s, k) = {self.n} is more than {LARGEST_SIDE}")

    @property
    def side(self) -> int:
        """n/r, the side of a diagonal block."""
        return self.pad * max(self.s, self.k)

    @property
    def n(self) -> int:
        return self.r * self.side

    @property
    def N(self) -> int:
        """The bits of A_dense."""
        return self.s * self.r * self.k

    def open(self, share: Share) -> Instance:  # noqa: ARG002  each process draws its own columns
        return Instance(
            shape=(self.n, self.n),
            k=self.k,
            r=self.r,
            weights=BlockMask.square(self.n, self.r),
            block=self.block,
            integer=True,
            bound=1,
            sparsity=self.s,
            facts={"N": self.N},
            check=self.check,
        )

    def block(self, columns: Columns) -> "csc_array":
        """These columns of W∘A."""
        from scipy.sparse import csc_array

        chosen = indices(columns, self.n)
        counts = np.zeros(len(chosen) + 1, dtype=np.int64)
        rows = [np.zeros(0, dtype=np.int64)]
        for at in np.flatnonzero(chosen % self.side < self.k):  # the first k of each diagonal block carry A_dense
            j = int(chosen[at])
            rows.append(j // self.side * self.side + np.flatnonzero(self.bits(j)))
            counts[at + 1] = len(rows[-1])
        filled = np.concatenate(rows)
        return csc_array((np.ones(len(filled)), filled, counts.cumsum()), shape=(self.n, len(chosen)))

    def bits(self, j: int) -> np.ndarray:
        """The s entries of A_dense in column j of A."""
        return stream(self.seed, Purpose.COLUMN, j).integers(0, 2, self.s)

    def check(self, entries: Entries) -> dict[str, Any]:
        """Decodes A_dense from an output, as the theorem's proof does, and compares."""
        return {"decoded": all(self.decodes(block, entries) for block in range(self.r)), "N": self.N}

    def decodes(self, block: int, entries: Entries) -> bool:
        """Whether rounding the output gives back this block's s×k part of A_dense."""
        corner = block * self.side
        columns = range(corner, corner + self.k)
        i, j = np.indices((self.s, self.k)) + corner
        truth = np.stack([self.bits(column) for column in columns], axis=1)
        return bool(np.array_equal(np.rint(entries(i.ravel(), j.ravel())), truth.ravel()))
