"""What sketches show of a part of B: its leading subspace, and how much is beyond it.

Theorem. For a Gaussian S of ℓ > K rows, E‖(SB)_{−K}‖_F²·ℓ/(ℓ−K) ≤ ‖B_{−K}‖_F².

Proof. With B_K = UUᵀB, SU and S(B − B_K) are independent. SB_K lies in the span of the K columns of SU; off that span
SB is that of S(B − B_K) alone, and keeps (ℓ−K)/ℓ of its energy. The best approximation of rank K leaves no more. ∎

A sparse S with signs is Gaussian enough for rows that many columns share, and the tail of many small singular values
is concentrated: the mean of a row's square has a relative deviation of √(2/ℓ) over the root of their effective number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from wlra_dist.codecs.block_sketch import BlockSketch
from wlra_dist.codecs.grid import step
from wlra_dist.protocols.sketches import Part


@dataclass(frozen=True, eq=False)
class Shown:
    """What the coordinator knows of a part: its sketch, its check, and what the sketch does not show.

    Attributes:
        Y: ℓ×d, of all its columns in order.
        check: t×d.
        missed: ‖E‖², which Y does not show, and that energy as each row of the check sees it (1+t).
        noise: the energy that rounding has added to Y, expected.
        rounding: what rounding adds to the square of a number of the check, expected (d).
    """

    part: Part
    Y: np.ndarray
    check: np.ndarray
    missed: np.ndarray
    noise: float
    rounding: np.ndarray

    @classmethod
    def joined(cls, part: Part, sketches: Sequence[BlockSketch]) -> "Shown":
        """The sketches of all servers side by side; they hold the part's columns in order."""
        rounding = [
            np.full(sketch.check.shape[1], float(step(sketch.exponents[2])) ** 2 / 12 * bool(sketch.exponents[2]))
            for sketch in sketches
        ]
        return cls(
            part,
            np.hstack([sketch.shown for sketch in sketches]),
            np.hstack([sketch.checks for sketch in sketches]),
            sum((sketch.missed for sketch in sketches), np.zeros(1 + part.checks)),
            sum(sketch.rounding for sketch in sketches),
            np.concatenate(rounding),
        )

    @cached_property
    def leading(self) -> tuple[np.ndarray, float]:
        """Z, and the energy of Y beyond it."""
        values, V = np.linalg.eigh(self.Y.T @ self.Y) if self.Y.shape[1] <= len(self.Y) else _wide(self.Y)
        values, V = values[::-1], V[:, ::-1]
        alive = values > sum(self.Y.shape) * np.finfo(float).eps * values.max(initial=0.0)
        K = min(self.part.K, int(alive.sum()))
        return np.sqrt(values[:K])[:, None] * V[:, :K].T, float(np.maximum(values[K:][alive[K:]], 0.0).sum())

    @property
    def rank(self) -> int:
        return len(self.leading[0])

    @property
    def tail(self) -> float:
        """An estimate of ‖B_{−K}‖_F² of the part."""
        rows = len(self.Y)
        beyond = self.leading[1] * rows / max(rows - self.rank, 1)
        return float(self.missed[0]) + max(beyond - self.noise, 0.0)


def _wide(Y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues and vectors of YᵀY, ascending, from a singular value decomposition."""
    _, sigma, Vt = np.linalg.svd(Y, full_matrices=False)
    return np.square(sigma)[::-1], Vt[::-1].T
