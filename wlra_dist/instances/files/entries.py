"""What the entries of a matrix from a file must be; checked in the block that is read.

Without this a NaN ends in an SVD that "did not converge", a negative weight in the root of a negative
number, and 3.7 becomes 3 in an integer game.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wlra_dist.errors import InputError
from wlra_dist.inputs.given import EXACT
from wlra_dist.instances.files.stored import Stored
from wlra_dist.linalg.matrix import Matrix, is_sparse

if TYPE_CHECKING:
    from scipy.sparse import csc_array

CHECKED_AT_ONCE = 2**18
"""Entries, so that the masks of the checks stay small beside the block."""


@dataclass(frozen=True)
class Expected:
    """The demands on a matrix; they hold for every entry."""

    nonnegative: bool = False
    integral: bool = False
    bound: float = float("inf")

    def faults(self) -> Iterator[tuple[str, str, Callable[[np.ndarray], np.ndarray]]]:
        """What is expected, what to try, and where it fails."""
        yield "a finite number", "give a missing entry the weight 0", lambda x: ~np.isfinite(x)
        if self.nonnegative:
            yield "a weight of at least 0", "take the absolute value, whose loss is the same", lambda x: x < 0
        if self.integral:
            yield "an integer", "round the file's numbers or set integer = false", lambda x: x != np.rint(x)
        if np.isfinite(self.bound):
            at_most = f"an absolute value of at most {self.bound:.17g}"
            beyond = "divide all by a power of two" if self.bound == EXACT - 1 else "state the file's true bound"
            yield at_most, beyond, lambda x: np.abs(x) > self.bound

    def check(self, block: Matrix, columns: np.ndarray, stored: Stored, first: int = 0) -> None:
        """InputError that names the first entry at fault; `columns` are the block's in the file, `first` its row."""
        for expected, remedy, wrong in self.faults():
            found = first_where(wrong, block)
            if found is not None:
                i, j, value = found
                where = f"row {first + i}, column {columns[j]} (from 0) of {stored.name}"
                text = stored.own(first + i, int(columns[j])) if EXACT <= abs(value) < np.inf else f"{value:.17g}"
                raise InputError(f"expected {expected} in {where}, found {text}: {remedy}")


def first_where(wrong: Callable[[np.ndarray], np.ndarray], block: Matrix) -> tuple[int, int, float] | None:
    """Row, column and value of an entry for which `wrong` holds; zeros that are not stored are right."""
    if is_sparse(block):
        found = np.flatnonzero(wrong(block.data))
        return stored_entry(block, int(found[0])) if len(found) else None
    height = max(1, CHECKED_AT_ONCE // max(1, block.shape[1]))
    for start in range(0, len(block), height):
        found = np.argwhere(wrong(block[start : start + height]))
        if len(found):
            i, j = found[0].tolist()
            return start + i, j, float(block[start + i, j])
    return None


def stored_entry(block: "csc_array", at: int) -> tuple[int, int, float]:
    column = int(np.searchsorted(block.indptr, at, side="right")) - 1
    return int(block.indices[at]), column, float(block.data[at])
