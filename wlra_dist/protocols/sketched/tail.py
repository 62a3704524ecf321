"""Estimates from sketches of a part of B: its leading subspace, and the energy beyond it.

Theorem. For a Gaussian S of ℓ > K rows, ‖(SB)_{−K}‖_F² is below Σ_j λ_j χ²_{ℓ−K}/ℓ in distribution, with λ the
eigenvalues of the Gram matrix of B_{−K}: in expectation it is at most (ℓ−K)/ℓ·‖B_{−K}‖_F².

Proof. With B_K = UUᵀB, SU and S(B − B_K) are independent. SB_K lies in the span of the K columns of SU; off that span
SB is that of S(B − B_K) alone, which are ℓ−K Gaussian rows. The best approximation of rank K leaves no more. ∎

An S that deals n rows out to ℓ is a multiple of a projection: n−K and n stand for infinity in the ratio of both.

Theorem (as for frequent directions, Ghashami et al. 2016). Let B_i = Q_iY_i + E_i with a best Q_iY_i of rank K, and let
h_i be the largest eigenvalue of E_iE_iᵀ and Y'_i be Y_i with h_i taken off its squared singular values. Then
‖B_{−K}‖_F² ≥ Σ_i ‖E_i‖_F² + ‖[Q_1Y'_1 … Q_mY'_m]_{−K}‖_F².

Proof. E_iE_iᵀ ≤ h_i(I − Q_iQ_iᵀ), so BBᵀ ≤ Σ_i (Q_iY'_iY'_iᵀQ_iᵀ + h_i I), and the sum of the K largest eigenvalues is
at most that of B'B'ᵀ and K Σ_i h_i. All eigenvalues add up to Σ_i ‖E_i‖_F² + ‖B'‖_F² + K Σ_i h_i. ∎
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from wlra_dist.linalg.estimate import Estimate
from wlra_dist.linalg.spectral.decompositions import eigen, singular_values, svd
from wlra_dist.protocols.sketched.block_sketch import BlockSketch
from wlra_dist.protocols.sketched.sketches import PlannedPart


@dataclass(frozen=True, eq=False)
class SketchedPart:
    """All servers' sketches of a part.

    Attributes:
        servers: those that hold columns of the part.
        sketches: one of each server, of its columns in order.
    """

    part: PlannedPart
    servers: Sequence[int]
    sketches: Sequence[BlockSketch]

    @cached_property
    def runs(self) -> list[slice]:
        """Each server's columns, counted within the part."""
        ends = np.cumsum([0, *(sketch.right.shape[1] for sketch in self.sketches)]).tolist()
        return [slice(*both) for both in pairwise(ends)]

    @cached_property
    def Y(self) -> np.ndarray:
        """The sketch of all columns, ℓ×d."""
        return np.hstack([sketch.columns for sketch in self.sketches])

    @property
    def missed(self) -> float:
        """Σ_i ‖E_i‖_F²."""
        return float(sum(sketch.missed[0] for sketch in self.sketches))

    @property
    def energy(self) -> float:
        """About ‖B‖_F² of the part."""
        return self.missed + float(np.square(self.Y).sum())

    @property
    def noise(self) -> float:
        """The energy that rounding has added to Y, expected."""
        return sum(sketch.rounding for sketch in self.sketches)

    @cached_property
    def leading(self) -> tuple[np.ndarray, np.ndarray]:
        """Z, and the eigenvalues of YᵀY beyond it."""
        values, V = eigen(self.Y.T @ self.Y) if self.Y.shape[1] <= len(self.Y) else _wide(self.Y)
        values, V = values[::-1], V[:, ::-1]
        K, alive = self._split(values)
        return np.sqrt(values[:K])[:, None] * V[:, :K].T, np.maximum(values[K:alive], 0.0)

    @property
    def rank(self) -> int:
        return len(self.leading[0])

    @property
    def tail(self) -> float:
        """About ‖B_{−K}‖_F² of the part; too large if the E_i of the servers have directions in common."""
        return self.missed + max(self._scale(self.rank) * float(self.leading[1].sum()) - self.noise, 0.0)

    @cached_property
    def floor(self) -> Estimate:
        """Of ‖B_{−K}‖_F² − Σ_i ‖E_i‖_F² + noise, from below."""
        shrunk = np.hstack([sketch.SQ @ _shrunk(sketch) if sketch.framed else sketch.Y for sketch in self.sketches])
        values = np.square(singular_values(shrunk))
        K, alive = self._split(values)
        return Estimate.of_eigenvalues(values[K:alive], max(len(self.Y) - K, 1)).times(self._scale(K))

    def _split(self, values: np.ndarray) -> tuple[int, int]:
        """How many of the descending eigenvalues of a sketch are of the leading subspace, and how many are not 0."""
        alive = int((values > sum(self.Y.shape) * np.finfo(float).eps * values.max(initial=0.0)).sum())
        return min(self.part.K, alive), alive

    def _scale(self, K: int) -> float:
        return scale(len(self.part.place.rows), len(self.Y), K)


def scale(n: int, rows: int, K: int) -> float:
    """What the energy of so many sketched rows of n stands for beyond K directions."""
    return rows * max(n - K, 0) / (n * max(rows - K, 1))


def _shrunk(sketch: BlockSketch) -> np.ndarray:
    """Y', whose squared singular values are less by h, or 0."""
    values, V = eigen(sketch.Y @ sketch.Y.T)
    kept = np.maximum(values - sketch.missed[1], 0.0)
    factors = np.sqrt(np.divide(kept, values, out=np.zeros_like(kept), where=values > 0))
    return V * factors @ (V.T @ sketch.Y)


def _wide(Y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues and vectors of YᵀY, ascending, from a singular value decomposition."""
    _, sigma, Vt = svd(Y)
    return np.square(sigma)[::-1], Vt[::-1].T
