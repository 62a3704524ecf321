"""What a file claims about itself, held against the file before anything is allocated.

Nothing here unpickles. A header is believed only where the file's size agrees with it.
"""

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from wlra_dist.errors import InputError
from wlra_dist.inputs.given import require_real
from wlra_dist.instances.files.stored import ArrayInFile

LARGEST_SIDE = 10_000_000
"""Rows or columns."""

LONGEST_REASON = 200
"""Characters."""

DAMAGE = (
    OSError,
    ValueError,
    OverflowError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    zlib.error,
    zipfile.BadZipFile,
)
"""What the libraries raise at damaged files; RuntimeError is zipfile's word for an encrypted member."""


@contextmanager
def readable(file: Path) -> Iterator[None]:
    """Turns what the libraries raise at a damaged file into an InputError."""
    try:
        yield
    except DAMAGE as error:
        if refused := isinstance(error, OSError) and error.strerror:  # by the system: the file itself may be whole
            raise InputError(f"{file} cannot be read: {refused.lower()}; see to permissions and disk") from error
        raise InputError(f"{file} cannot be read: {brief(error)}; write it anew") from error


def brief(error: object) -> str:
    """The beginning of what a library says: zipfile quotes a whole file as the name of a member."""
    reason = " ".join(str(error).split())
    return reason if len(reason) <= LONGEST_REASON else reason[:LONGEST_REASON] + "…"


@contextmanager
def opened(file: Path) -> Iterator[BinaryIO]:
    """The file's bytes, unbuffered: readers take large pieces into memory of their own."""
    with readable(file), file.open("rb", buffering=0) as stream:
        yield cast(BinaryIO, stream)


def choose(file: Path, array: str | None, names: Sequence[str]) -> str:
    """The array that is meant; InputError unless it is there, or is the only one."""
    if array is None and len(names) == 1:
        return names[0]
    if array is None or array not in names:
        asked = f"{len(names)} arrays" if array is None else f"no array {array!r}"
        some = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
        raise InputError(f"{file} holds {asked}: name one of {some or 'none (it is empty)'} as A_name or W_name")
    return array


def refuse_name(file: Path, array: str | None) -> None:
    """InputError if an array is named in a file of one."""
    if array is not None:
        raise InputError(f"{file} holds a single array without a name: leave out the name {array!r}")


def matrix_shape(name: str, shape: Sequence[int]) -> tuple[int, int]:
    """The shape, if it is a nonempty matrix's."""
    if len(shape) != 2 or not all(0 < side <= LARGEST_SIDE for side in shape):
        expected = f"a matrix with 1 to {LARGEST_SIDE} rows and columns"
        raise InputError(f"{name}: expected {expected}, found the shape {tuple(shape)}")
    return shape[0], shape[1]


def believed(matrix: ArrayInFile, size: int) -> ArrayInFile:
    """The matrix, if it is of real numbers and ends where the `size` bytes that hold it end."""
    if matrix.dtype.hasobject:
        raise InputError(f"{matrix.name} holds pickled objects, which may run code: save an array of numbers")
    require_real(matrix.dtype, matrix.name)
    promised = matrix.offset + matrix.nbytes
    if size != promised:
        raise InputError(f"{matrix.name}: its header promises {promised} bytes, found {size}: write it anew")
    return matrix
