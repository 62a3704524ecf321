"""Weight matrices W ≥ 0 and their entrywise inverse; where W is 0, so is W^{∘-1}.

W is public: every party knows it. What the game asks of a weight matrix is the `Weights` protocol below; the
structured ones never form n×d numbers unless asked for that many columns.
"""

from typing import Protocol

import numpy as np

from wlra_dist.weights.block_mask import BlockMask as BlockMask
from wlra_dist.weights.dense import DenseWeights as DenseWeights
from wlra_dist.weights.low_rank import LowRankWeights as LowRankWeights
from wlra_dist.weights.sparse import SparseWeights as SparseWeights


class Weights(Protocol):
    """W ∈ R^{n×d}, W ≥ 0."""

    @property
    def shape(self) -> tuple[int, int]: ...

    @property
    def rank(self) -> int:
        """An upper bound on rank(W) that the structure of W proves."""
        ...

    def block(self, columns: slice | np.ndarray) -> "Weights":
        """The weights of some columns (n×|columns|)."""
        ...

    def rows(self, rows: np.ndarray) -> "Weights":
        """The weights of some rows (|rows|×d)."""
        ...

    def dense(self, columns: np.ndarray | slice) -> np.ndarray:
        """W on these columns, as an n×|columns| array of floats."""
        ...

    def entries(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """W at the pairs (rows[t], columns[t]); the same bits as in `dense`."""
        ...

    @property
    def groups(self) -> np.ndarray:
        """A number for each column, the same for columns that W's structure makes equal."""
        ...
