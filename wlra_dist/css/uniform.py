"""Columns drawn blindly: the baseline that any other selector must beat."""

from dataclasses import dataclass

import numpy as np

from wlra_dist.css.selection import Selection, Stop
from wlra_dist.linalg.blocks import column_energies
from wlra_dist.linalg.matrix import Matrix


@dataclass(frozen=True)
class UniformSampling:
    """Draws columns with equal probability, each at most once; none that is zero.

    Energies that differ by no more than a factor 1/β of their mean let c columns leave at most
    ‖B_{−K}‖_F² + K/(βc)·‖B‖_F² in expectation, with β = ‖B‖_F²/(d·max‖b_j‖²) (Frieze, Kannan & Vempala 2004,
    Thm 2, whose draws with replacement span no more).
    """

    def __call__(self, B: Matrix, stop: Stop, rng: np.random.Generator) -> Selection:
        (possible,) = np.nonzero(column_energies(B))
        return Selection(rng.permutation(possible)[: stop.limit(B)])
