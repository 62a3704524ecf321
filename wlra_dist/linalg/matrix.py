"""What a block of columns is held as."""

from typing import TYPE_CHECKING, TypeAlias, Union

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csc_array

Matrix: TypeAlias = Union[np.ndarray, "csc_array"]
"""A block of A or of B = W∘A: a dense array or scipy.sparse columns."""
