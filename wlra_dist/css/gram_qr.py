"""Column-pivoted QR by its Gram matrix: the pivots of Businger & Golub from a pivoted Cholesky of BᵀB."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wlra_dist.css.selection import Selection, Stop
from wlra_dist.linalg.gram_remainder import GramRemainder
from wlra_dist.weights import Matrix


@dataclass(frozen=True)
class GramQR:
    """Each column is the one with the longest remainder, as in LAPACK's geqp3.

    What c pivots leave is at most (d − c)·(4^{c+1} + 6c + 5)/9·σ_{c+1}², since no remaining column is longer than
    the next pivot (Faddeev, Kublanovskaya & Faddeeva 1968; Lawson & Hanson 1974). Kahan's matrix comes near
    that factor; elsewhere it is of the order of 1. Only the rows of BᵀB that belong to pivots are formed.
    """

    def __call__(self, B: Matrix, stop: Stop, rng: np.random.Generator) -> Selection:  # noqa: ARG002  no coins
        remainder = GramRemainder(B)
        take_longest(remainder, stop.limit(B), stop.residual or 0.0)
        return Selection(np.array(remainder.columns, dtype=np.int64))


def take_longest(remainder: GramRemainder, count: int, residual: float = 0.0) -> None:
    """Takes the longest remainder until `count` columns are taken in all, or at most `residual` is left."""
    while len(remainder.columns) < count and remainder.left > residual:
        remainder.take(int(remainder.energies.argmax()))


def in_pivoted_order(B: Matrix, columns: Sequence[int] | np.ndarray) -> GramRemainder:
    """The remainder of B after these columns, taken longest first; those that depend on others are left out."""
    remainder = GramRemainder(B)
    remainder.expect([int(column) for column in columns])
    among = np.unique(columns).astype(np.int64)
    while remainder.energies[among].any():
        remainder.take(int(among[remainder.energies[among].argmax()]))
    return remainder
