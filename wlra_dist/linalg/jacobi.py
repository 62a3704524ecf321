"""Eigenvectors that every machine finds alike: cyclic Jacobi, with + − × / and √ alone, in a fixed order.

Those of LAPACK differ in their last digits from machine to machine. Rotations of one turn have no index in common: they
are made side by side, on all matrices at once.
"""

import numpy as np


def nearly_diagonal(M: np.ndarray, sweeps: int) -> tuple[np.ndarray, np.ndarray]:
    """(the diagonal of UᵀMU, U) of symmetric matrices (m×n×n), after so many sweeps (Jacobi 1846).

    Turn t of a sweep rotates the pairs i < j with i + j ≡ t modulo n so that M_ij vanishes; rows first, then columns.
    """
    m, n, _ = M.shape
    U = np.tile(np.eye(n), (m, 1, 1))
    for turn in range(sweeps * n):
        partner = (turn - np.arange(n)) % n
        cosines, sines = _rotations(M, partner)
        M = cosines[:, :, None] * M + sines[:, :, None] * M[:, partner]
        M, U = (cosines[:, None] * of + sines[:, None] * of[:, :, partner] for of in (M, U))
    return M.diagonal(axis1=1, axis2=2), U


def _rotations(M: np.ndarray, partner: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each index: the cosine, and the sine with the sign that it has there (both m×n)."""
    place, diagonal = np.arange(len(partner)), M.diagonal(axis1=1, axis2=2)
    low, high = np.minimum(place, partner), np.maximum(place, partner)
    across = np.where(low < high, 2 * M[:, low, high], 0.0)
    apart = diagonal[:, high] - diagonal[:, low]
    length = np.abs(apart) + np.sqrt(apart * apart + across * across)
    tangents = np.where(apart < 0, -across, across) / np.where(length > 0, length, 1.0)
    cosines = 1 / np.sqrt(1 + tangents * tangents)
    return cosines, np.where(place < partner, -tangents, tangents) * cosines
