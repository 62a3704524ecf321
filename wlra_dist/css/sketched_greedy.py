"""Greedy selection without BᵀB: each column by its estimated gain (Farahat et al. 2011, with signs for the squares).

With E what B keeps outside the columns taken, column i takes ‖EᵀEe_i‖²/‖e_i‖² away. The numerator is the mean of
(ω_rᵀEᵀEe_i)² over random signs ω_r. F = ΩEᵀE (t×d) costs two products with t vectors at first, and one row of BᵀB for
each column taken. Errors are common to near copies, so that the best of these is still found; where columns have little
in common, or few hold all the energy, the longest remainders leave less. They are tried as well.
"""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Interval

from wlra_dist.css.gram_qr import take_longest
from wlra_dist.css.greedy import Greedy
from wlra_dist.css.selection import Selection, Stop
from wlra_dist.css.whole_gram import GRAM_FITS
from wlra_dist.linalg.blocks import inner, shape_of
from wlra_dist.linalg.gram_remainder import GramRemainder
from wlra_dist.linalg.matrix import Matrix, stored
from wlra_dist.linalg.ties import TIED, first_largest


@dataclass(frozen=True)
class SketchedGreedy:
    """Each column is the best single addition to those before it, by estimate; or the longest, where that leaves less.

    So it leaves no more than `gram_qr`, whose bound holds: 1.16 of the tail instead of 1.61, at four times its cost
    (sparse, 100000×20000, c = 40). On dense blocks of at most 4096 columns it is `greedy`.

    Args:
        signs: t; an estimate errs by √(2/t) of itself.
    """

    signs: Annotated[int, Interval(ge=1, le=1024)] = 12

    def __call__(self, B: Matrix, stop: Stop, rng: np.random.Generator) -> Selection:
        (n, d), limit, residual = shape_of(B), stop.limit(B), stop.residual or 0.0
        if stored(B) > n * d / 2 and d <= GRAM_FITS:
            return Greedy()(B, stop, rng)  # rows of a dense BᵀB one by one cost more than the whole
        signs = rng.choice(np.array([-1.0, 1.0]), (self.signs, d))
        best = GramRemainder(B)
        longest = best.anew()
        _take_best(best, signs, inner(inner(signs.T, B.T).T, B), limit, residual)
        for remainder in (best, longest):
            take_longest(remainder, limit, residual)
        return Selection(np.array(_better(best, longest, residual).columns, dtype=np.int64))


def _better(one: GramRemainder, other: GramRemainder, residual: float) -> GramRemainder:
    """That which meets the residual, or does it with fewer columns, or leaves less; `one` where they are alike."""
    ranks = [(found.left > residual, len(found.columns)) for found in (one, other)]
    wins = ranks[1] < ranks[0] or (ranks[1] == ranks[0] and other.left < one.left * (1 - TIED))
    return other if wins else one


def _take_best(remainder: GramRemainder, signs: np.ndarray, F: np.ndarray, count: int, residual: float) -> None:
    """Takes columns by gain while any is seen; what is left of the others is noise of F."""
    smallest = TIED * remainder.energies
    visible = remainder.energies > smallest
    while len(remainder.columns) < count and remainder.left > residual and visible.any():
        squares = np.einsum("ij,ij->j", F, F)
        gains = np.where(visible, squares, 0.0) / np.where(visible, remainder.energies, 1.0)
        if remainder.take(first_largest(gains)):
            omega = remainder.L[-1]
            F -= np.outer(signs @ omega, omega)
        visible = remainder.energies > smallest
