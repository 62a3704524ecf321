"""Row norm sampling: rows of A, those that weigh something, combined at their best."""

import numpy as np
import pytest

from tests.solvers.weighted import dense, layer
from wlra_dist.solvers.methods.sample import Sample
from wlra_dist.weights import DenseWeights


def test_the_rows_space_is_of_rows_of_A_and_the_fit_is_least_squares() -> None:
    A, W = layer(20, 15)
    (X,) = Sample()(A, DenseWeights(W), 4, np.random.default_rng(0))
    inside = np.linalg.norm(A - A @ X.V.T @ X.V, axis=1) < 1e-10
    assert inside.sum() == 4
    R = A[inside]
    for w, a, fitted in zip(W, A, dense(X), strict=True):
        np.testing.assert_allclose(w * fitted, w * (R.T @ np.linalg.lstsq(w[:, None] * R.T, w * a)[0]), atol=1e-8)


def test_rows_are_drawn_by_their_weighted_energy() -> None:
    A, W = np.eye(3), np.diag([1.0, 2.0, 0.0])
    drawn = np.zeros(3)
    for seed in range(800):
        (X,) = Sample()(A, DenseWeights(W), 1, np.random.default_rng(seed))
        drawn[np.abs(X.V[0]).argmax()] += 1
    np.testing.assert_allclose(drawn / 800, [0.2, 0.8, 0.0], atol=0.05)


def test_rows_without_weight_are_not_drawn() -> None:
    A, W = layer(10, 8)
    W[2:] = 0
    (X,) = Sample()(A, DenseWeights(W), 5, np.random.default_rng(0))
    assert X.V.shape == (2, 8)
    assert np.square(W * (A - dense(X))).sum() == pytest.approx(0, abs=1e-20)
