"""The parts into which supp(W) falls: no row and no column of one is met by those of another.

Up to an order of rows and columns W is then block-diagonal. On each part the problem is one of its own: the blocks
U_g V_gᵀ of an A' = UVᵀ are independent of each other, so OPT is the sum of the parts' optima.
"""

from typing import NamedTuple

import numpy as np

from wlra_dist.weights import Weights

LARGEST = 2**26
"""Entries of W that are looked at; a larger W with that many different columns is taken for one part."""


class Component(NamedTuple):
    """Rows and columns of W that have to do with each other, both ascending."""

    rows: np.ndarray
    columns: np.ndarray


def components(W: Weights) -> list[Component]:
    """All parts of W (n×d), by their first column; columns without weight are in none."""
    n, d = W.shape
    _, first, group = np.unique(W.groups, return_index=True, return_inverse=True)
    if n * len(first) > LARGEST:
        return [Component(np.arange(n), np.arange(d))]
    support = W.dense(first) > 0
    part = _parts(support)[group.ravel()]
    return [
        Component(np.flatnonzero(support[:, _of(part, group, number)].any(axis=1)), np.flatnonzero(part == number))
        for number in dict.fromkeys(part[part >= 0].tolist())
    ]


def _of(part: np.ndarray, group: np.ndarray, number: int) -> np.ndarray:
    """The groups of columns in a part."""
    return np.unique(group.ravel()[part == number])


def _parts(support: np.ndarray) -> np.ndarray:
    """For each column the least column that is linked with it by common rows; −1 where there is no row."""
    part = np.where(support.any(axis=0), np.arange(support.shape[1]), -1)
    none = support.shape[1]
    while True:
        of_row = np.where(support, part, none).min(axis=1, initial=none)
        linked = np.where(support, of_row[:, None], none).min(axis=0, initial=none)
        linked = np.where(part < 0, -1, linked)
        if np.array_equal(linked, part):
            return part
        part = linked
