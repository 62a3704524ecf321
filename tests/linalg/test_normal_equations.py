"""Packed Cholesky: the solutions of numpy, and a descent whatever the rank."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlra_dist.linalg.normal_equations import pair_products, solve


def drawn(k: int, d: int, m: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """V (k×d), nonnegative S (m×d) with many zeros, right-hand sides (k×m) in the range of the Gram matrices."""
    rng = np.random.default_rng(seed)
    V = rng.standard_normal((k, d))
    S = rng.random((m, d)) * (rng.random((m, d)) < 0.6)
    return V, S, np.einsum("kj,ij,ij->ki", V, S, rng.standard_normal((m, d)))


def gram_matrices(V: np.ndarray, S: np.ndarray) -> np.ndarray:
    return np.einsum("pj,ij,qj->ipq", V, S, V)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_solves_what_numpy_solves(dtype: type) -> None:
    V, S, right = drawn(7, 40, 50, 0)
    expected = np.linalg.solve(gram_matrices(V, S), right.T[:, :, None])[:, :, 0].T
    grams = (pair_products(V) @ S.T).astype(dtype)
    solution = solve(grams, right.astype(dtype))
    assert solution.dtype == dtype
    np.testing.assert_allclose(solution, expected, atol=3e3 * np.finfo(dtype).eps * np.abs(expected).max())


@given(k=st.integers(1, 6), d=st.integers(1, 6), m=st.integers(1, 9), seed=st.integers(0, 10_000))
def test_the_quadratic_falls_to_its_minimum_whatever_the_rank(k: int, d: int, m: int, seed: int) -> None:
    V, S, right = drawn(k, d, m, seed)
    solution = solve(pair_products(V) @ S.T, right.copy())
    for G, b, x in zip(gram_matrices(V, S), right.T, solution.T, strict=True):
        least = -b @ np.linalg.pinv(G, rcond=1e-10) @ b
        assert x @ G @ x - 2 * b @ x == pytest.approx(least, rel=1e-5, abs=1e-9)


def test_an_unknown_that_depends_on_others_stays_zero() -> None:
    V = np.array([[1.0, 2.0, 0.0], [2.0, 4.0, 0.0], [0.0, 0.0, 3.0], [0.0, 0.0, 0.0]])
    solution = solve(pair_products(V) @ np.ones((3, 1)), V @ np.array([[1.0], [2.0], [6.0]]))
    np.testing.assert_allclose(solution[:, 0], [1.0, 0.0, 2.0, 0.0])


def test_a_pivot_below_the_least_counts_as_none() -> None:
    V = np.diag([1.0, 1e-3, 1.0])
    right = np.array([[1.0], [1e-3], [2.0]])
    for least, expected in ((1e-7, 1e3), (1e-5, 0.0)):
        solution = solve(pair_products(V) @ np.ones((3, 1)), right.copy(), least=np.array([least]))
        np.testing.assert_allclose(solution[:, 0], [1.0, expected, 2.0])


def test_no_unknowns_and_no_problems() -> None:
    assert solve(pair_products(np.zeros((0, 3))) @ np.ones((3, 2)), np.zeros((0, 2))).shape == (0, 2)
    assert solve(pair_products(np.ones((2, 3))) @ np.ones((3, 0)), np.zeros((2, 0))).shape == (2, 0)
