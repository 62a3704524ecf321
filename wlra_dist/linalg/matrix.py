"""What a block of columns is held as: a dense array or sparse columns, and what is asked of both alike.

Where an algorithm differs it may ask which of the two it has; who only wants a number or an array asks here.
"""

from typing import TYPE_CHECKING, TypeAlias, Union

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csc_array

Matrix: TypeAlias = Union[np.ndarray, "csc_array"]
"""A block of A or of B = W∘A: a dense array or scipy.sparse columns."""


def dense(M: Matrix) -> np.ndarray:
    """M as an array: itself where it is one."""
    return M if isinstance(M, np.ndarray) else M.toarray()


def stored(M: Matrix) -> int:
    """How many entries M holds: all of a dense one, those in the support of a sparse one."""
    return M.size if isinstance(M, np.ndarray) else M.nnz


def nonzeros(M: Matrix) -> int:
    """How many entries are not 0 (dense), or are held (sparse)."""
    return int(np.count_nonzero(M)) if isinstance(M, np.ndarray) else int(M.nnz)
