"""Greedy basis pursuit: the SVD one rank at a time where weights are equal; the best step; no loss that rises."""

from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from tests.solvers.weighted import dense, layer, loss, never_rises
from wlra_dist.solvers.methods.greedy import GreedyPursuit
from wlra_dist.weights import DenseWeights


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(1, 20), d=st.integers(1, 20), seed=st.integers(0, 1000), refit=st.sampled_from(["step", "columns"])
)
def test_the_loss_never_rises(n: int, d: int, seed: int, refit: Literal["step", "columns"]) -> None:
    A, W = layer(n, d, seed)
    iterates = list(GreedyPursuit(refit)(A, DenseWeights(W), 6, np.random.default_rng(seed)))
    assert [X.V.shape[0] for X in iterates] == list(range(1, min(n, d, 6) + 1))
    assert never_rises(A, DenseWeights(W), iterates, None)


def test_equal_weights_make_it_the_svd() -> None:
    A, _ = layer(40, 30)
    *_, X = GreedyPursuit("step", sweeps=30)(A, DenseWeights(np.full(A.shape, 0.5)), 3, np.random.default_rng(0))
    tail = np.square(np.linalg.svd(A, compute_uv=False)[3:]).sum()
    assert np.square(A - dense(X)).sum() == pytest.approx(tail, rel=1e-6)


def test_the_direction_is_the_gradients_and_the_step_the_best_one() -> None:
    A, W = layer(30, 20)
    X = next(GreedyPursuit("step", sweeps=40)(A, DenseWeights(W), 1, np.random.default_rng(0)))
    U, _, V = np.linalg.svd(np.square(W) * A)
    direction = np.multiply.outer(U[:, 0], V[0])
    search: Any = minimize_scalar(lambda step: float(np.square(W * (A - step * direction)).sum()), tol=1e-12)
    assert loss(A, DenseWeights(W), X) == pytest.approx(search.fun, rel=1e-6)


def test_refitting_the_columns_is_no_worse_than_steps() -> None:
    A, W = layer(30, 20)
    step, columns = (
        list(GreedyPursuit(r)(A, DenseWeights(W), 5, np.random.default_rng(0)))[-1] for r in ("step", "columns")
    )
    assert loss(A, DenseWeights(W), columns) < loss(A, DenseWeights(W), step)
