"""A that is written into corners of supp(W), column by column, and read off an output by rounding.

In each block of W some rows and some columns carry numbers, and nothing else does. That is so of all hard inputs here:
they differ in W, in which rows and columns they write on, and in what they write.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from wlra_dist.instances.instance import Columns, Entries, indices
from wlra_dist.weights.components import Component

if TYPE_CHECKING:
    from scipy.sparse import csc_array


@dataclass(frozen=True, eq=False)
class Written:
    """n×d integers that are 0 but in the corners.

    Args:
        shape: n, d.
        corners: the rows and the columns that are written on, for each block of W.
        draw: draw(J) is what stands in the last of a corner's first columns J, a number for each of its rows.
    """

    shape: tuple[int, int]
    corners: Sequence[Component]
    draw: Callable[[np.ndarray], np.ndarray]

    def block(self, columns: Columns) -> "csc_array":
        """These columns of A."""
        from scipy.sparse import csc_array

        n, d = self.shape
        chosen = indices(columns, d)
        written = [self.column(place) for place in self._places[chosen].tolist()]
        rows = np.concatenate([np.zeros(0, dtype=np.int64), *(rows for rows, _ in written)])
        values = np.concatenate([np.zeros(0), *(values for _, values in written)])
        starts = np.cumsum([0, *(len(rows) for rows, _ in written)])
        return csc_array((values, rows, starts), shape=(n, len(chosen)))

    def column(self, place: int) -> tuple[np.ndarray, np.ndarray]:
        """The rows and the values of a column's nonzeros, given its place among all that are written on, or −1."""
        if place < 0:
            return np.zeros(0, dtype=np.int64), np.zeros(0)
        block = int(np.searchsorted(self._starts, place, side="right")) - 1
        rows, columns = self.corners[block]
        values = self.draw(columns[: place - self._starts[block] + 1])
        return rows[values != 0], values[values != 0].astype(float)

    def check(self, entries: Entries) -> dict[str, Any]:
        """Whether rounding an output gives back what was written, entry by entry."""
        return {"decoded": all(self.decodes(corner, entries) for corner in self.corners if len(corner.columns))}

    def decodes(self, corner: Component, entries: Entries) -> bool:
        rows, columns = corner
        truth = np.stack([self.draw(columns[: place + 1]) for place in range(len(columns))], axis=1)
        i, j = np.meshgrid(rows, columns, indexing="ij")
        return bool(np.array_equal(np.rint(entries(i.ravel(), j.ravel())), truth.ravel()))

    @cached_property
    def _starts(self) -> np.ndarray:
        """How many columns are written on before each corner's."""
        return np.cumsum([0, *(len(corner.columns) for corner in self.corners)])

    @cached_property
    def _places(self) -> np.ndarray:
        """For each column of A its place among those that are written on, −1 where it is not."""
        places = np.full(self.shape[1], -1)
        for start, (_, columns) in zip(self._starts, self.corners, strict=False):
            places[columns] = start + np.arange(len(columns))
        return places


def even_corners(n: int, d: int, r: int, height: int, k: int) -> list[Component]:
    """The first `height` rows and the first k columns, if there are so many, of each block of `BlockMask.even`."""
    tops, lefts = (-(np.arange(r + 1) * -size // r) for size in (n, d))  # row i is in block ⌊ir/n⌋, column j in ⌊jr/d⌋
    return [
        Component(tops[block] + np.arange(height), np.arange(lefts[block], min(lefts[block] + k, lefts[block + 1])))
        for block in range(r)
    ]
