"""Tensors as matrices: rows are outputs, columns are inputs; of convolutions there are two ways.

Way 0 has the first axis as rows and all others as columns, as inputs and `torch.nn.Unfold` have it. Way 1, for three
axes or more, moves the first spatial axis to the rows: (out·kh, in·kw), of lower rank where kernels are separable.
"""

from math import prod

import numpy as np

LEAST = 513
"""Entries from which on a tensor is worth a matrix."""

LEAST_SIDE = 2
"""Rows and columns of what is taken for a matrix; fewer have no low rank to find."""


def is_matrix(shape: tuple[int, ...]) -> bool:
    """Whether a tensor of this shape may be approximated as a matrix."""
    return len(shape) >= 2 and prod(shape) >= LEAST and min(matrix_shape(shape, 0)) >= LEAST_SIDE


def ways(shape: tuple[int, ...]) -> tuple[int, ...]:
    return (0, 1) if len(shape) > 2 and shape[2] > 1 else (0,)


def matrix_shape(shape: tuple[int, ...], way: int) -> tuple[int, int]:
    rows = shape[0] * (shape[2] if way else 1)
    return rows, prod(shape) // max(1, rows)


def as_matrix(array: np.ndarray, way: int) -> np.ndarray:
    """A tensor as a matrix."""
    moved = np.moveaxis(array, 2, 1) if way else array
    return moved.reshape(matrix_shape(array.shape, way))


def as_tensor(matrix: np.ndarray, shape: tuple[int, ...], way: int) -> np.ndarray:
    """The tensor of this shape that the matrix is."""
    if not way:
        return matrix.reshape(shape)
    return np.moveaxis(matrix.reshape(shape[0], shape[2], shape[1], *shape[3:]), 1, 2)
