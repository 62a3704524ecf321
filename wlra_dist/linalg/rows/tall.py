"""QR of a tall factor, a few rows at a time: no more is held than the factor, or where only R is asked for nothing.

The triangles of pieces are merged into R (TSQR; Demmel et al. 2012), and Q = L R⁻¹ is orthonormal to cond(L)·eps; the
same once more makes that a few roundings ("twice is enough"), as long as cond(L)·eps is below 1. LAPACK on the whole
takes five times the factor's memory by way of numpy, and is no faster.
"""

from collections.abc import Iterable, Iterator

import numpy as np

from wlra_dist.linalg.on_demand import OnDemand

TALL = 2**20
"""Entries of a factor that LAPACK is not given whole (8 MiB)."""

MERGED = 2**16
"""Entries of a piece: 512 KiB."""

CLEAR = 1e-7
"""A column that keeps less than this of its length outside those before it is left to LAPACK."""


def is_tall(L: np.ndarray) -> bool:
    """Whether L (n×c) is a matter of pieces."""
    return L.size > TALL and len(L) > 4 * L.shape[1]


def triangle_of(pieces: Iterable[np.ndarray], c: int) -> np.ndarray:
    """R (c×c) of the QR factorisation of all pieces, one upon the other, with a nonnegative diagonal."""
    R = np.zeros((0, c))
    for piece in pieces:
        R = np.asarray(np.linalg.qr(np.vstack([R, piece]), mode="r"))
    return R * np.where(R.diagonal() < 0, -1.0, 1.0)[:, None]


def triangle_on_demand(L: OnDemand) -> np.ndarray:
    """R of the QR factorisation of L (n×c)."""
    return triangle_of((piece for _, piece in L.pieces(least=4 * L.shape[1])), L.shape[1])


def tall_triangle(L: np.ndarray) -> np.ndarray | None:
    """The R of `tall_basis`."""
    factors = _factors(L)
    return None if factors is None else factors[1] @ factors[0]


def tall_basis(
    L: np.ndarray, least: np.ndarray | float = 0.0, *, overwrite: bool = False
) -> tuple[np.ndarray, np.ndarray] | None:
    """Q and R with L = QR and a positive diagonal of R, above `least`; None where columns nearly depend on others."""
    factors = _factors(L)
    if factors is None or not (factors[0].diagonal() > least).all():
        return None
    first, second = (np.linalg.solve(R, np.eye(len(R))) for R in factors)
    Q = L if overwrite else np.empty(L.shape)
    for run in _runs(L):
        Q[run] = (L[run] @ first) @ second
    return Q, factors[1] @ factors[0]


def _factors(L: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """R₁ of L and R₂ of L R₁⁻¹."""
    c = L.shape[1]
    R = triangle_of((L[run] for run in _runs(L)), c)
    if not (R.diagonal() > CLEAR * np.linalg.norm(R, axis=0)).all():
        return None
    inverse = np.linalg.solve(R, np.eye(c))
    return R, triangle_of((L[run] @ inverse for run in _runs(L)), c)


def _runs(L: np.ndarray) -> Iterator[slice]:
    n, c = L.shape
    height = max(4 * c, MERGED // c)
    return (slice(start, min(start + height, n)) for start in range(0, n, height))
