"""Columns of a matrix that lies in a file, without the rest of it in memory.

A file in row order is read through in blocks of rows of which only the wanted columns are kept: reading it
whole takes two to three times the file's size, and a memory map leaves every page that was touched with the
process.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import BinaryIO, Protocol

import numpy as np

from wlra_dist.errors import InputError
from wlra_dist.linalg.matrix import Matrix, dense

READ_AT_ONCE = 2**22
"""Bytes; less pays for system calls, more for cache misses."""


class Stored(Protocol):
    """A matrix in a file."""

    @property
    def name(self) -> str:
        """The file, and the array in it: for messages."""
        ...

    @property
    def shape(self) -> tuple[int, int]: ...

    @property
    def sparse(self) -> bool:
        """Whether it is kept as its nonzeros."""
        ...

    @property
    def wide_integers(self) -> bool:
        """Whether an entry may be an integer that has no exact double."""
        ...

    def columns(self, chosen: np.ndarray) -> Matrix:
        """These columns: float32 or float64 in C order, or a csc_array; InputError if the file fails."""
        ...

    def rows(self, run: slice, chosen: np.ndarray) -> np.ndarray | None:
        """A run of rows of these columns; None where the file has to be read from its beginning."""
        ...

    def own(self, i: int, j: int) -> str:
        """The entry in row i and column j, from 0, as the file has it: a double may have lost digits."""
        ...


@dataclass(frozen=True, eq=False)
class Whole:
    """A matrix that is read whole, once, and kept: of a text, or of parts that have no columns to seek.

    Args:
        name: for messages.
        shape: n, d.
        wide_integers: whether an entry may be an integer that has no exact double.
        load: reads it: float64 in C order, or canonical csc without zeros; InputError if the file fails.
        entry: see `Stored.own`.
        sparse: whether it is csc.
    """

    name: str
    shape: tuple[int, int]
    wide_integers: bool
    load: Callable[[], Matrix]
    entry: Callable[[int, int], str]
    sparse: bool

    @cached_property
    def content(self) -> Matrix:
        return self.load()

    def columns(self, chosen: np.ndarray) -> Matrix:
        block = self.content[:, as_slice(chosen)]
        return np.ascontiguousarray(block) if isinstance(block, np.ndarray) else block

    def rows(self, run: slice, chosen: np.ndarray) -> np.ndarray | None:
        return None if self.sparse else dense(self.content)[run, as_slice(chosen)]

    def own(self, i: int, j: int) -> str:
        return self.entry(i, j)


@dataclass(frozen=True)
class ArrayInFile:
    """Numbers that follow one another, from `offset` in what `open` opens.

    Args:
        name: for messages.
        open: the file, or a member of an archive.
        offset: bytes before the first number.
        dtype: of real numbers.
        shape: n, d.
        by_columns: Fortran order.
        bfloat16: the numbers are the upper halves of float32's; dtype is uint16.
        direct: whether `open` finds any place at once, as nothing is packed.
    """

    name: str
    open: Callable[[], AbstractContextManager[BinaryIO]]
    offset: int
    dtype: np.dtype
    shape: tuple[int, int]
    by_columns: bool = False
    bfloat16: bool = False
    direct: bool = False

    @property
    def sparse(self) -> bool:
        return False

    @property
    def wide_integers(self) -> bool:
        return wide(self.dtype)

    @property
    def nbytes(self) -> int:
        return self.shape[0] * self.shape[1] * self.dtype.itemsize

    def columns(self, chosen: np.ndarray) -> np.ndarray:
        return self._read(slice(0, self.shape[0]), chosen)

    def rows(self, run: slice, chosen: np.ndarray) -> np.ndarray | None:
        return self._read(run, chosen) if self.direct else None

    def _read(self, run: slice, chosen: np.ndarray) -> np.ndarray:
        block = np.empty((run.stop - run.start, len(chosen)), dtype=self.floats)
        with self.open() as stream:
            (self.fill_by_columns if self.by_columns else self.fill_by_rows)(block, run.start, chosen, stream)
        return block

    def own(self, i: int, j: int) -> str:
        place = j * self.shape[0] + i if self.by_columns else i * self.shape[1] + j
        with self.open() as stream:
            stream.seek(self.offset + place * self.dtype.itemsize)
            number = self.numbers(stream, bytearray(self.dtype.itemsize), 1)
        return str(self.widen(number)[0])

    @property
    def floats(self) -> type[np.floating]:
        """float32 for what fits in it exactly, float64 otherwise."""
        return np.float32 if self.bfloat16 else floats_for(self.dtype)

    def fill_by_rows(self, block: np.ndarray, first: int, chosen: np.ndarray, stream: BinaryIO) -> None:
        n, d = len(block), self.shape[1]
        height = max(1, READ_AT_ONCE // (d * self.dtype.itemsize))
        wanted = as_slice(chosen)
        stream.seek(self.offset + first * d * self.dtype.itemsize)
        buffer = bytearray(min(n, height) * d * self.dtype.itemsize)
        for start in range(0, n, height):
            rows = self.numbers(stream, buffer, min(height, n - start) * d).reshape(-1, d)
            block[start : start + height] = self.widen(rows[:, wanted])

    def fill_by_columns(self, block: np.ndarray, first: int, chosen: np.ndarray, stream: BinaryIO) -> None:
        buffer = bytearray(len(block) * self.dtype.itemsize)
        for at, j in enumerate(chosen.tolist()):
            stream.seek(self.offset + (j * self.shape[0] + first) * self.dtype.itemsize)
            block[:, at] = self.widen(self.numbers(stream, buffer, len(block)))

    def numbers(self, stream: BinaryIO, buffer: bytearray, count: int) -> np.ndarray:
        """The next `count` numbers; they stay valid until the buffer's next use."""
        wanted = memoryview(buffer)[: count * self.dtype.itemsize]
        have = 0
        while have < len(wanted):
            got = stream.readinto(wanted[have:])  # type: ignore[attr-defined]  # typeshed's BinaryIO lacks it
            if not got:
                raise InputError(f"{self.name} ends before its last number: it is truncated, write it anew")
            have += got
        return np.frombuffer(wanted, self.dtype)

    def widen(self, raw: np.ndarray) -> np.ndarray:
        return (raw.astype(np.uint32) << 16).view(np.float32) if self.bfloat16 else raw


def wide(dtype: np.dtype) -> bool:
    """Whether numbers of this type may have no exact double."""
    return dtype.kind in "iu" and dtype.itemsize == 8


def floats_for(dtype: np.dtype) -> type[np.floating]:
    """float32 for floats that fit in it exactly, float64 otherwise."""
    return np.float32 if dtype.kind == "f" and dtype.itemsize <= 4 else np.float64


def as_slice(chosen: np.ndarray) -> np.ndarray | slice:
    """A run of columns as a slice, which numpy copies several times faster."""
    if len(chosen) and np.all(np.diff(chosen) == 1):
        return slice(int(chosen[0]), int(chosen[-1]) + 1)
    return chosen
