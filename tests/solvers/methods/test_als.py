"""Alternating minimisation: exact half steps, no loss that rises, an optimum where brute force can tell."""

from itertools import pairwise
from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from tests.solvers.weighted import dense, layer, loss, never_rises
from wlra_dist.solvers.approximation import LowRank
from wlra_dist.solvers.methods.als import Alternating, clipped, fit_columns, fit_rows
from wlra_dist.solvers.problem import Problem
from wlra_dist.solvers.regression import NormalEquations
from wlra_dist.weights import BlockMask, DenseWeights, LowRankWeights, Weights


def drawn(n: int, d: int, k: int, rng: np.random.Generator) -> LowRank:
    return LowRank(rng.standard_normal((n, k)), rng.standard_normal((k, d)))


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(1, 20), d=st.integers(1, 20), k=st.integers(1, 5), seed=st.integers(0, 1000), started=st.booleans()
)
def test_the_loss_never_rises(n: int, d: int, k: int, seed: int, started: bool) -> None:
    A, W = layer(n, d, seed)
    rng = np.random.default_rng(seed)
    start = drawn(n, d, k, rng) if started else None
    assert never_rises(A, DenseWeights(W), Alternating()(A, DenseWeights(W), k, rng, start), start)


MASK = BlockMask(np.arange(20) % 3, np.arange(15) % 3)
masks = pytest.mark.parametrize("W", [MASK, DenseWeights(MASK.dense(slice(None)))], ids=["structured", "dense"])


@masks
@pytest.mark.parametrize("initialise", ["svd", "random"])
@pytest.mark.parametrize("k", [1, 2, 4])
def test_the_loss_never_rises_under_masks(k: int, initialise: Literal["svd", "random"], W: Weights) -> None:
    """Singular vectors lie in single blocks of a mask, and are rounding noise in the others."""
    A, _ = layer(20, 15)
    iterates = list(Alternating(15, initialise)(A, W, k, np.random.default_rng(0)))
    assert never_rises(A, W, iterates, None)
    assert max(np.abs(X.U).max() * np.abs(X.V).max() for X in iterates) < 1e4 * np.abs(A).max()


@masks
def test_directions_in_single_blocks_are_left_and_the_optimum_found(W: Weights) -> None:
    """Blocks of 5 columns have rank 5 in any case, so OPT is 0."""
    A, _ = layer(20, 15)
    *_, X = Alternating()(A, W, 5, np.random.default_rng(0))
    assert loss(A, W, X) < 1e-20 * np.square(W.dense(slice(None)) * A).sum()


@masks
def test_a_start_in_single_blocks_is_never_made_worse(W: Weights) -> None:
    A, _ = layer(20, 15)
    left, values, right = np.linalg.svd(W.dense(slice(None)) * A)
    start = LowRank(left[:, :4] * values[:4], right[:4])
    assert never_rises(A, W, Alternating(15)(A, W, 4, np.random.default_rng(0), start), start)


@pytest.mark.parametrize("W", [DenseWeights(layer(30, 20)[1]), LowRankWeights(np.ones((30, 1)), np.arange(20.0)[None])])
def test_a_half_step_is_weighted_least_squares(W: Weights) -> None:
    A, _ = layer(30, 20)
    rng = np.random.default_rng(0)
    X, weights = drawn(30, 20, 4, rng), W.dense(slice(None))
    rows = dense(fit_rows(Problem.of(A, W), X, NormalEquations(), rng))
    columns = dense(fit_columns(Problem.of(A, W), X, NormalEquations(), rng))
    for w, a, fitted in zip(weights, A, rows, strict=True):
        expected = X.V.T @ np.linalg.lstsq(w[:, None] * X.V.T, w * a)[0]
        np.testing.assert_allclose(w * fitted, w * expected, atol=1e-9)
    for w, a, fitted in zip(weights.T, A.T, columns.T, strict=True):
        np.testing.assert_allclose(w * fitted, w * (X.U @ np.linalg.lstsq(w[:, None] * X.U, w * a)[0]), atol=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_finds_what_a_scan_of_all_directions_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    A, W = rng.standard_normal((4, 2)), rng.random((4, 2))
    angles = np.linspace(0, np.pi, 20_001)
    V = np.stack([np.cos(angles), np.sin(angles)])
    explained = np.square(np.square(W) * A @ V) / (np.square(W) @ np.square(V))
    least = np.square(W * A).sum() - explained.sum(axis=0).max()
    runs = [list(Alternating(100, "random")(A, DenseWeights(W), 1, rng))[-1] for _ in range(6)]
    assert min(loss(A, DenseWeights(W), X) for X in runs) == pytest.approx(least, rel=1e-5)


def test_scipy_cannot_improve_on_what_it_converges_to() -> None:
    A, W = layer(9, 7)
    *_, X = Alternating(3000)(A, DenseWeights(W), 2, np.random.default_rng(0))

    def objective(x: np.ndarray) -> float:
        return float(np.square(W * (A - x[:18].reshape(9, 2) @ x[18:].reshape(2, 7))).sum())

    reached = objective(np.concatenate([X.U.ravel(), X.V.ravel()]))
    polished = minimize(objective, np.concatenate([X.U.ravel(), X.V.ravel()]), method="BFGS")
    assert reached == pytest.approx(polished.fun, rel=1e-4)


@pytest.mark.parametrize("W", [BlockMask.square(24, 2), LowRankWeights(np.ones((24, 1)), np.arange(24.0)[None])])
def test_structured_weights_give_what_dense_ones_give(W: Weights) -> None:
    A, _ = layer(24, 24)
    structured, plain = (
        list(Alternating(5)(A, weights, 3, np.random.default_rng(0)))[-1]
        for weights in (W, DenseWeights(W.dense(slice(None))))
    )
    assert loss(A, W, structured) == pytest.approx(loss(A, W, plain), rel=1e-8)


@pytest.mark.parametrize("factored", [False, True])
def test_what_float32_does_not_see_is_solved_in_float64(factored: bool) -> None:
    A, W = layer(60, 40)
    faint = np.arange(60) % 3 == 0
    W = np.outer(W[:, 0], W[0]) if factored else W
    W[faint] *= 1e-24
    weights = LowRankWeights(W[:, :1], W[:1] / W[0, 0]) if factored else DenseWeights(W)
    problem, X = Problem.of(A, weights), drawn(60, 40, 4, np.random.default_rng(0))
    exact, quick = (
        dense(fit_rows(problem, X, NormalEquations(quick), np.random.default_rng(0))) for quick in (False, True)
    )
    np.testing.assert_allclose(quick, exact, atol=1e-4 * np.abs(exact).max())
    np.testing.assert_allclose(quick[faint], exact[faint], atol=1e-10 * np.abs(exact).max())
    assert np.abs(quick - exact)[~faint].max() > 1e-12 * np.abs(exact).max()


def test_a_fixed_factor_of_condition_1e6_costs_no_digits() -> None:
    A, W = layer(60, 40)
    rng = np.random.default_rng(0)
    X = LowRank(np.zeros((60, 5)), np.diag(np.logspace(0, -6, 5)) @ rng.standard_normal((5, 40)))
    mixed = LowRank(X.U, np.linalg.qr(rng.standard_normal((5, 5)))[0] @ X.V)
    fitted = dense(fit_rows(Problem.of(A, DenseWeights(W)), mixed, NormalEquations(), rng))
    expected = np.array([X.V.T @ np.linalg.lstsq(w[:, None] * X.V.T, w * a)[0] for w, a in zip(W, A, strict=True)])
    np.testing.assert_allclose(W * fitted, W * expected, atol=1e-7 * np.abs(W * A).max())


def test_the_sketched_regression_alternates_as_the_exact_one() -> None:
    A, W = layer(60, 50)
    exact, sketched, rough = (
        [loss(A, DenseWeights(W), X) for X in solver(A, DenseWeights(W), 3, np.random.default_rng(0))]
        for solver in (
            Alternating(20),
            Alternating(20, regression="sketched"),
            Alternating(20, regression="sketched", steps=3),
        )
    )
    np.testing.assert_allclose(sketched, exact, rtol=1e-6)
    assert rough[-1] == pytest.approx(exact[-1], rel=1e-2)


@pytest.mark.parametrize("seed", range(3))
def test_going_farther_than_to_the_minimum_leads_on(seed: int) -> None:
    A, W = layer(60, 40, seed)
    plain, relaxed = (
        [
            loss(A, DenseWeights(W), X)
            for X in Alternating(12, relaxation=r)(A, DenseWeights(W), 4, np.random.default_rng(0))
        ]
        for r in (1.0, 1.4)
    )
    assert relaxed[0] == plain[0]
    assert relaxed[-1] <= 1.001 * plain[-1]


def test_rows_that_grew_too_long_are_dropped() -> None:
    U = np.ones((10, 2))
    U[:, 1] = np.tile([1, -1], 5)
    U[3] *= 30
    kept = clipped(U, 1.5)
    assert not kept[3].any()
    np.testing.assert_array_equal(np.delete(kept, 3, axis=0), np.delete(U, 3, axis=0))
    assert clipped(U, None) is U


def test_clipping_leaves_an_incoherent_problem_alone() -> None:
    rng = np.random.default_rng(0)
    A, W = rng.standard_normal((40, 3)) @ rng.standard_normal((3, 30)), 0.5 + rng.random((40, 30))
    losses = [loss(A, DenseWeights(W), X) for X in Alternating(30, clip=8.0)(A, DenseWeights(W), 3, rng)]
    assert losses[-1] < 1e-12 * np.square(W * A).sum()
    assert all(after <= before for before, after in pairwise(losses[:5]))


def test_rows_and_columns_without_weight_are_zero() -> None:
    A, W = layer(12, 10)
    W[3], W[:, 7] = 0, 0
    start = drawn(12, 10, 2, np.random.default_rng(0))
    *_, X = Alternating(3)(A, DenseWeights(W), 2, np.random.default_rng(0), start)
    assert np.abs(dense(X)[3]).max() < 1e-12
    assert np.abs(dense(X)[:, 7]).max() < 1e-12
