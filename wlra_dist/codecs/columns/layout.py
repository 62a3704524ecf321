"""The entries of chosen columns that count, column by column: what every code of integer columns works on."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from wlra_dist.linalg.matrix import Matrix, dense
from wlra_dist.weights import Weights


@dataclass(frozen=True, eq=False)
class Layout:
    """The support of W on the columns S of a block, as one row of places; all of it public once S is known."""

    W: Weights
    S: np.ndarray

    @cached_property
    def support(self) -> np.ndarray:
        """Where W is not 0 (bool, n×c)."""
        return self.W.dense(self.S) > 0

    @cached_property
    def sizes(self) -> np.ndarray:
        """How many places each column has."""
        return self.support.sum(axis=0)

    @property
    def places(self) -> int:
        return int(self.sizes.sum())

    @cached_property
    def depth(self) -> np.ndarray:
        """For each place, which one of its column it is: 0, 1, 2, …"""
        starts = np.cumsum(self.sizes) - self.sizes
        return np.arange(self.places) - np.repeat(starts, self.sizes)

    @cached_property
    def cells(self) -> list[np.ndarray]:
        """The chosen columns by equal weights, as indices into S."""
        groups = self.W.groups[self.S]
        return [np.flatnonzero(groups == group) for group in np.unique(groups)]

    def starts(self, columns: np.ndarray) -> np.ndarray:
        """The first place of each of these columns."""
        return (np.cumsum(self.sizes) - self.sizes)[columns]

    def pick(self, C: Matrix) -> np.ndarray:
        """The entries at all places, as integers."""
        return np.rint(dense(C).T[self.support.T]).astype(np.int64)

    def put(self, values: np.ndarray, *, sparse: bool) -> Matrix:
        """C with these entries at all places and 0 elsewhere (n×c floats)."""
        if sparse:
            from scipy.sparse import csc_array

            columns, rows = np.nonzero(self.support.T)
            filled = np.flatnonzero(values)
            return csc_array((values[filled].astype(float), (rows[filled], columns[filled])), shape=self.support.shape)
        C = np.zeros(self.support.shape)
        C.T[self.support.T] = values
        return C
