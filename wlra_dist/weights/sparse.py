"""Weights that are mostly 0, such as the mask of what was observed: their nonzeros alone are kept."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from wlra_dist.inputs.brief import brief
from wlra_dist.inputs.given import given_matrix

if TYPE_CHECKING:
    from scipy.sparse import csc_array


@dataclass(frozen=True, eq=False)
class SparseWeights:
    """W as its nonzeros, column by column.

    Parameters
    ----------
    W
        n×d, a sparse matrix of any format; kept as a canonical csc_array.
    claimed_rank
        The r of the problem; what the claim is worth is for the certificate to say.
    """

    W: "csc_array"
    claimed_rank: int | None = None

    in_file: ClassVar[bool] = True

    def __post_init__(self) -> None:
        from scipy.sparse import csc_array

        W: Any = csc_array(given_matrix(self.W, "W"))
        if not W.data.all():
            W = W.copy()
            W.eliminate_zeros()
        object.__setattr__(self, "W", W)

    def __repr__(self) -> str:
        return brief(self)

    @property
    def shape(self) -> tuple[int, int]:
        n, d = self.W.shape  # pyright: ignore[reportGeneralTypeIssues]  # scipy's types leave it open
        return n, d

    @property
    def rank(self) -> int:
        """The number of rows or of columns that are not 0, whichever is less."""
        return min(len(np.unique(self.W.indices)), int(np.count_nonzero(np.diff(self.W.indptr))))

    def block(self, columns: slice | np.ndarray) -> "SparseWeights":
        return SparseWeights(self.W[:, columns], self.claimed_rank)

    def rows(self, rows: np.ndarray) -> "SparseWeights":
        return SparseWeights(self._by_rows[rows], self.claimed_rank)

    @cached_property
    def _by_rows(self) -> Any:
        return self.W.tocsr()

    def dense(self, columns: np.ndarray | slice) -> np.ndarray:
        return np.asarray(self.W[:, columns].toarray(order="C"), dtype=float)

    def entries(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        rows, columns = np.broadcast_arrays(rows, columns)
        if not rows.size:
            return np.zeros(rows.shape)
        found: Any = self.W[rows.ravel(), columns.ravel()]
        return np.asarray(found.toarray() if hasattr(found, "toarray") else found, dtype=float).reshape(rows.shape)

    @property
    def groups(self) -> np.ndarray:
        """Every column for itself: nothing is known of them."""
        return np.arange(self.shape[1])

    def support_sizes(self, columns: np.ndarray | slice) -> np.ndarray:
        """The stored nonzeros of each column."""
        return np.diff(self.W[:, columns].indptr)

    def support_places(self, columns: np.ndarray | slice) -> tuple[np.ndarray, np.ndarray]:
        """Rows and columns (of these, from 0) of the stored nonzeros, column by column."""
        chosen = self.W[:, columns]
        return chosen.indices, np.repeat(np.arange(len(chosen.indptr) - 1), np.diff(chosen.indptr))

    def rows_that_count(self) -> np.ndarray:
        """The rows with a stored nonzero."""
        return np.unique(self.W.indices)
