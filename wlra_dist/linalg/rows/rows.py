"""A matrix that is looked at a few rows at a time: B = W∘A is never formed whole.

A piece stays in the cache from the moment it is formed until every product that wants it is done, so a sweep
(Y = BV and Z = BᵀY) reads memory once. Pages of a memory map are given back as soon as they are used: they would
count as the process's memory until it ends.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from mmap import ALLOCATIONGRANULARITY, MADV_DONTNEED, mmap
from typing import Protocol

import numpy as np

FLOAT32, FLOAT64 = np.dtype(np.float32), np.dtype(np.float64)

FAINT = 2.0**-64
"""Energies below this are made of squares that float32 may have lost; 1/FAINT may have been too much for it."""

CACHED = 2**19
"""Bytes of a piece: half of a small second-level cache."""


class Rows(Protocol):
    """B (n×d), read from top to bottom."""

    @property
    def shape(self) -> tuple[int, int]: ...

    @property
    def dtype(self) -> np.dtype:
        """float32 or float64: what is computed in."""
        ...

    @property
    def T(self) -> "Rows":
        """Bᵀ."""
        ...

    def typed(self, dtype: np.dtype) -> "Rows":
        """B computed in this type."""
        ...

    def rows(self, run: slice) -> np.ndarray:
        """B[run], not to be written to."""
        ...


class Formed(Rows, Protocol):
    """B that can be formed by columns as well."""

    def typed(self, dtype: np.dtype) -> "Formed": ...

    def columns(self, run: slice) -> np.ndarray:
        """B[:, run], not to be written to."""
        ...


@dataclass(frozen=True, eq=False)
class Transposed:
    """Bᵀ, formed piece by piece."""

    T: Formed

    @property
    def shape(self) -> tuple[int, int]:
        n, d = self.T.shape
        return d, n

    @property
    def dtype(self) -> np.dtype:
        return self.T.dtype

    def typed(self, dtype: np.dtype) -> "Transposed":
        return Transposed(self.T.typed(dtype))

    def rows(self, run: slice) -> np.ndarray:
        return self.T.columns(run).T


@dataclass(frozen=True, eq=False)
class ArrayRows:
    """A as it is."""

    A: np.ndarray
    dtype: np.dtype

    @property
    def shape(self) -> tuple[int, int]:
        n, d = self.A.shape
        return n, d

    @property
    def T(self) -> "Transposed":
        return Transposed(self)

    def typed(self, dtype: np.dtype) -> "ArrayRows":
        return ArrayRows(self.A, dtype)

    def rows(self, run: slice) -> np.ndarray:
        return mapped_rows(self.A, run).astype(self.dtype, copy=False)

    def columns(self, run: slice) -> np.ndarray:
        return self.A[:, run].astype(self.dtype, copy=False)


def plain(A: np.ndarray) -> ArrayRows:
    """A, in float32 if that is its type, else in float64."""
    return ArrayRows(A, computed_in(A))


def computed_in(A: np.ndarray) -> np.dtype:
    """float32 for float32, float64 for all else."""
    return FLOAT32 if A.dtype == np.float32 else FLOAT64


def pieces(B: Rows, least: int = 1, within: slice | None = None) -> Iterator[tuple[slice, np.ndarray]]:
    """(run, B[run]) from top to bottom, of these rows only, in pieces that fit in the cache or of `least` rows."""
    n, d = B.shape
    first, last = (within.start, within.stop) if within else (0, n)
    for run in row_runs(last - first, d, B.dtype.itemsize, least):
        rows = slice(first + run.start, first + run.stop)
        yield rows, B.rows(rows)


def row_runs(n: int, d: int, itemsize: int = 8, least: int = 1) -> Iterator[slice]:
    """n rows of d entries in runs that fit in the cache or are of `least` rows."""
    step = max(least, CACHED // max(1, d * itemsize))
    return (slice(start, min(n, start + step)) for start in range(0, n, step))


def mapped_rows(A: np.ndarray, run: slice) -> np.ndarray:
    """A[run]; of a memory map a copy, and the pages are given back."""
    if not isinstance(A, np.memmap):
        return A[run]
    piece = np.array(A[run])
    release(A, run)
    return piece


def release(A: np.ndarray, run: slice) -> None:
    """Gives the pages of these rows back if A is a memory map of a file in row order; what is changed stays."""
    if not (isinstance(A, np.memmap) and isinstance(A.base, mmap) and A.mode != "c" and A.flags.c_contiguous):
        return
    begin, end, _ = run.indices(len(A))
    first, last = (A.offset % ALLOCATIONGRANULARITY + row * A.strides[0] for row in (begin, end))
    first -= first % ALLOCATIONGRANULARITY
    A.base.madvise(MADV_DONTNEED, first, last - first)
