"""Columns drawn by their leverage on the best rank-K subspace (Drineas, Mahoney & Muthukrishnan 2008).

With E = B − BVVᵀ, c scaled draws S leave at most ‖E‖² + ‖E S SᵀV‖²·‖(VᵀS SᵀV)⁻¹‖². The first factor is K/c·‖E‖² in
expectation, since EV = 0; the second at most 4 unless with probability K·exp(−c/(8K)) (matrix Chernoff).
"""

from dataclasses import dataclass

import numpy as np

from wlra_dist.css.norm_sampling import draw
from wlra_dist.css.selection import Selection, Stop
from wlra_dist.css.whole_gram import Unformed, WholeGram, by_subspace
from wlra_dist.inputs.numbers import Rank
from wlra_dist.linalg.matrix import Matrix


@dataclass(frozen=True)
class LeverageSampling:
    """Draws columns with probability ∝ ‖(V_K)_j‖², each at most once; V_K: the right singular vectors.

    O(K·log(K)/ε²) columns leave at most (1+ε)·‖B_{−K}‖_F with constant probability (Drineas et al., Thm 3). With
    constants: c ≥ 8K·ln(2K/δ) columns leave at most (1 + 8K/(cδ))·‖B_{−K}‖_F² with probability 1 − δ.

    Args:
        rank: K; by default the number of columns asked for, or all singular vectors above noise.
    """

    rank: Rank | None = None

    def __call__(self, B: Matrix, stop: Stop, rng: np.random.Generator) -> Selection:
        scores = by_subspace(B, lambda block: _leverages(block, self.rank or stop.limit(B)))
        return Selection(draw(scores, stop.limit(B), rng))


def _leverages(block: WholeGram | Unformed, K: int) -> tuple[np.ndarray, float]:
    """‖(V_K)_j‖² (d), and the energy beyond these dimensions."""
    subspace = block.leading(K)
    return np.square(subspace.V).sum(axis=1), float(subspace.tails[-1])
