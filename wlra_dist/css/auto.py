"""The selector for those who do not choose: the smallest residual that the block's size allows."""

from dataclasses import dataclass

import numpy as np

from wlra_dist.css.selection import Selection, Selector, Stop
from wlra_dist.css.sketched_greedy import SketchedGreedy
from wlra_dist.css.sketched_qr import SketchedQR
from wlra_dist.css.swaps import Swaps
from wlra_dist.linalg.blocks import shape_of
from wlra_dist.linalg.matrix import Matrix, is_sparse

GRAM_IS_CHEAP = 2000
"""Up to this many columns, a Gram matrix is small, and greedy selection with swaps leaves the least."""

SWAPS_ARE_CHEAP = 1024
"""Up to this many, three starts cost no more than the Gram matrix and what else is done with it."""


@dataclass(frozen=True)
class Auto:
    """Swaps on greedy for at most 2000 columns; for more, greedy by estimates if sparse, sketched QR if dense.

    Up to 1024 columns swaps start from the longest remainders and from Osinsky's columns too, and the best is kept.
    """

    def __call__(self, B: Matrix, stop: Stop, rng: np.random.Generator) -> Selection:
        return _for_block(B)(B, stop, rng)


def _for_block(B: Matrix) -> Selector:
    d = shape_of(B)[1]
    if d <= GRAM_IS_CHEAP:
        return Swaps() if d <= SWAPS_ARE_CHEAP else Swaps(starts=("greedy",))
    return SketchedGreedy() if is_sparse(B) else SketchedQR()
