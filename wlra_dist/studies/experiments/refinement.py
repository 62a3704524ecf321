"""The loss of every iterate, from several starts (Woodruff & Yasuda, Figure 4)."""

from time import perf_counter

import numpy as np

from wlra_dist.solvers import Approximation
from wlra_dist.solvers.loss import squared_loss, weighted_energy
from wlra_dist.studies.experiments.method import Method
from wlra_dist.studies.experiments.tables import Rows
from wlra_dist.weights import Weights


class Watch:
    """Takes the loss of each iterate as it comes; its own time is not counted."""

    def __init__(self, A: np.ndarray, W: Weights) -> None:
        self._A, self._W = A, W
        self._energy = weighted_energy(A, W) or 1.0
        self._begun = perf_counter()
        self.rows: Rows = []

    def __call__(self, iterate: int, approximation: Approximation) -> None:
        now = perf_counter()
        relative = squared_loss(self._A, self._W, approximation) / self._energy
        self.rows.append({"iterate": iterate, "seconds": now - self._begun, "relative_loss": relative})
        self._begun += perf_counter() - now


def refinement(A: np.ndarray, W: Weights, k: int, method: Method, seed: int) -> Rows:
    """A row for each iterate of rank k: loss/‖W∘A‖², and the seconds until then.

    The first iterate of "svd_w+em" is that of svd_w.
    """
    method(A, W, k, seed)  # once for nothing: the first call pays for memory and imports
    watch = Watch(A, W)
    method(A, W, k, seed, watch)
    return [{"method": method.label, **row} for row in watch.rows]
