"""Matrices in which alternating minimisation must find what was hidden: incoherent factors, a mask with a gap, noise.

That is the setting of Li, Liang & Risteski (2016) and Song, Ye, Yin & Zhang (2023): no row of the hidden factors
carries much of them, and W∘W over its mean is near the matrix of ones in spectral norm, as a random mask is.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Planted:
    """A = hidden + noise, seen where W is 1.

    Attributes:
        A, W: n×d.
        hidden: of rank k.
        incoherence: μ, the largest n‖u_i‖²/k of a row of the orthonormal factors, or d‖v_j‖²/k.
        gap: γ, ‖W∘W/mean − 11ᵀ‖₂ over √(nd).
    """

    A: np.ndarray
    W: np.ndarray
    hidden: np.ndarray
    incoherence: float
    gap: float

    @classmethod
    def drawn(cls, shape: tuple[int, int], k: int, noise: float, missing: float, seed: int) -> "Planted":
        """Singular values from 2 to 1; Gaussian noise of that share of the hidden matrix; so much of it not seen."""
        rng = np.random.default_rng(seed)
        U, V = (np.linalg.qr(rng.standard_normal((side, k)))[0] for side in shape)
        hidden = U * np.linspace(2, 1, k) @ V.T
        errors = rng.standard_normal(shape)
        A = hidden + noise * np.linalg.norm(hidden) / np.linalg.norm(errors) * errors
        W = (rng.random(shape) >= missing).astype(float)
        mean = W.mean() or 1.0
        gap = float(np.linalg.norm(W / mean - 1, 2)) / np.sqrt(shape[0] * shape[1])
        incoherence = max(float(np.square(M).sum(axis=1).max()) * len(M) / k for M in (U, V))
        return cls(A, W, hidden, incoherence, gap)

    def distance(self, approximation: np.ndarray) -> float:
        """‖Ã − hidden‖_F over ‖hidden‖_F."""
        return float(np.linalg.norm(approximation - self.hidden) / np.linalg.norm(self.hidden))
