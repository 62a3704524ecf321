"""Song et al.'s regression: eight digits in a number of steps that does not depend on the condition number."""

import numpy as np
import pytest

from wlra_dist.linalg.hadamard import Srht
from wlra_dist.solvers.problem import Problem
from wlra_dist.solvers.sketched import SketchedGradient, preconditioners
from wlra_dist.solvers.squares import DenseSquares

N, D, K = 12, 250, 8

CONDITIONS = [1.0, 1e2, 1e4, 1e6]


def problem(seed: int = 0) -> Problem:
    rng = np.random.default_rng(seed)
    S = rng.lognormal(size=(N, D))
    return Problem(rng.standard_normal((N, D)), DenseSquares(S / S.max()))


def conditioned(condition: float, seed: int = 0) -> np.ndarray:
    """V (K×D) with singular values from 1 to 1/condition."""
    rng = np.random.default_rng(seed)
    left, right = (np.linalg.qr(rng.standard_normal((size, K)))[0] for size in (K, D))
    return left * np.logspace(0, -np.log10(condition), K) @ right.T


def solved(P: Problem, V: np.ndarray, steps: int, seed: int = 1) -> np.ndarray:
    def residual(E: np.ndarray | None) -> np.ndarray:
        return P.row_gradient(np.zeros((N, K)) if E is None else E.T, V)

    return SketchedGradient(steps=steps)(V, P.S, residual, np.random.default_rng(seed)).T


def reference(P: Problem, V: np.ndarray) -> np.ndarray:
    """Row by row by QR in extended precision."""
    roots = np.sqrt(P.S.rows(slice(None)))
    return np.array([_extended(w[:, None] * V.T, w * a) for w, a in zip(roots, P.A, strict=True)])


def _extended(M: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The least squares solution by Gram-Schmidt, twice for each column, and back substitution."""
    columns, b = M.astype(np.longdouble), b.astype(np.longdouble)
    Q, R = np.zeros_like(columns), np.zeros((K, K), np.longdouble)
    for j in range(K):
        column = columns[:, j]
        for _ in range(2):
            inside = Q[:, :j].T @ column
            column = column - Q[:, :j] @ inside
            R[:j, j] += inside
        R[j, j] = np.sqrt(column @ column)
        Q[:, j] = column / R[j, j]
    x, y = np.zeros(K, np.longdouble), Q.T @ b
    for j in reversed(range(K)):
        x[j] = (y[j] - R[j, j + 1 :] @ x[j + 1 :]) / R[j, j]
    return x.astype(float)


def forward_error(found: np.ndarray, expected: np.ndarray) -> float:
    """The largest relative error of a row."""
    return float((np.linalg.norm(found - expected, axis=1) / np.linalg.norm(expected, axis=1)).max())


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("condition", CONDITIONS)
def test_eight_digits_whatever_the_condition_number(condition: float, seed: int) -> None:
    P, V = problem(seed), conditioned(condition, seed)
    assert forward_error(solved(P, V, 30, seed), reference(P, V)) <= 1e-8


@pytest.mark.parametrize("condition", CONDITIONS)
def test_steps_grow_with_the_number_of_digits(condition: float) -> None:
    P, V = problem(), conditioned(condition)
    expected = reference(P, V)
    errors = [forward_error(solved(P, V, steps), expected) for steps in (7, 14, 21)]
    assert np.all(np.array(errors) <= [0.2, 1e-3, 1e-6])


def test_the_preconditioned_problem_is_nearly_orthonormal() -> None:
    P, V = problem(), conditioned(1e6)
    for s, inverse in zip(
        P.S.rows(slice(None)), preconditioners(V, P.S, Srht.random(D, 8 * K, np.random.default_rng(0))), strict=True
    ):
        values = np.linalg.svd(np.sqrt(s)[:, None] * (V.T @ inverse), compute_uv=False)
        assert np.abs(np.log(values)).max() < np.log(2.5)


def test_a_row_that_few_weights_determine_gets_the_solution_of_least_norm() -> None:
    P, V = problem(), conditioned(10.0)
    S = P.S.rows(slice(None)).copy()
    S[0], S[1, 3:] = 0, 0
    found = solved(Problem(P.A, DenseSquares(S)), V, 60)
    assert not found[0].any()
    w = np.sqrt(S[1, :3])
    np.testing.assert_allclose(found[1], np.linalg.lstsq(w[:, None] * V.T[:3], w * P.A[1, :3])[0], rtol=1e-6)
