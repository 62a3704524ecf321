"""The block-diagonal mask of the lower bound (Woodruff & Yasuda, Def 3.2)."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class BlockMask:
    """W ∈ {0,1}^{n×d}: ones where a row and a column belong to the same of r blocks, zeros elsewhere; rank ≤ r.

    Any columns of a mask are a mask. Def 3.2 is `square`.

    Args:
        n: rows; the r blocks of rows are equally high and lie one below the other.
        r: blocks.
        blocks: for each column the block that it belongs to (d).
    """

    n: int
    r: int
    blocks: np.ndarray

    @classmethod
    def square(cls, n: int, r: int) -> "BlockMask":
        """The n×n mask of Def 3.2; r divides n."""
        return cls.wide(n, r, n // r, n)

    @classmethod
    def wide(cls, n: int, r: int, width: int, d: int, first: int = 0) -> "BlockMask":
        """Columns first … first + d − 1 of the mask whose blocks are `width` columns wide, from left to right."""
        return cls(n, r, (first + np.arange(d)) // width)

    @property
    def shape(self) -> tuple[int, int]:
        return self.n, len(self.blocks)

    @property
    def rank(self) -> int:
        """The number of blocks that these columns belong to."""
        return len(np.unique(self.blocks))

    def block(self, columns: slice | np.ndarray) -> "BlockMask":
        return BlockMask(self.n, self.r, self.blocks[columns])

    def dense(self, columns: np.ndarray | slice) -> np.ndarray:
        return (self._block_of_row[:, None] == self.blocks[columns]).astype(float)

    def entries(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        return (self._block_of_row[rows] == self.blocks[columns]).astype(float)

    @property
    def groups(self) -> np.ndarray:
        """The block of each column."""
        return self.blocks

    @property
    def _block_of_row(self) -> np.ndarray:
        return np.arange(self.n) * self.r // self.n
