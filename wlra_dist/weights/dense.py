"""Weights given entry by entry."""

from dataclasses import dataclass

import numpy as np

from wlra_dist.inputs.brief import brief
from wlra_dist.inputs.given import given_dense


@dataclass(frozen=True, eq=False)
class DenseWeights:
    """W as an n×d array of nonnegative numbers.

    Parameters
    ----------
    W
        The array, also a memory map, or what `wlra_dist.inputs.given` makes one of.
    claimed_rank
        The r of the problem. A Fisher matrix has full rank by the letter and rank 1 to 3 in
        spirit; what the claim is worth is for the certificate to say.
    """

    W: np.ndarray
    claimed_rank: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "W", given_dense(self.W, "W"))

    def __repr__(self) -> str:
        return brief(self)

    @property
    def shape(self) -> tuple[int, int]:
        n, d = self.W.shape
        return n, d

    @property
    def rank(self) -> int:
        """min(n, d): what singular values say of the rank is no proof where A may be large as W is small."""
        return min(self.shape)

    def block(self, columns: slice | np.ndarray) -> "DenseWeights":
        return DenseWeights(self.W[:, columns])

    def rows(self, rows: np.ndarray) -> "DenseWeights":
        return DenseWeights(self.W[rows])

    def dense(self, columns: np.ndarray | slice) -> np.ndarray:
        return np.asarray(self.W[:, columns], dtype=float)

    def entries(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        return np.asarray(self.W[rows, columns], dtype=float)

    @property
    def groups(self) -> np.ndarray:
        """Every column for itself: nothing is known of them."""
        return np.arange(self.shape[1])
