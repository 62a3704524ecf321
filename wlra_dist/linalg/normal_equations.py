"""Least squares with few unknowns and a great many right-hand sides, each with weights of its own: packed Cholesky.

The Gram matrix of the i-th problem, Σ_j S_ij v_j v_jᵀ, is row i of S times the products of pairs of v_j's entries: one
GEMM makes all of them, half of each. They are factored together, problem after problem along the last axis, so that
each of the k² steps of a Cholesky decomposition is one operation on long vectors.
"""

import numpy as np

DEPENDENT = 64.0
"""In units of eps: a pivot below this part of its diagonal is rounding noise, and the unknown a combination of those
before it; entries of V below this part of the others are rounding noise, too, which a fit would magnify."""

Columns = list[np.ndarray]


def pair_products(V: np.ndarray, more: int = 0) -> np.ndarray:
    """v_p·v_q (k(k+1)/2 × d) for the pairs q ≤ p of rows of V (k×d): column after column of a lower triangle.

    After them come so many more rows, for the caller to fill: a copy to append one costs as much as the products.
    """
    k, d = V.shape
    products = np.empty((k * (k + 1) // 2 + more, d), dtype=V.dtype)
    for q, column in enumerate(_unpacked(products, k)):
        np.multiply(V[q:], V[q], out=column)
    return products


def solve(grams: np.ndarray, right: np.ndarray, least: np.ndarray | float = 0.0) -> np.ndarray:
    """X (k×m) with G_i x_i = b_i; grams and right-hand sides are overwritten, these by X.

    An unknown that depends on those before it stays 0. What the others then solve is the problem without it, so the
    quadratic x_iᵀ G_i x_i − 2 b_iᵀ x_i never rises above its value at 0, whatever the rank of G_i.

    Args:
        grams: k(k+1)/2 × m, packed as `pair_products` are; positive semidefinite.
        right: k×m.
        least: below this (m) a pivot counts as 0, and its unknown as a dependent one.
    """
    columns = _unpacked(grams, len(right))
    scales = _factor(columns, right, least)
    for j in reversed(range(len(right))):
        right[j] -= np.einsum("pm,pm->m", columns[j][1:], right[j + 1 :])
        right[j] *= scales[j]
    return right


def _unpacked(grams: np.ndarray, k: int) -> Columns:
    """Column j of each lower triangle, from its diagonal on: (k − j)×m; views."""
    starts = np.cumsum([0, *range(k, 0, -1)])
    return [grams[starts[j] : starts[j + 1]] for j in range(k)]


def _factor(columns: Columns, right: np.ndarray, least: np.ndarray | float) -> np.ndarray:
    """The columns become those of L, the right-hand sides L⁻¹b; returns 1/L_jj (k×m), 0 for dependent unknowns."""
    k, m = right.shape
    noise = np.maximum(_noise(np.array([column[0] for column in columns]).reshape(k, m)), least)
    scales, space = np.empty_like(right), np.empty_like(right)
    for j, column in enumerate(columns):
        scales[j] = 1 / np.sqrt(np.where(column[0] > noise[j], column[0], np.inf))
        column *= scales[j]
        right[j] *= scales[j]
        right[j + 1 :] -= np.multiply(column[1:], right[j], out=space[: k - j - 1])
        for p in range(j + 1, k):
            columns[p] -= np.multiply(column[p - j :], column[p - j], out=space[: k - p])
    return scales


def _noise(diagonals: np.ndarray) -> np.ndarray:
    """The size below which a pivot tells nothing (k×m), from the diagonals of the Gram matrices."""
    part = DEPENDENT * float(np.finfo(diagonals.dtype).eps)
    return np.maximum(part * diagonals, part**2 * diagonals.max(axis=0, initial=0.0))
