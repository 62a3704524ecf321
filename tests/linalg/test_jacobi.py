"""Jacobi's method: eigenvectors, and to the last bit what its rule says."""

from math import sqrt

import numpy as np
import pytest

from wlra_dist.linalg.jacobi import nearly_diagonal


def by_the_rule(M: list[list[float]], sweeps: int) -> tuple[list[float], list[list[float]]]:
    """One matrix, one pair of rows and columns at a time, in Python's own arithmetic."""
    n = len(M)
    U = [[float(i == j) for j in range(n)] for i in range(n)]
    for turn in range(sweeps * n):
        pairs = [(i, j) for i in range(n) for j in range(i + 1, n) if (i + j - turn) % n == 0]
        rotations = []
        for i, j in pairs:
            across, apart = 2 * M[i][j], M[j][j] - M[i][i]
            length = abs(apart) + sqrt(apart * apart + across * across)
            tangent = (-across if apart < 0 else across) / length if length else 0.0
            cosine = 1 / sqrt(1 + tangent * tangent)
            rotations.append((i, j, cosine, tangent * cosine))
        for i, j, c, s in rotations:
            M[i], M[j] = (
                [c * x - s * y for x, y in zip(M[i], M[j], strict=True)],
                [c * y + s * x for x, y in zip(M[i], M[j], strict=True)],
            )
        for rows in (M, U):
            for row in rows:
                for i, j, c, s in rotations:
                    row[i], row[j] = c * row[i] - s * row[j], c * row[j] + s * row[i]
    return [M[i][i] for i in range(n)], U


def symmetric(rng: np.random.Generator, m: int, n: int) -> np.ndarray:
    """Of scales that differ, with rows of zeros."""
    X = rng.standard_normal((m, n, n)) * 10.0 ** rng.integers(-6, 1, (m, n, 1)) * (rng.random((m, n, 1)) < 0.9)
    return X @ X.transpose(0, 2, 1)


@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_every_bit_is_that_of_the_rule(n: int):
    M = symmetric(np.random.default_rng(n), 3, n)
    M = np.triu(M) + np.triu(M, 1).transpose(0, 2, 1)
    values, U = nearly_diagonal(M, 3)
    for one, of_values, of_U in zip(M.tolist(), values.tolist(), U.tolist(), strict=True):
        assert by_the_rule(one, 3) == (of_values, of_U)


def test_it_finds_eigenvectors():
    M = symmetric(np.random.default_rng(0), 4, 12)
    values, U = nearly_diagonal(M, 8)
    assert np.abs(U.transpose(0, 2, 1) @ U - np.eye(12)).max() < 1e-12
    assert np.abs(U * values[:, None] @ U.transpose(0, 2, 1) - M).max() < 1e-10
