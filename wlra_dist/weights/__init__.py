"""Weight matrices W ≥ 0 and their entrywise inverse; where W is 0, so is W^{∘-1}.

W is public: every party knows it. What the game asks of a weight matrix is the `Weights` protocol below; the
structured ones never form n×d numbers unless asked for that many columns.

A class of weights is a file: a frozen dataclass whose fields are arrays, csc_arrays, integers or None, so that a record
can keep it, with all that `Weights` lists. Whatever else is asked of W follows from that. Where the structure of a
class gives an answer faster, the class defines a method of this name, and it is used:

- `support_sizes(columns)`, `support_places(columns)` and `rows_that_count()`: as the functions in `weights.support`;
- `square_factors()`: nonnegative P (n×R) and Q (R×d) with W∘W = PQ, so that R Gram matrices tell those of all rows;
- `in_file = True`: W lies in the file that the instance's options name, and a record keeps that file's SHA-256 alone.
"""

from typing import Protocol

import numpy as np

from wlra_dist.weights.block_mask import BlockMask as BlockMask
from wlra_dist.weights.dense import DenseWeights as DenseWeights
from wlra_dist.weights.low_rank import LowRankWeights as LowRankWeights
from wlra_dist.weights.sparse import SparseWeights as SparseWeights
from wlra_dist.weights.structured.pieces import StructuredWeights as StructuredWeights

WEIGHTS: dict[str, type] = {
    kind.__name__: kind for kind in (BlockMask, DenseWeights, LowRankWeights, SparseWeights, StructuredWeights)
}
"""The types by name, a file each; a plugin's WEIGHTS adds to them."""


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
