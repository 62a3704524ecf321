"""The block-diagonal mask of the lower bound (Woodruff & Yasuda, Def 3.2)."""

from dataclasses import dataclass

import numpy as np

from wlra_dist.inputs.brief import brief


@dataclass(frozen=True, eq=False)
class BlockMask:
    """W ∈ {0,1}^{n×d}: ones where a row and a column belong to the same block, zeros elsewhere.

    Any rows and columns of a mask are a mask. Def 3.2 is `square`.

    Parameters
    ----------
    row_blocks
        For each row the block that it belongs to (n).
    column_blocks
        For each column (d).
    """

    row_blocks: np.ndarray
    column_blocks: np.ndarray

    @classmethod
    def square(cls, n: int, r: int) -> "BlockMask":
        """The n×n mask of Def 3.2: r diagonal blocks; r divides n."""
        return cls.even(n, n, r)

    @classmethod
    def even(cls, n: int, d: int, r: int) -> "BlockMask":
        """The n×d mask of r diagonal blocks as even as can be: ⌊d/r⌋ or ⌈d/r⌉ wide, and as high if r divides n."""
        return cls(np.arange(n) * r // n, np.arange(d) * r // d)

    @classmethod
    def wide(cls, n: int, r: int, width: int, d: int, first: int = 0) -> "BlockMask":
        """Columns first … first + d − 1 of the mask of r diagonal blocks that are n/r high and `width` wide."""
        return cls(np.arange(n) * r // n, (first + np.arange(d)) // width)

    def __repr__(self) -> str:
        return brief(self)

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.row_blocks), len(self.column_blocks)

    @property
    def rank(self) -> int:
        """The number of blocks that the columns belong to."""
        return len(np.unique(self.column_blocks))

    @property
    def sides(self) -> list[tuple[int, int]]:
        """The rows and the columns of each block that has columns."""
        blocks, widths = np.unique(self.column_blocks, return_counts=True)
        rows = np.sort(self.row_blocks)
        heights = np.searchsorted(rows, blocks, "right") - np.searchsorted(rows, blocks, "left")
        return list(zip(heights.tolist(), widths.tolist(), strict=True))

    def block(self, columns: slice | np.ndarray) -> "BlockMask":
        return BlockMask(self.row_blocks, self.column_blocks[columns])

    def rows(self, rows: np.ndarray) -> "BlockMask":
        return BlockMask(self.row_blocks[rows], self.column_blocks)

    def dense(self, columns: np.ndarray | slice) -> np.ndarray:
        return (self.row_blocks[:, None] == self.column_blocks[columns]).astype(float)

    def entries(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        return (self.row_blocks[rows] == self.column_blocks[columns]).astype(float)

    @property
    def groups(self) -> np.ndarray:
        """The block of each column."""
        return self.column_blocks

    def support_sizes(self, columns: np.ndarray | slice) -> np.ndarray:
        """The height of each column's block."""
        rows, blocks = np.sort(self.row_blocks), self.column_blocks[columns]
        return np.searchsorted(rows, blocks, "right") - np.searchsorted(rows, blocks, "left")

    def rows_that_count(self) -> np.ndarray:
        """The rows whose block has columns."""
        return np.flatnonzero(np.isin(self.row_blocks, self.column_blocks))

    def square_factors(self) -> tuple[np.ndarray, np.ndarray]:
        """A column of the mask for each block, and which block each column belongs to."""
        _, first, block = np.unique(self.column_blocks, return_index=True, return_inverse=True)
        return self.dense(first), (np.arange(len(first))[:, None] == block).astype(float)
