"""Multiple regressions alone: each row against an SVD of its own, by every method."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wlra_dist as wd
from tests.solvers.weighted import layer
from wlra_dist.solvers.regressions.simply import Way

METHODS = get_args(Way)


def row_by_row(A: np.ndarray, V: np.ndarray, W: np.ndarray) -> np.ndarray:
    return np.array([np.linalg.lstsq(w[:, None] * V.T, w * a)[0] for w, a in zip(W, A, strict=True)])


@pytest.mark.parametrize("method", METHODS)
def test_each_row_is_a_least_squares_problem(method: Way):
    A, W = layer(30, 60)
    V = np.random.default_rng(1).standard_normal((4, 60))
    np.testing.assert_allclose(wd.regressions(A, V, W, method), row_by_row(A, V, W), rtol=1e-6, atol=1e-8)


@settings(max_examples=30, deadline=None)
@given(n=st.integers(1, 8), d=st.integers(1, 12), k=st.integers(1, 5), seed=st.integers(0, 999))
def test_no_other_factor_loses_less(n: int, d: int, k: int, seed: int):
    rng = np.random.default_rng(seed)
    A, V, W = rng.standard_normal((n, d)), rng.standard_normal((k, d)), rng.random((n, d)) * (rng.random((n, d)) < 0.7)
    U = wd.regressions(A, V, W)
    residual = np.square(W) * (A - U @ V)
    assert np.abs(residual @ V.T).max() < 1e-9  # the gradient


@pytest.mark.parametrize("method", ["exact", "sketched"])
@pytest.mark.parametrize("condition", [1e2, 1e6])
def test_condition_numbers_cost_few_digits(method: Way, condition: float):
    A, W = layer(12, 80)
    V = np.logspace(0, -np.log10(condition), 5)[:, None] * np.random.default_rng(0).standard_normal((5, 80))
    expected = row_by_row(A, V, W)
    errors = np.linalg.norm(wd.regressions(A, V, W, method) - expected, axis=1) / np.linalg.norm(expected, axis=1)
    assert errors.max() < 1e-7


@pytest.mark.parametrize("method", METHODS)
def test_what_has_no_weight_does_not_count(method: Way):
    A, W = layer(8, 30)
    W[:, ::3] = 0
    V = np.random.default_rng(1).standard_normal((2, 30))
    spoilt = np.where(W > 0, A, np.nan)
    np.testing.assert_array_equal(wd.regressions(spoilt, V, W, method), wd.regressions(A, V, W, method))


@pytest.mark.parametrize("method", METHODS)
def test_scale_means_nothing(method: Way):
    A, W = layer(8, 30)
    V = np.random.default_rng(1).standard_normal((2, 30))
    U = wd.regressions(A, V, W, method)
    scaled = wd.regressions(np.ldexp(A, 300), np.ldexp(V, -200), np.ldexp(W, 100), method)
    np.testing.assert_array_equal(scaled, np.ldexp(U, 500))


def test_structured_weights_give_what_dense_ones_give():
    A, _ = layer(24, 24)
    V, W = A[:3], wd.BlockMask.square(24, 2)
    np.testing.assert_allclose(wd.regressions(A, V, W), wd.regressions(A, V, W.dense(slice(None))), rtol=1e-9)


@pytest.mark.parametrize(("change", "says"), [
    ({"V": np.ones((2, 5))}, "one shape n×d and V of k×d"),
    ({"W": np.ones((3, 4))}, "one shape n×d"),
    ({"method": "svd"}, "expected a method of exact, cholesky, sketched, found 'svd'"),
    ({"method": "sketched", "steps": 0}, "steps: expected an integer of at least 1"),
    ({"A": np.full((3, 6), np.nan)}, "A"),
    ({"W": -np.ones((3, 6))}, "W"),
    ({"V": np.full((2, 6), np.inf)}, "finite numbers in V, found inf in row 0, column 0"),
])  # fmt: skip
def test_what_does_not_fit_is_refused(change: dict[str, object], says: str):
    given_all = {"A": np.ones((3, 6)), "V": np.ones((2, 6)), "W": np.ones((3, 6))} | change
    with pytest.raises(wd.InputError, match=says):
        wd.regressions(**given_all)  # pyright: ignore[reportArgumentType]
