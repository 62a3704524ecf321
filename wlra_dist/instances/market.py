"""Matrix Market files, .mtx.

A text has no columns to seek, so each process reads all of it once and keeps it.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from wlra_dist.errors import InputError
from wlra_dist.instances.claims import matrix_shape, readable, refuse_name
from wlra_dist.weights import Matrix

SHORTEST = {"coordinate": len("1 1\n"), "array": len("0\n")}
"""Bytes that a stored entry takes at least."""


@dataclass(frozen=True)
class Market:
    """A matrix in text: csc if the file has coordinates, else dense."""

    file: Path
    shape: tuple[int, int]
    wide_integers: bool

    @property
    def name(self) -> str:
        return str(self.file)

    def columns(self, chosen: np.ndarray) -> Matrix:
        block = self.content[:, chosen]
        return np.ascontiguousarray(block) if isinstance(block, np.ndarray) else block

    @cached_property
    def content(self) -> Matrix:
        """The whole; InputError if the file is damaged or gives an entry twice."""
        from scipy.io import mmread
        from scipy.sparse import csc_array

        with readable(self.file):
            read = mmread(self.file)
        if isinstance(read, np.ndarray):
            return read.astype(float, copy=False)
        content = csc_array(read, dtype=float)
        if content.nnz < read.nnz:
            raise InputError(
                f"{self.file} gives {read.nnz - content.nnz} entries more than once: sum them up"
            )
        return content


def open_market(file: Path, array: str | None) -> Market:
    """The matrix, header read; InputError if it claims more than the file can hold, or complex numbers."""
    from scipy.io import mminfo

    refuse_name(file, array)
    rows, columns, entries, form, field, symmetry = mminfo(file)
    if field == "complex":
        raise InputError(f"{file}: expected real numbers, found complex ones")
    shape = matrix_shape(str(file), (rows, columns))
    if form == "array":
        # of a symmetric matrix one triangle is stored, of a skew one without the diagonal
        entries = rows * columns if symmetry == "general" else rows * (rows - 1) // 2
    size = file.stat().st_size
    # the last line may lack its end
    if entries * SHORTEST[form] > size + 1:
        raise InputError(
            f"{file} claims {entries} entries, more than its {size} bytes can hold: write it anew"
        )
    return Market(file, shape, wide_integers="integer" in field)
