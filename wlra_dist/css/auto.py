"""The selector for those who do not choose: the smallest residual that the block's size allows."""

from dataclasses import dataclass

import numpy as np

from wlra_dist.css.greedy import Greedy
from wlra_dist.css.selection import Selection, Stop
from wlra_dist.css.sketched_qr import SketchedQR
from wlra_dist.linalg.blocks import shape_of
from wlra_dist.weights import Matrix

GRAM_IS_CHEAP = 2000
"""Up to this many columns, a Gram matrix is small and greedy leaves the least."""


@dataclass(frozen=True)
class Auto:
    """Greedy for at most 2000 columns, sketched QR for more."""

    def __call__(self, B: Matrix, stop: Stop, rng: np.random.Generator) -> Selection:
        selector = Greedy() if shape_of(B)[1] <= GRAM_IS_CHEAP else SketchedQR()
        return selector(B, stop, rng)
