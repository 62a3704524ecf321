"""What a block keeps outside a span that grows by columns from anywhere: E = B − QY, Y = QᵀB, which is never formed.

A new direction q costs the product qᵀB, cheap where B is sparse. The lengths of E's columns follow from Pythagoras, and
where that subtraction has cancelled, from the column itself.
"""

from dataclasses import dataclass

import numpy as np

from wlra_dist.linalg.basis import CANCELS, extend_basis, measured_outside
from wlra_dist.linalg.blocks import column_energies, inner, roundoff, shape_of
from wlra_dist.linalg.matrix import Matrix


@dataclass(frozen=True, eq=False)
class Remainder:
    """E = B − QY for a block B (n×d) and an orthonormal Q (n×c).

    Attributes:
        energies: ‖e_j‖² (d); exactly 0 for columns that were taken or of which only rounding noise is left.
        measured: ‖e_j‖² when column j was last measured itself.
        noise: what ‖e_j‖² may be by rounding alone.
    """

    B: Matrix
    Q: np.ndarray
    Y: np.ndarray
    energies: np.ndarray
    measured: np.ndarray
    noise: np.ndarray

    @classmethod
    def of(cls, B: Matrix) -> "Remainder":
        """All of B: nothing is projected out yet."""
        n, d = shape_of(B)
        energies = column_energies(B)
        noise = roundoff(B.dtype, n) ** 2 * energies
        return cls(B, np.zeros((n, 0)), np.zeros((0, d)), energies, energies, noise)

    def without(self, C: Matrix, taken: np.ndarray) -> "Remainder":
        """What is left outside the span of the columns C (n×c') as well; the columns `taken` of B count as known."""
        Q = extend_basis(self.Q, C)[0]
        fresh = inner(Q, self.B)
        Q, Y = np.hstack([self.Q, Q]), np.vstack([self.Y, fresh])
        energies, measured = self.energies - np.square(fresh).sum(axis=0), self.measured.copy()
        energies[taken] = 0.0
        positive = self.energies > 0
        positive[taken] = False
        (doubtful,) = np.nonzero(positive & (energies < CANCELS * measured))
        energies[doubtful] = measured[doubtful] = measured_outside(self.B, Q, Y, doubtful)
        energies *= energies > self.noise
        return Remainder(self.B, Q, Y, energies, measured, self.noise)

    def pivots(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        """At most `count` pivots of pivoted QR on E, in their order, and the energy that each adds to the span."""
        left, pivots, adds = self, [], []
        while len(pivots) < count and left.energies.any():
            pivot = int(left.energies.argmax())
            wider = left.without(self.B[:, [pivot]], np.array([pivot]))
            if len(wider.Y) > len(left.Y):
                pivots.append(pivot)
                adds.append(left.energies[pivot])
            left = wider
        return np.array(pivots, dtype=np.int64), np.array(adds)
