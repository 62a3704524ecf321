"""A past the border, without a copy of it: scaled by a power of two, and 0 where the weights are."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from wlra_dist.linalg.rows.rows import mapped_rows
from wlra_dist.weights import Weights
from wlra_dist.weights.weighted_rows import weight_rows


@dataclass(frozen=True, eq=False)
class Bordered:
    """M·2^power where `support` is not 0, and 0 elsewhere: formed for the rows or the columns that are asked for.

    Attributes:
        M: n×d; also a memory map.
        power: of two.
        dtype: float32 or float64.
        support: n×d; None where nothing is to become 0.
    """

    M: np.ndarray
    power: int
    dtype: np.dtype
    support: Weights | None = None

    @property
    def shape(self) -> tuple[int, int]:
        n, d = self.M.shape
        return n, d

    @property
    def ndim(self) -> int:
        return 2

    @property
    def size(self) -> int:
        return self.M.size

    def __len__(self) -> int:
        return len(self.M)

    def __getitem__(self, index: Any) -> np.ndarray:
        """As of an array: M[rows], M[:, columns], or where all of M counts M[rows, columns]."""
        if isinstance(index, slice):
            piece = mapped_rows(self.M, index)
            weights = None if self.support is None else weight_rows(self.support, index)
        else:
            piece = self.M[index]
            weights = None if self.support is None else _weights_at(self.support, index)
        formed = np.array(piece, dtype=self.dtype)
        if weights is not None:
            np.copyto(formed, 0, where=weights == 0)
        if self.power:
            np.ldexp(formed, self.power, out=formed)
        return formed

    def __array__(self, dtype: np.dtype | None = None, copy: bool | None = None) -> np.ndarray:
        """All of it, for those who keep it."""
        return self[:].astype(dtype or self.dtype, copy=False)


def _weights_at(W: Weights, index: Any) -> np.ndarray:
    if isinstance(index, tuple):
        rows, columns = index
        return W.dense(columns)[rows]
    return W.rows(index).dense(slice(None))
