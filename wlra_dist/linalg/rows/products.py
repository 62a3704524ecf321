"""Products of a matrix that is looked at in row pieces."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wlra_dist.linalg.rows.rows import Rows, pieces
from wlra_dist.linalg.threads import shared

TALL = 5
"""A piece of a Gram matrix has so many times as many rows as columns: with 1/2 a third of the speed is lost."""


@dataclass(frozen=True, eq=False)
class Swept:
    """One look at B (n×d) through V (d×l)."""

    V: np.ndarray
    Y: np.ndarray
    """BV (n×l)."""
    Z: np.ndarray
    """YᵀB (l×d)."""
    energy: float
    """‖B‖_F²."""


def sweep(B: Rows, V: np.ndarray) -> Swept:
    """V is d×l, orthonormal."""
    n, d = B.shape
    V = V.astype(B.dtype)
    Y = np.empty((n, V.shape[1]), B.dtype)

    def part(rows: slice) -> tuple[np.ndarray, float]:
        Z, energy = np.zeros((V.shape[1], d), B.dtype), 0.0
        for run, piece in pieces(B, within=rows):
            np.matmul(piece, V, out=Y[run])
            Z += Y[run].T @ piece
            energy += float(np.vdot(piece, piece))
        return Z, energy

    Z, energies = zip(*shared(part, n, d), strict=True)
    return Swept(V, Y, _sum(Z), sum(energies))


def gram(B: Rows, tall: int = TALL) -> np.ndarray:
    """BᵀB (d×d), from pieces of so many times d rows."""
    n, d = B.shape

    def part(rows: slice) -> np.ndarray:
        G = np.zeros((d, d), B.dtype)
        for _, piece in pieces(B, least=tall * d, within=rows):
            G += piece.T @ piece
        return G

    return _sum(shared(part, n, d))


def transposed_times(B: Rows, U: np.ndarray) -> np.ndarray:
    """BᵀU (d×c), for U n×c."""
    U = U.astype(B.dtype, copy=False)

    def part(rows: slice) -> np.ndarray:
        product = np.zeros((B.shape[1], U.shape[1]), B.dtype)
        for run, piece in pieces(B, within=rows):
            product += piece.T @ U[run]
        return product

    return _sum(shared(part, *B.shape))


def _sum(parts: Sequence[np.ndarray]) -> np.ndarray:
    """The sum; the first part becomes it."""
    total = parts[0]
    for part in parts[1:]:
        total += part
    return total
