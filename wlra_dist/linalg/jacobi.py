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
    M, transposed, room = M.copy(), np.tile(np.eye(n), (m, 1, 1)), np.empty_like(M)
    for turn in range(sweeps * n):
        partner = (turn - np.arange(n)) % n
        rotations = _rotations(M, partner)
        for of, axis in ((M, 1), (M, 2), (transposed, 1)):
            _rotate(of, axis, partner, *rotations, room)
    return M.diagonal(axis1=1, axis2=2), transposed.transpose(0, 2, 1)


def _rotate(
    of: np.ndarray, axis: int, partner: np.ndarray, cosines: np.ndarray, sines: np.ndarray, room: np.ndarray
) -> None:
    """cosine·own + sine·partner's along rows (1) or columns (2), in place, each product rounded before the sum."""
    np.take(of, partner, axis=axis, out=room, mode="clip")  # without "clip" numpy makes a copy first
    of *= np.expand_dims(cosines, 3 - axis)
    room *= np.expand_dims(sines, 3 - axis)
    of += room


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
