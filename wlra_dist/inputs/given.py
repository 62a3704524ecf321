"""What people bring as a matrix, an array or a rank, as this package computes with it: the border that all faces share.

Only types are looked at here, not what the entries say. Numbers keep their values to the last digit, or are refused by
name. Tensors, frames and sparse matrices are known by their methods, so that nothing is imported to tell them.
"""

from collections.abc import Callable
from operator import index
from typing import TYPE_CHECKING, Any, TypeAlias, Union

import numpy as np

from wlra_dist.errors import InputError

if TYPE_CHECKING:
    from scipy.sparse import csc_array

Given: TypeAlias = Union[np.ndarray, "csc_array"]
"""A dense array or scipy.sparse columns, of floats."""

EXACT = 2**53
"""Integers beyond this have no exact double."""

REAL_KINDS = "biuf"

WEIGHTS_REMEDY = "|W| has the same loss, and the weight 0 leaves an entry out"
"""What to try where an entry of W is negative or not finite: the loss is of W∘W."""

Counts: TypeAlias = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""counts(i, j): whether the entries at these rows and columns exist."""

LARGEST_DENSE = 2**28
"""Entries of a sparse matrix that is made dense, 2 GiB in float64."""

CHECKED_AT_ONCE = 2**20
"""Entries."""


def given_matrix(M: Any, name: str, counts: Counts | None = None) -> Given:
    """M (n×d) as a dense array, or as a csc_array if it is sparse, in float32 or float64.

    A memory map of numbers stays one, in its own type. An entry that does not count may be any number. InputError names
    what is no matrix of real numbers.
    """
    if hasattr(M, "tocsc"):
        return _sparse(M, name)
    array = given_array(M, name, counts)
    if array.ndim != 2:
        raise InputError(f"expected {name} as a matrix with rows and columns, found the shape {array.shape}")
    return array


def given_finite(M: Any, name: str) -> Given:
    """M (n×d) as `given_matrix`; InputError that names the first entry that is not finite."""
    matrix: Any = given_matrix(M, name)
    places = matrix.tocoo() if hasattr(matrix, "tocoo") else None
    values = matrix if places is None else places.data
    wrong = ~np.isfinite(values)
    if wrong.any():
        i, j = np.argwhere(wrong)[0] if places is None else np.stack(places.coords)[:, wrong][:, 0]
        found = f"found {values[wrong][0]} in row {i}, column {j} (from 0)"
        raise InputError(f"expected finite numbers in {name}, {found}: set or leave out what is missing")
    return matrix


def given_dense(M: Any, name: str, counts: Counts | None = None) -> np.ndarray:
    """M (n×d) as `given_matrix`, a sparse one made dense; InputError where that is too large."""
    matrix = given_matrix(M, name, counts)
    if isinstance(matrix, np.ndarray):
        return matrix
    n, d = matrix.shape  # pyright: ignore[reportGeneralTypeIssues]  # scipy's types leave it open
    if n * d > LARGEST_DENSE:
        expected = f"at most {LARGEST_DENSE} entries in {name}, which is made dense here"
        raise InputError(f"expected {expected}, found {n}×{d}: `wlra-dist run` leaves it sparse")
    return matrix.toarray(order="C")


def given_array(M: Any, name: str, counts: Counts | None = None) -> np.ndarray:
    """The numbers of M, of any shape; see `given_matrix`."""
    if M is None:
        raise InputError(f"expected real numbers in {name}, found None: give an array")
    try:
        array = _array(M)
    except (TypeError, ValueError, RuntimeError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"expected real numbers in {name}, found {type(M).__name__} ({reason})") from error
    return floats(array, name, counts)


def _sparse(M: Any, name: str) -> Any:
    """M as canonical columns; the caller's own matrix stays as it is."""
    from scipy.sparse import csc_array

    if len(M.shape) != 2:
        raise InputError(f"expected {name} as a matrix with rows and columns, found the shape {M.shape}")
    require_real(M.dtype, name)
    made: Any = csc_array  # scipy's types leave much open
    columns = M if isinstance(M, made) else made(M.tocsc())
    if columns.has_canonical_format and columns.dtype in (np.float32, np.float64):
        return columns
    if not columns.has_canonical_format:
        columns = columns.copy()
        columns.sum_duplicates()
    return made((floats(columns.data, f"the values of {name}"), columns.indices, columns.indptr), columns.shape)


def given_integer(value: Any, name: str, least: int = 1) -> int:
    """The integer that `value` is; InputError for what is none, such as True, and for less than `least`."""
    integer = integer_of(value)
    if integer is None or integer < least:
        raise InputError(f"expected {name} as an integer of at least {least}, found {value!r}")
    return integer


def integer_of(value: Any) -> int | None:
    """The integer that `value` is, of any integer type; None for others, and for a yes or no."""
    try:
        return None if isinstance(value, bool | np.bool_) else index(value)
    except TypeError:
        return None


def floats(array: np.ndarray, name: str, counts: Counts | None = None) -> np.ndarray:
    """The same numbers in float32, if they are floats that it holds exactly, else in float64."""
    dtype = array.dtype
    require_real(dtype, name)
    require_exact(array, name, counts)
    if isinstance(array, np.memmap) and dtype.kind in "iuf":
        return array
    small = dtype.kind not in "biu" and dtype.itemsize <= 4
    return array.astype(np.float32 if small else np.float64, copy=False)


def require_real(dtype: np.dtype, name: str) -> None:
    """InputError unless these are real numbers of at most 64 bits; ml_dtypes' short ones are."""
    if dtype.kind in REAL_KINDS and dtype.itemsize <= 8:
        return
    if dtype.fields is None and np.can_cast(dtype, np.float32):
        return
    remedy = {"c": "take its real part", "V": "its bytes do not say which"}.get(dtype.kind, "convert it, astype(float)")
    raise InputError(f"expected real numbers of at most 64 bits in {name}, found {dtype}: {remedy}")


def require_exact(array: np.ndarray, name: str, counts: Counts | None = None) -> None:
    """InputError that names the first integer which counts and which no float64 tells from its neighbours."""
    if array.dtype.kind not in "iu" or array.dtype.itemsize < 8:
        return
    rows = np.atleast_1d(array)
    height = max(1, CHECKED_AT_ONCE * len(rows) // max(1, rows.size))
    for start in range(0, len(rows), height):
        piece = rows[start : start + height]
        i, *others = np.nonzero((piece >= EXACT) | (piece <= -EXACT))
        wrong = np.stack([start + i, *others], axis=1)
        if counts and len(wrong):
            wrong = wrong[counts(*wrong.T)]
        if len(wrong):
            place = tuple(wrong[0].tolist())
            expected = f"an absolute value of at most {EXACT - 1}, which float64 holds exactly"
            where = f"at ({', '.join(map(str, place))}) of {name}"
            raise InputError(f"expected {expected}, {where}, found {rows[place]}: divide all by a power of two")


def _array(M: Any) -> np.ndarray:
    """M as an array in whatever type it has."""
    if isinstance(M, np.ndarray):
        return M if isinstance(M, np.memmap) else np.asarray(M)
    if hasattr(M, "detach"):
        return _tensor(M.detach())
    return _frame(M) if hasattr(M, "to_numpy") else np.asarray(M)


def _tensor(tensor: Any) -> np.ndarray:
    """A tensor's numbers; numpy has no bfloat16, and torch widens it exactly."""
    widened = any(kind in str(tensor.dtype) for kind in ("bfloat16", "float8"))
    return (tensor.float() if widened else tensor).numpy()


def _frame(frame: Any) -> np.ndarray:
    """A frame, column by column, since one type for all may lose digits; or a series."""
    if hasattr(frame, "columns") and hasattr(frame, "items"):
        return np.column_stack([floats(_frame(column), f"column {label!r}") for label, column in frame.items()])
    array = frame.to_numpy()
    if array.dtype == object and getattr(frame.dtype, "kind", "O") in REAL_KINDS:
        return frame.to_numpy(dtype=float, na_value=np.nan)  # of a nullable type
    return array
