"""Column-pivoted QR by its Gram matrix: the pivots of Businger & Golub from a pivoted Cholesky of BᵀB."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wlra_dist.css.selection import Selection, Stop
from wlra_dist.linalg.blocks import column_energies, shape_of
from wlra_dist.linalg.gram_remainder import GramRemainder
from wlra_dist.linalg.matrix import Matrix, is_sparse
from wlra_dist.linalg.ties import first_largest

LARGE = 4096
"""Sparse blocks of more columns are worth an attempt on half of them."""


@dataclass(frozen=True)
class GramQR:
    """Each column is the one with the longest remainder, as in LAPACK's geqp3.

    What c pivots leave is at most (d − c)·(4^{c+1} + 6c + 5)/9·σ_{c+1}², since no remaining column is longer than
    the next pivot (Faddeev, Kublanovskaya & Faddeeva 1968; Lawson & Hanson 1974). Kahan's matrix comes near
    that factor; elsewhere it is of the order of 1. Only the rows of BᵀB that belong to pivots are formed.
    """

    def __call__(self, B: Matrix, stop: Stop, rng: np.random.Generator) -> Selection:  # noqa: ARG002  no coins
        if stop.residual is None and is_sparse(B) and shape_of(B)[1] > LARGE:
            pivots = _among_the_longer_half(B, stop.limit(B))
            if pivots is not None:
                return Selection(pivots)
        remainder = GramRemainder(B)
        take_longest(remainder, stop.limit(B), stop.residual or 0.0)
        return Selection(np.array(remainder.columns, dtype=np.int64))


def _among_the_longer_half(B: Matrix, count: int) -> np.ndarray | None:
    """The pivots of a sparse block, of which half the columns are not looked at; None if one of them might be a pivot.

    None is, while some remainder is longer than all of them were to begin with.
    """
    energies = column_energies(B)
    half = len(energies) // 2
    order = np.argpartition(energies, half)
    longer, longest_other = np.sort(order[half:]), energies[order[:half]].max()
    remainder = GramRemainder(B[:, longer])
    while len(remainder.columns) < count:
        pivot = first_largest(remainder.energies)
        if remainder.energies[pivot] <= longest_other:
            return None
        remainder.take(pivot)
    return longer[remainder.columns]


def take_longest(remainder: GramRemainder, count: int, residual: float = 0.0) -> None:
    """Takes the longest remainder until `count` columns are taken in all, or at most `residual` is left."""
    while len(remainder.columns) < count and remainder.left > residual:
        remainder.take(first_largest(remainder.energies))


def in_pivoted_order(remainder: GramRemainder, columns: Sequence[int] | np.ndarray) -> GramRemainder:
    """The remainder after these columns as well, longest first; those that depend on others are left out."""
    remainder.expect([int(column) for column in columns])
    among = np.unique(columns).astype(np.int64)
    while remainder.energies[among].any():
        remainder.take(int(among[first_largest(remainder.energies[among])]))
    return remainder
