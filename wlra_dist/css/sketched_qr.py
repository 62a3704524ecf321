"""Column-pivoted QR on a CountSketch of the block (Voronin & Martinsson 2017; Duersch & Gu 2017).

A sketch of 4c rows and its pivots cost little more than one GEMM pass over B, and leave within a percent of
what pivoted QR on B itself leaves, which costs a hundred passes or more (9216×1024, c = 40).
"""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Interval

from wlra_dist.css.selection import Selection, Stop
from wlra_dist.linalg.blocks import shape_of
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.linalg.pivoted import leading_pivots
from wlra_dist.linalg.sketch import count_sketch

FIRST_GUESS = 32
"""Columns tried first when only the residual is given."""


@dataclass(frozen=True)
class SketchedQR:
    """Pivots of a sketch with `oversampling` rows for each column to choose."""

    oversampling: Annotated[int, Interval(ge=2, le=64)] = 4

    def __call__(self, B: Matrix, stop: Stop, rng: np.random.Generator) -> Selection:
        limit = stop.limit(B)
        if stop.residual is None:
            return Selection(self._pivots(B, limit, 0.0, rng)[0])
        guess = min(FIRST_GUESS, limit)
        pivots, left = self._pivots(B, guess, stop.residual, rng)
        while guess < limit and len(pivots) == guess and left > 0:
            guess = min(2 * guess, limit)
            pivots, left = self._pivots(B, guess, stop.residual, rng)
        return Selection(pivots)

    def _pivots(self, B: Matrix, count: int, residual: float, rng: np.random.Generator) -> tuple[np.ndarray, float]:
        """The pivots, and by how much their sketched residual misses the target.

        c pivots fit c of the sketch's s rows, so what they leave of the sketch is short of what they leave
        of B by about 1 − c/s; the target shrinks with it.
        """
        n = shape_of(B)[0]
        rows = min(self.oversampling * max(count, 1), n)
        shrunk = 1 - count / rows if rows < n else 1.0  # n rows are an isometry: nothing to correct
        pivots, left = leading_pivots(count_sketch(B, rows, rng), count, residual * shrunk)
        return pivots, left - residual * shrunk
