"""Weights of low rank, kept as their two factors."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from wlra_dist.inputs.brief import brief
from wlra_dist.inputs.given import given_dense


@dataclass(frozen=True, eq=False)
class LowRankWeights:
    """W = U V, both nonnegative so that W is.

    Parameters
    ----------
    U
        n×r.
    V
        r×d.
    """

    U: np.ndarray
    V: np.ndarray

    def __post_init__(self) -> None:
        for name in "UV":
            object.__setattr__(self, name, given_dense(getattr(self, name), name))

    def __repr__(self) -> str:
        return brief(self)

    @property
    def shape(self) -> tuple[int, int]:
        return self.U.shape[0], self.V.shape[1]

    @property
    def rank(self) -> int:
        return min(self.U.shape[1], *self.shape)

    def block(self, columns: slice | np.ndarray) -> "LowRankWeights":
        return LowRankWeights(self.U, self.V[:, columns])

    def rows(self, rows: np.ndarray) -> "LowRankWeights":
        return LowRankWeights(self.U[rows], self.V)

    def dense(self, columns: np.ndarray | slice) -> np.ndarray:
        # a sum of outer products, not a GEMM: an entry then has the same bits whichever columns are asked for
        V = self.V[:, columns].astype(float)
        W = np.zeros((len(self.U), V.shape[1]))
        for u, v in zip(self.U.T, V, strict=True):
            W += np.multiply.outer(u, v)
        return W

    def entries(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        W = np.zeros(len(rows))
        for u, v in zip(self.U.T, self.V.astype(float), strict=True):  # summed as in `dense`
            W += u[rows] * v[columns]
        return W

    @property
    def groups(self) -> np.ndarray:
        """Columns with equal columns of V."""
        return self._groups

    @cached_property
    def _groups(self) -> np.ndarray:
        return np.unique(self.V, axis=1, return_inverse=True)[1].ravel()

    def square_factors(self) -> tuple[np.ndarray, np.ndarray]:
        """The products of two columns of U, and of two rows of V: r(r+1)/2 of each."""
        p, q = np.triu_indices(self.U.shape[1])
        twice = np.where(p == q, 1.0, 2.0)
        return twice * self.U[:, p] * self.U[:, q], self.V[p] * self.V[q]
