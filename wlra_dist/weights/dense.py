"""Weights given entry by entry."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True, eq=False)
class DenseWeights:
    """W as an n×d array of nonnegative numbers.

    Args:
        W: the array; also a memory map.
        claimed_rank: the r of the problem. A Fisher matrix has full rank by the letter and rank 1 to 3 in
            spirit; what the claim is worth is for the certificate to say.
    """

    W: np.ndarray
    claimed_rank: int | None = None

    @property
    def shape(self) -> tuple[int, int]:
        n, d = self.W.shape
        return n, d

    @cached_property
    def rank(self) -> int:
        """rank(W) up to rounding: singular values below max(n, d)·eps·σ_1 count as zero."""
        return int(np.linalg.matrix_rank(np.asarray(self.W, dtype=float)))

    def block(self, columns: slice) -> "DenseWeights":
        return DenseWeights(self.W[:, columns])

    def dense(self, columns: np.ndarray | slice) -> np.ndarray:
        return np.asarray(self.W[:, columns], dtype=float)
