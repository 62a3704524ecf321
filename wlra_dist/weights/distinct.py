"""Equal rows and equal columns of a matrix: numbered by first occurrence, found exactly, piece by piece.

Rows are told apart by their bytes in a dictionary, no hash of ours: equal numbers are equal bytes once −0 is made 0. A
wide matrix is looked at in runs of columns, each of which splits the groups found so far.
"""

from collections.abc import Hashable, Iterable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from wlra_dist.linalg.blocks import dense_columns, runs, shape_of
from wlra_dist.linalg.matrix import Matrix, is_sparse

if TYPE_CHECKING:
    from wlra_dist.weights import Weights


def equal_rows(B: Matrix) -> np.ndarray:
    """The group of each row (n): rows of one group are equal in every entry, rows of two are not."""
    n, d = shape_of(B)
    if is_sparse(B):
        return _equal_slices(B.T.tocsc())
    return _refined((dense_columns(B, run) for run in runs(d, n)), n)


def equal_columns(B: Matrix) -> np.ndarray:
    """The group of each column (d)."""
    n, d = shape_of(B)
    if is_sparse(B):
        return _equal_slices(B)
    return _refined((np.ascontiguousarray(dense_columns(B[run], slice(None)).T) for run in runs(n, d)), d)


def equal_weights(W: "Weights") -> tuple[np.ndarray, np.ndarray]:
    """The groups of the rows of W (n) and of its columns (d), without forming more than a piece of it."""
    n, d = W.shape
    rows = _refined((W.dense(run) for run in runs(d, n)), n)
    first = first_of(rows)
    tall = W.rows(first)  # rows that are equal tell columns apart no better than one of them
    pieces = (tall.rows(np.arange(len(first))[run]).dense(slice(None)).T for run in runs(len(first), d))
    return rows, _refined(pieces, d)


def both(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The groups of what is alike in both."""
    return _numbered(zip(one.tolist(), other.tolist(), strict=True), len(one))


def in_order(B: Matrix) -> np.ndarray:
    """An order of the columns (d) that rests on what they are and not on where they stand."""
    keys = list(_keys(B))
    return np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.int64)


def first_of(groups: np.ndarray) -> np.ndarray:
    """The first member of each group."""
    return np.unique(groups, return_index=True)[1]


def _refined(pieces: Iterable[np.ndarray], size: int) -> np.ndarray:
    """The groups of `size` rows that come in pieces side by side."""
    groups = np.zeros(size, dtype=np.int64)
    for piece in pieces:
        whole = np.ascontiguousarray(piece + 0.0)  # −0 + 0 = 0
        groups = _numbered(zip(groups.tolist(), (row.tobytes() for row in whole), strict=True), size)
    return groups


def _equal_slices(B: Matrix) -> np.ndarray:
    """The groups of the columns of a sparse matrix."""
    return _numbered(_keys(B), shape_of(B)[1])


def _keys(B: Matrix) -> Iterator[bytes]:
    """What each column is: its entries, or of a sparse one the rows and values of its nonzeros."""
    if not is_sparse(B):
        columns = dense_columns(B.T, slice(None)) + 0.0  # −0 + 0 = 0
        yield from (column.tobytes() for column in columns)
        return
    nonzeros = B.copy()
    nonzeros.eliminate_zeros()
    nonzeros.sort_indices()
    for start, stop in pairwise(nonzeros.indptr.tolist()):
        rows, values = nonzeros.indices[start:stop], nonzeros.data[start:stop]
        yield rows.astype(np.int64).tobytes() + values.astype(float).tobytes()


def _numbered(keys: Iterable[Hashable], size: int) -> np.ndarray:
    """The number of each key, counted by first occurrence."""
    numbers: dict[Hashable, int] = {}
    return np.fromiter((numbers.setdefault(key, len(numbers)) for key in keys), dtype=np.int64, count=size)
