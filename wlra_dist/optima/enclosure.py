"""OPT enclosed: a certified lower end, and the loss of a matrix of rank k that is at hand as the upper one."""

from typing import NamedTuple

import numpy as np

from wlra_dist.linalg.spectral.spectrum import EPS
from wlra_dist.optima.guarded import OF_SQUARES


class End(NamedTuple):
    """One end of the interval, and how it was come by."""

    value: float
    how: str


class Enclosure(NamedTuple):
    """lower ≤ OPT ≤ upper; `noise` is the energy of the rounding of W∘A, and no loss below it says anything."""

    lower: End
    upper: End
    noise: float

    @property
    def gap(self) -> float:
        """1 − lower/upper; 0 where the upper end is no more than rounding."""
        lower, upper = self.lower.value, self.upper.value
        if upper <= self.noise:
            return 0.0
        return max(0.0, 1 - lower / upper) if np.isfinite(upper) else 1.0

    def raised(self, end: End) -> "Enclosure":
        """With the better lower end."""
        return self._replace(lower=max(self.lower, end, key=lambda each: each.value))

    def lowered(self, end: End) -> "Enclosure":
        """With the better upper end."""
        return self._replace(upper=min(self.upper, end, key=lambda each: each.value))


def nothing_known(noise: float) -> Enclosure:
    """0 ≤ OPT."""
    return Enclosure(End(0.0, "a sum of squares"), End(np.inf, "nothing"), noise)


def guarded_loss(A: np.ndarray, squares: np.ndarray, U: np.ndarray, V: np.ndarray) -> float:
    """At least ‖W∘(A − UV)‖_F² for these factors, U n×k and V k×d: an upper bound on OPT."""
    roots = np.sqrt(squares)
    sizes = np.abs(A) + np.abs(U) @ np.abs(V)
    rough = (U.shape[1] + 6 + OF_SQUARES) * EPS * float(np.linalg.norm(roots * sizes))
    loss = float(np.linalg.norm(roots * (A - U @ V)))
    return float(np.square((loss + rough) * (1 + (A.size + 8 + OF_SQUARES) * EPS)))
