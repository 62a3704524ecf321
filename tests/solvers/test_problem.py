"""The residuals S∘(A − UV), piece by piece, and the gradients that they make."""

import numpy as np
import pytest

from tests.solvers.weighted import layer
from wlra_dist.solvers.problem import PIECE, Problem, unweighted, working_type, zero
from wlra_dist.weights import DenseWeights


def test_pieces_make_up_the_matrix() -> None:
    n, d = 500, PIECE // 200
    rng = np.random.default_rng(0)
    A, W, U, V = (rng.standard_normal(shape) for shape in ((n, d), (n, d), (n, 3), (3, d)))
    problem = Problem.of(A, DenseWeights(np.abs(W)))
    D = np.square(W / np.abs(W).max()) * (A - U @ V)
    pieces = [(rows, piece.copy()) for rows, piece in problem.residuals(U, V)]
    assert len(pieces) > 1
    np.testing.assert_allclose(np.vstack([piece for _, piece in pieces]), D, atol=1e-12)
    np.testing.assert_allclose(problem.row_gradient(U, V), V @ D.T, atol=1e-9)
    np.testing.assert_allclose(problem.column_gradient(U, V), U.T @ D, atol=1e-9)


def test_gradients_are_the_differences_of_the_loss() -> None:
    A, W = layer(6, 5)
    problem = Problem.of(A, DenseWeights(W))
    rng = np.random.default_rng(0)
    U, V, E, F = (rng.standard_normal(shape) for shape in ((6, 2), (2, 5), (6, 2), (2, 5)))

    def loss(step: float) -> float:
        return float(np.square(W / W.max() * (A - (U + step * E) @ (V + step * F))).sum())

    slope = -2 * np.vdot(problem.row_gradient(U, V).T, E) - 2 * np.vdot(problem.column_gradient(U, V), F)
    assert slope == pytest.approx((loss(1e-6) - loss(-1e-6)) / 2e-6, rel=1e-6)


def test_without_weights_the_residual_is_all_that_is_left() -> None:
    A, _ = layer(4, 3)
    problem = unweighted(A)
    X = zero(problem, 2)
    ((_, D),) = problem.residuals(X.U, X.V)
    np.testing.assert_array_equal(D, A)


@pytest.mark.parametrize(
    ("A", "expected"),
    [
        (np.ones((2, 2), np.float32), np.float32),
        (np.ones((2, 2)), np.float64),
        (np.ones((2, 2), int), np.float64),
        (np.zeros((2, 2), np.float32), np.float32),
        (np.full((2, 2), -1e20, np.float32), np.float64),
        (np.full((2, 2), 1e-20, np.float32), np.float64),
    ],
)
def test_float32_where_it_has_room(A: np.ndarray, expected: type) -> None:
    assert working_type(A) == expected
