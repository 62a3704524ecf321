"""What a block of columns is held as: a dense array, sparse columns, or not at all; and what is asked of all alike.

Where an algorithm differs it may ask which of them it has; who only wants a number or an array asks here.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias, Union

import numpy as np

from wlra_dist.linalg.on_demand import OnDemand

if TYPE_CHECKING:
    from scipy.sparse import csc_array
    from typing_extensions import TypeIs

Matrix: TypeAlias = Union[np.ndarray, "csc_array", OnDemand]
"""A block of A or of B = W∘A: a dense array, scipy.sparse columns, or rows and columns that are formed on demand."""


def is_sparse(M: Matrix) -> "TypeIs[csc_array]":
    """Whether M is kept as its nonzeros."""
    return not isinstance(M, np.ndarray | OnDemand)


def dense(M: Matrix) -> np.ndarray:
    """M as an array: itself where it is one."""
    return M if isinstance(M, np.ndarray) else M.toarray() if is_sparse(M) else M[:]


def entries(M: Matrix) -> np.ndarray:
    """The numbers of M: those of its support, column by column, where it is sparse."""
    return M.data if is_sparse(M) else dense(M)


def arrays_of(M: Matrix) -> list[np.ndarray]:
    """The arrays that M is made of."""
    return [M.data, M.indices, M.indptr] if is_sparse(M) else [dense(M)]


def columns_of(M: Matrix, columns: np.ndarray) -> Matrix:
    """M[:, columns], still on demand where M is."""
    return M.within(columns) if isinstance(M, OnDemand) else M[:, columns]


def squared(M: Matrix) -> Matrix:
    """M∘M, as sparse as M is."""
    return M.multiply(M).tocsc() if is_sparse(M) else np.square(dense(M))


def side_by_side(blocks: Sequence[Matrix]) -> Matrix:
    """[M_1 … M_m]: an array if all of them are."""
    arrays = [block for block in blocks if isinstance(block, np.ndarray)]
    if len(arrays) == len(blocks):
        return np.hstack(arrays)
    from scipy.sparse import csc_array, hstack

    return csc_array(hstack([csc_array(block) for block in blocks]))


def stored(M: Matrix) -> int:
    """How many entries M has: all of a dense one, those in the support of a sparse one."""
    return M.nnz if is_sparse(M) else M.size


def nonzeros(M: Matrix) -> int:
    """How many entries are not 0 (dense), or are held (sparse)."""
    return int(M.nnz) if is_sparse(M) else int(np.count_nonzero(dense(M)))
