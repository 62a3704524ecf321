"""Columns drawn in rounds by what the rounds before have left (Deshpande, Rademacher, Vempala & Wang 2006)."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Interval

from wlra_dist.css.norm_sampling import draw
from wlra_dist.css.selection import Selection, Stop
from wlra_dist.linalg.basis import extend_basis, residual_energies
from wlra_dist.linalg.blocks import column_energies, roundoff, shape_of
from wlra_dist.linalg.matrix import Matrix

FIRST_ROUND = 8
"""Columns of the first round when a residual is given; later rounds choose as many as all before them."""


@dataclass(frozen=True)
class AdaptiveSampling:
    """Draws columns with probability ∝ ‖b_j − QQᵀb_j‖², Q a basis of the columns of the rounds before.

    t rounds of K/ε columns leave at most ‖B_{−K}‖_F²/(1 − ε) + ε^t·‖B‖_F² in expectation (Deshpande et al.,
    Thm 1.2). One round is norm sampling, a round for each column randomly pivoted QR.

    Args:
        rounds: t, where no residual is given.
    """

    rounds: Annotated[int, Interval(ge=1, le=10_000)] = 4

    def __call__(self, B: Matrix, stop: Stop, rng: np.random.Generator) -> Selection:
        energies = column_energies(B)
        noise = roundoff(B.dtype, shape_of(B)[0]) ** 2 * energies
        columns, Q = np.empty(0, dtype=np.int64), np.empty((shape_of(B)[0], 0))
        left = energies
        while len(columns) < stop.limit(B) and left.sum() > (stop.residual or 0.0):
            drawn = draw(left, self._width(len(columns), stop, stop.limit(B)), rng)
            more, kept = extend_basis(Q, B[:, drawn])
            columns, Q = np.append(columns, drawn[kept]), np.hstack([Q, more])
            left = residual_energies(B, Q)
            left[left <= noise] = 0.0
            left[columns] = 0.0
            if not len(kept):
                break
        return Selection(columns)

    def _width(self, chosen: int, stop: Stop, limit: int) -> int:
        """The columns of this round."""
        usual = max(FIRST_ROUND, chosen) if stop.residual is not None else -(-limit // self.rounds)
        return min(usual, limit - chosen)
