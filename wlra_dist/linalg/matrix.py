"""What a block of columns is held as: a dense array or sparse columns, and what is asked of both alike.

Where an algorithm differs it may ask which of the two it has; who only wants a number or an array asks here.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias, Union

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csc_array

Matrix: TypeAlias = Union[np.ndarray, "csc_array"]
"""A block of A or of B = W∘A: a dense array or scipy.sparse columns."""


def dense(M: Matrix) -> np.ndarray:
    """M as an array: itself where it is one."""
    return M if isinstance(M, np.ndarray) else M.toarray()


def entries(M: Matrix) -> np.ndarray:
    """The numbers that M holds: itself where it is an array, else those of its support, column by column."""
    return M if isinstance(M, np.ndarray) else M.data


def arrays_of(M: Matrix) -> list[np.ndarray]:
    """The arrays that M is made of."""
    return [M] if isinstance(M, np.ndarray) else [M.data, M.indices, M.indptr]


def squared(M: Matrix) -> Matrix:
    """M∘M, as sparse as M is."""
    return M * M if isinstance(M, np.ndarray) else M.multiply(M).tocsc()


def side_by_side(blocks: Sequence[Matrix]) -> Matrix:
    """[M_1 … M_m]: an array if all of them are."""
    arrays = [block for block in blocks if isinstance(block, np.ndarray)]
    if len(arrays) == len(blocks):
        return np.hstack(arrays)
    from scipy.sparse import csc_array, hstack

    return csc_array(hstack([csc_array(block) for block in blocks]))


def stored(M: Matrix) -> int:
    """How many entries M holds: all of a dense one, those in the support of a sparse one."""
    return M.size if isinstance(M, np.ndarray) else M.nnz


def nonzeros(M: Matrix) -> int:
    """How many entries are not 0 (dense), or are held (sparse)."""
    return int(np.count_nonzero(M)) if isinstance(M, np.ndarray) else int(M.nnz)
