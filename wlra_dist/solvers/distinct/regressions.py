"""Many least squares problems under one Gaussian sketch (Li et al., Lemma 3.8; Razenshteyn et al., Thm 3.1).

Lemma, with a constant. Let S ∈ R^{t×n} have independent Gaussian entries, A^i ∈ R^{n×k} rank k, and y^i be the solution
of the i-th problem under S. For t > k + 1 each excess ‖A^i y^i − b^i‖² − ‖A^i x^i − b^i‖² has the mean
k/(t − k − 1)·‖A^i x^i − b^i‖². So with t ≥ k + 1 + k/(δε) the sum of all is within 1 + ε but with probability δ.

Proof. SA^i and S(b^i − A^i x^i) are independent, since b^i − A^i x^i is orthogonal to A^i. Given the first, the excess
has the mean ‖A^i x^i − b^i‖²·tr((GᵀG)^{-1}), G = S Q with an orthonormal basis Q of A^i: an inverse Wishart matrix of
mean I/(t − k − 1). Means add up, whatever S the problems share, and no excess is negative (Markov). ∎
"""

from collections.abc import Sequence

import numpy as np

FAILS = 0.01
"""δ, the chance that a sketch misleads: the paper's 0.99."""


def sketch_rows(k: int, epsilon: float, fails: float = FAILS) -> int:
    """t = k + 1 + ⌈k/(δε)⌉ = O(k/ε) rows, for k unknowns, with which regressions are within 1 + ε."""
    return k + 1 + int(np.ceil(k / (fails * epsilon)))


def gaussian_sketch(t: int, n: int, rng: np.random.Generator) -> np.ndarray:
    """S (t×n) with entries of variance 1/t."""
    return rng.standard_normal((t, n)) / np.sqrt(t)


def sketched_regressions(
    matrices: Sequence[np.ndarray], targets: Sequence[np.ndarray], S: np.ndarray
) -> list[np.ndarray]:
    """y^i = argmin ‖S A^i y − S b^i‖² for each A^i (n×k) and b^i (n), for a sketch S (t×n)."""
    return [np.linalg.lstsq(S @ A, S @ b, rcond=None)[0] for A, b in zip(matrices, targets, strict=True)]
