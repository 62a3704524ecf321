"""High-accuracy weighted regressions (Song, Ye, Yin & Zhang 2023): sketch, QR for a preconditioner, gradient steps.

For row i, let M = diag(√S_i) Vᵀ (d×k). A sketch of M with t rows has the QR factor R, and M R⁻¹ is nearly orthonormal:
with ρ = k/t its squared singular values are in [(1 + √ρ)⁻², (1 − √ρ)⁻²] (Marchenko & Pastur), up to what a small k and
uneven rows add. In these coordinates gradient steps shrink the error by a constant each, whatever the condition number:
an accuracy ε takes O(log 1/ε) steps. The gradients of all rows come from one pass over the residuals.

The first step has the length that is best for that interval, by which the error falls to 2√ρ/(1 + ρ). The length of
the others is the inverse of the Rayleigh quotient that the last gradient showed (Barzilai & Borwein 1988): that costs
nothing, halves the number of steps, and a row whose sketch turned out badly converges as well.
"""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Interval

from wlra_dist.linalg.blocks import runs
from wlra_dist.linalg.hadamard import Srht
from wlra_dist.linalg.normal_equations import DEPENDENT
from wlra_dist.solvers.options import Count
from wlra_dist.solvers.regression import Residual
from wlra_dist.solvers.squares import Squares

SHORTEST, LONGEST = 1 / 4, 4.0
"""Bounds of a step, for the last ones, which are all rounding."""


@dataclass(frozen=True)
class SketchedGradient:
    """Gradient steps, preconditioned row by row.

    Args:
        sketch: t/k, rows of the sketch for each column of M.
        steps: how many at most; fewer once every gradient is rounding noise.
    """

    sketch: Annotated[int, Interval(ge=2, le=64)] = 8
    steps: Count = 30

    def __call__(self, V: np.ndarray, S: Squares, residual: Residual, rng: np.random.Generator) -> np.ndarray:
        k, n = len(V), S.shape[0]
        P = preconditioners(V, S, Srht.random(V.shape[1], self.sketch * k, rng))
        E, Z = np.zeros((k, n), dtype=V.dtype), _times(P.swapaxes(1, 2), residual(None))
        length = np.full(n, step_length(1 / self.sketch), dtype=V.dtype)
        energy = _dots(Z, Z)
        negligible = np.finfo(V.dtype).eps ** 2 * energy
        for _ in range(self.steps):
            E += length * _times(P, Z)
            before, Z = Z, _times(P.swapaxes(1, 2), residual(E))
            curvature = (energy - _dots(before, Z)) / length
            length = np.clip(np.divide(energy, curvature, out=length, where=curvature > 0), SHORTEST, LONGEST)
            energy = _dots(Z, Z)
            if np.all(energy <= negligible):
                break
        return E


def step_length(ratio: float) -> float:
    """2/(σ_min² + σ_max²) over the squared singular values of M R⁻¹ for a sketch with k/t = ratio < 1."""
    return (1 - ratio) ** 2 / (1 + ratio)


def preconditioners(V: np.ndarray, S: Squares, sketch: Srht) -> np.ndarray:
    """R_i⁻¹ for every row (n×k×k), R_i the QR factor of the sketched diag(√S_i) Vᵀ; pseudoinverses of singular ones."""
    n, k = S.shape[0], len(V)
    P = np.empty((n, k, k), dtype=V.dtype)
    for rows in runs(n, k * sketch.padded):
        weighted = np.sqrt(S.rows(rows))[:, None, :] * V
        P[rows] = _inverses(np.asarray(np.linalg.qr(sketch(weighted).swapaxes(1, 2), mode="r")))
    return P


def _inverses(R: np.ndarray) -> np.ndarray:
    pivots = np.abs(np.diagonal(R, axis1=1, axis2=2))
    noise = DEPENDENT * float(np.finfo(R.dtype).eps)
    regular = (R.shape[1] == R.shape[2]) & (pivots.min(axis=1) > noise * pivots.max(axis=1))
    P = np.empty((len(R), R.shape[2], R.shape[1]), dtype=R.dtype)
    P[regular] = np.linalg.inv(R[regular])
    P[~regular] = np.linalg.pinv(R[~regular], rcond=noise)
    return P


def _times(P: np.ndarray, Z: np.ndarray) -> np.ndarray:
    """P_i z_i for the columns of Z (k×n)."""
    return np.matmul(P, Z.T[:, :, None])[:, :, 0].T


def _dots(Y: np.ndarray, Z: np.ndarray) -> np.ndarray:
    """y_iᵀ z_i for the columns of Y and Z (k×n)."""
    return np.einsum("ki,ki->i", Y, Z)
