"""Frequent Directions: a sketch of ℓ columns that no direction is overrated by (Liberty 2013; Ghashami et al. 2016).

Theorem. Let L (n×ℓ) be the sketch of B (n×d) and Δ what was taken off squared singular values in all. Then for all unit
vectors u: 0 ≤ ‖uᵀB‖² − ‖uᵀL‖² ≤ Δ, and (ℓ + 1 − K)·Δ ≤ ‖B_{−K}‖_F² for every K ≤ ℓ.

Proof. Each step replaces L by one whose squared singular values are σ_j² − σ_{ℓ+1}² (or 0): this takes at most σ_{ℓ+1}²
off ‖uᵀL‖² for any u, and at least (ℓ + 1)·σ_{ℓ+1}² off ‖L‖_F². So (ℓ + 1)·Δ ≤ ‖B‖² − ‖L‖². For the leading left
singular vectors u_1 … u_K of B, ‖B‖² − ‖L‖² ≤ ‖B_{−K}‖² + Σ_j (‖u_jᵀB‖² − ‖u_jᵀL‖²) ≤ ‖B_{−K}‖² + K·Δ. ∎

Sketches side by side are one of the blocks side by side, with the sum of their Δ: nothing is lost by merging. The
paper has ℓ where ℓ + 1 stands here, as its sketch keeps a row of zeros.
"""

from dataclasses import dataclass

import numpy as np

from wlra_dist.linalg.blocks import dense_columns, shape_of
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.linalg.spectral.subspace import leading_subspace


@dataclass(frozen=True, eq=False)
class Sketch:
    """L ≈ B in the sense of LLᵀ ≈ BBᵀ.

    Attributes:
        L: n×c, c ≤ ℓ, orthogonal columns by falling length.
        shrunk: Δ.
    """

    L: np.ndarray
    shrunk: float


def frequent_directions(B: Matrix, most: int) -> Sketch:
    """The sketch of at most `most` columns of B (n×d), from one look at its columns and n×2ℓ numbers of memory."""
    n, d = shape_of(B)
    sketch = Sketch(np.zeros((n, 0)), 0.0)
    for start in range(0, d, most):
        columns = dense_columns(B, slice(start, start + most))
        sketch = _shrunk(np.hstack([sketch.L, columns]), most, sketch.shrunk)
    return sketch


def _shrunk(L: np.ndarray, most: int, before: float) -> Sketch:
    found = leading_subspace(L, most + 1)
    off = float(found.squares[most]) if len(found.squares) > most else 0.0
    kept = found.first(most)
    factors = np.sqrt(np.maximum(1 - off / np.maximum(kept.squares, np.finfo(float).tiny), 0.0))
    return Sketch(L @ kept.V * factors, before + off)
