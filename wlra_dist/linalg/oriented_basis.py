"""The orthonormal basis that sender and receiver both compute from the left factor."""

import numpy as np

from wlra_dist.linalg.rows.tall import is_tall, tall_basis, tall_triangle


def oriented_basis(L: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Q (n×c) and R (c×c) with L = QR and a nonnegative diagonal of R, which makes them unique for independent columns.

    A QR factorisation, and no SVD: its answer moves with L no more than L's condition, while singular vectors of close
    singular values turn at the slightest rounding, and a receiver on another machine would read other coefficients.
    """
    found = tall_basis(L) if is_tall(L) else None
    if found is not None:
        return found
    Q, R = np.linalg.qr(L)
    signs = np.where(R.diagonal() < 0, -1.0, 1.0)
    return Q * signs, R * signs[:, None]


def oriented_triangle(L: np.ndarray) -> np.ndarray:
    """The R of `oriented_basis` alone, to the bit: there is no need to form Q."""
    found = tall_triangle(L) if is_tall(L) else None
    if found is not None:
        return found
    R = np.asarray(np.linalg.qr(L, mode="r"))
    return R * np.where(R.diagonal() < 0, -1.0, 1.0)[:, None]


def independent(R: np.ndarray) -> bool:
    """Whether the columns of QR are, as far as rounding tells."""
    return bool((np.abs(R.diagonal()) > np.finfo(float).eps * np.abs(R).max(initial=0.0)).all())
