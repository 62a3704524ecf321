"""Columns drawn by their energy (Frieze, Kannan & Vempala 2004; Dai 2023): the cost is one look at B."""

from dataclasses import dataclass

import numpy as np

from wlra_dist.css.selection import Selection, Stop
from wlra_dist.linalg.blocks import column_energies
from wlra_dist.linalg.matrix import Matrix


@dataclass(frozen=True)
class NormSampling:
    """Draws columns with probability ∝ ‖b_j‖², each at most once.

    c columns leave at most ‖B_{−K}‖_F² + K/c·‖B‖_F² in expectation (Frieze, Kannan & Vempala 2004, Thm 2, whose
    draws with replacement span no more). Without a count it is one random order of all columns.
    """

    def __call__(self, B: Matrix, stop: Stop, rng: np.random.Generator) -> Selection:
        return Selection(draw(column_energies(B), stop.limit(B), rng))


def draw(scores: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Up to `count` positions drawn one after the other ∝ scores ≥ 0 among those left; none with score 0.

    The order of exponential waiting times with rates `scores` has that law (Efraimidis & Spirakis 2006).
    """
    patience = rng.exponential(size=len(scores))
    (possible,) = np.nonzero(scores > 0)
    with np.errstate(over="ignore", divide="ignore"):  # what is all but 0 beside the largest waits for ever
        waiting = patience[possible] / (scores[possible] / scores.max(initial=0.0))
    return possible[np.argsort(waiting, kind="stable")[:count]]
