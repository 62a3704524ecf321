"""Matrix Market files, .mtx (Boisvert, Pozo & Remington, 1996).

A text has no columns to seek, so each process reads all of it once and keeps it. scipy reads the header
only: its `mmread` ends the process with a segmentation fault at damaged numbers (seen with 1.17), which no
caller can catch.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from wlra_dist.errors import InputError
from wlra_dist.instances.claims import matrix_shape, readable, refuse_name
from wlra_dist.weights import Matrix

if TYPE_CHECKING:
    from scipy.sparse import csc_array

NUMBERS = {"array": 1, "coordinate": 3, "pattern": 2}
"""Numbers in a line: the value; row, column and value; row and column."""

MIRROR = {"general": 0, "symmetric": 1, "skew-symmetric": -1}
"""What a_ij says of a_ji, times a_ij."""


@dataclass(frozen=True)
class Market:
    """A matrix in text: csc if the file has coordinates, else dense.

    Args:
        file: the path.
        shape: n, d.
        entries: lines after the header.
        layout: a key of `NUMBERS`.
        mirror: a value of `MIRROR`.
        wide_integers: whether entries are integers of any size.
    """

    file: Path
    shape: tuple[int, int]
    entries: int
    layout: str
    mirror: int
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
        with readable(self.file):
            lines = self.lines()
            if self.layout == "array":
                return lines.reshape(self.shape, order="F")
            return self.sparse(lines[:, 0], lines[:, 1], lines[:, 2:].ravel())

    def lines(self) -> np.ndarray:
        """The numbers after the header, a row for each line; ValueError if they are not as promised."""
        with self.file.open(encoding="latin-1") as stream:
            body = meaningful(stream)
            next(body, None)  # n, d and the number of entries
            first = next(body, None)
            # loadtxt would warn of an empty file
            numbers = np.zeros((0, 0)) if first is None else np.loadtxt(chain([first], body), ndmin=2)
        if len(numbers) != self.entries or (self.entries and numbers.shape[1] != NUMBERS[self.layout]):
            expected = f"{self.entries} lines of {NUMBERS[self.layout]} numbers"
            raise ValueError(f"its header promises {expected}, found {numbers.shape[0]} of {numbers.shape[1]}")
        return numbers.reshape(self.entries, NUMBERS[self.layout])

    def sparse(self, i: np.ndarray, j: np.ndarray, values: np.ndarray) -> "csc_array":
        """From coordinates that count from 1; without values they are 1."""
        from scipy.sparse import coo_array

        rows, columns = indices(i, self.shape[0]), indices(j, self.shape[1])
        values = values if self.layout == "coordinate" else np.ones(len(rows))
        if self.mirror:
            off = rows != columns
            rows, columns = np.append(rows, columns[off]), np.append(columns, rows[off])
            values = np.append(values, self.mirror * values[off])
        content = coo_array((values, (rows, columns)), shape=self.shape).tocsc()
        if content.nnz < len(values):
            raise ValueError(f"it gives {len(values) - content.nnz} entries more than once")
        return content


def meaningful(stream: Iterator[str]) -> Iterator[str]:
    """The lines that are neither comments nor blank."""
    return (line for line in stream if not line.startswith("%") and not line.isspace())


def indices(counted: np.ndarray, side: int) -> np.ndarray:
    """Indices from 0 of numbers that count from 1 up to `side`; ValueError if they are anything else."""
    wrong = ~((counted >= 1) & (counted <= side) & (counted == np.rint(counted)))
    if wrong.any():
        raise ValueError(f"expected indices from 1 to {side}, found {counted[wrong][0]:.17g}")
    return counted.astype(np.int64) - 1


def open_market(file: Path, array: str | None) -> Market:
    """The matrix, header read; InputError if it claims more than the file can hold, or complex numbers."""
    from scipy.io import mminfo

    refuse_name(file, array)
    rows, columns, entries, layout, field, symmetry = mminfo(file)
    if field == "complex" or symmetry not in MIRROR or (layout == "array" and symmetry != "general"):
        expected = "real numbers, and a symmetric matrix by its coordinates"
        raise InputError(f"{file}: expected {expected}, found {layout} {field} {symmetry}: write it in full")
    shape = matrix_shape(str(file), (rows, columns))
    layout = "pattern" if field == "pattern" else layout
    entries = rows * columns if layout == "array" else entries
    size = file.stat().st_size
    # a number takes a digit and a space or an end of line, which the last may lack
    if 2 * entries * NUMBERS[layout] > size + 1:
        raise InputError(f"{file} claims {entries} entries, more than its {size} bytes hold: write it anew")
    return Market(file, shape, entries, layout, MIRROR[symmetry], wide_integers="integer" in field)
