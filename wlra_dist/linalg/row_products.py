"""Products of a matrix that is looked at in row pieces."""

from dataclasses import dataclass

import numpy as np

from wlra_dist.linalg.rows import Rows, pieces

TALL = 3
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
    Y, Z, energy = np.empty((n, V.shape[1]), B.dtype), np.zeros((V.shape[1], d), B.dtype), 0.0
    for run, piece in pieces(B):
        np.matmul(piece, V, out=Y[run])
        Z += Y[run].T @ piece
        energy += float(np.vdot(piece, piece))
    return Swept(V, Y, Z, energy)


def gram(B: Rows, tall: int = TALL) -> np.ndarray:
    """BᵀB (d×d), from pieces of so many times d rows."""
    d = B.shape[1]
    G = np.zeros((d, d), B.dtype)
    for _, piece in pieces(B, least=tall * d):
        G += piece.T @ piece
    return G


def transposed_times(B: Rows, U: np.ndarray) -> np.ndarray:
    """BᵀU (d×c), for U n×c."""
    U = U.astype(B.dtype, copy=False)
    product = np.zeros((B.shape[1], U.shape[1]), B.dtype)
    for run, piece in pieces(B):
        product += piece.T @ U[run]
    return product
