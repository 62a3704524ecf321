"""The block-diagonal mask of the lower bound (Woodruff & Yasuda, Def 3.2)."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class BlockMask:
    """W ∈ {0,1}^{n×d}: r diagonal blocks of ones, zeros elsewhere; rank r.

    Columns `first … first + d − 1` of the mask whose blocks are n/r rows by `width` columns, so that a run of
    columns of a mask is one too. Def 3.2 is the case n = d, width = n/r, first = 0.
    """

    n: int
    r: int
    width: int
    first: int
    d: int

    @classmethod
    def square(cls, n: int, r: int) -> "BlockMask":
        """The n×n mask of Def 3.2; r divides n."""
        return cls(n, r, n // r, 0, n)

    @property
    def shape(self) -> tuple[int, int]:
        return self.n, self.d

    @property
    def rank(self) -> int:
        """The number of diagonal blocks that these columns meet."""
        return (self.first + self.d - 1) // self.width - self.first // self.width + 1 if self.d else 0

    def block(self, columns: slice) -> "BlockMask":
        start, stop, _ = columns.indices(self.d)
        return BlockMask(self.n, self.r, self.width, self.first + start, max(0, stop - start))

    def dense(self, columns: np.ndarray | slice) -> np.ndarray:
        return (self._block_of_row[:, None] == self.groups[columns]).astype(float)

    def entries(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        return (self._block_of_row[rows] == self.groups[columns]).astype(float)

    @property
    def groups(self) -> np.ndarray:
        """The diagonal block that each column meets."""
        return (self.first + np.arange(self.d)) // self.width

    @property
    def _block_of_row(self) -> np.ndarray:
        return np.arange(self.n) * self.r // self.n
