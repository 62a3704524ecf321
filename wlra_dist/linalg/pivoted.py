"""Column-pivoted QR that stops early: the pivots, without Q and R (Businger & Golub 1965).

R's rows come from one product with the block each, and the lengths of the remaining columns from Pythagoras.
That subtraction loses digits; when the longest remainder has shrunk to `REFRESH` of the energy it had, the
block is replaced by its explicit remainder and the lengths are measured anew.
"""

import numpy as np

from wlra_dist.linalg.basis import project_out
from wlra_dist.linalg.blocks import roundoff
from wlra_dist.linalg.ties import first_largest

REFRESH = float(np.finfo(float).eps) ** 0.5
"""Half of the digits of a downdated energy are left here."""


def leading_pivots(Y: np.ndarray, count: int, residual: float = 0.0) -> tuple[np.ndarray, float]:
    """The pivots of Y (s×d) in order, and the energy that they leave.

    Stops after `count`, when at most `residual` is left, or when every remainder is rounding noise of its
    column.
    """
    remainder = _PivotRemainder(Y)
    pivots: list[int] = []
    while len(pivots) < count and remainder.left > residual:
        pivot = remainder.longest()
        if pivot is None:
            break
        remainder.take(pivot)
        pivots.append(pivot)
    return np.array(pivots, dtype=np.int64), remainder.left


class _PivotRemainder:
    """What Y keeps outside the span of the pivots taken so far."""

    def __init__(self, Y: np.ndarray) -> None:
        self.E = np.array(Y, dtype=float, order="C")
        self.energies = np.einsum("ij,ij->j", self.E, self.E)
        self.noise = roundoff(Y.dtype, len(Y)) ** 2 * self.energies
        self.peak = self.energies.max(initial=0.0)
        self.Q = np.empty((min(Y.shape), len(Y)))
        self.c = 0

    @property
    def left(self) -> float:
        return float(self.energies.sum())

    def longest(self) -> int | None:
        """The column with the longest remainder; None when all that remains is noise."""
        if self.c and self.energies.max() <= REFRESH * self.peak:
            self._refresh()
        pivot = first_largest(self.energies)
        return pivot if self.energies.any() else None

    def take(self, pivot: int) -> None:
        q, basis = self.E[:, pivot], self.Q[: self.c]
        for _ in range(2):  # "twice is enough" (Kahan; Giraud et al. 2005)
            q = q - (basis @ q) @ basis
        q = q / np.linalg.norm(q)
        self.Q[self.c] = q
        self.c += 1
        self.energies = np.maximum(self.energies - np.square(q @ self.E), 0.0)
        self.energies[pivot] = 0.0
        self.noise[pivot] = np.inf

    def _refresh(self) -> None:
        self.E = project_out(self.E, self.Q[: self.c].T)
        self.c = 0
        energies = np.einsum("ij,ij->j", self.E, self.E)
        self.energies = np.where(energies > self.noise, energies, 0.0)
        self.peak = self.energies.max()
