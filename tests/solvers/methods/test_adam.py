"""Adam: a step has the size of the rate, at any scale it comes near the optimum, and it begins at its start."""

import numpy as np
import pytest

from tests.solvers.weighted import dense, layer, loss
from wlra_dist.solvers.approximation import LowRank
from wlra_dist.solvers.methods.adam import Adam
from wlra_dist.solvers.methods.als import Alternating
from wlra_dist.weights import DenseWeights


def test_the_first_step_has_the_size_of_the_rate() -> None:
    A, W = layer(30, 20)
    start = LowRank(np.ones((30, 1)), np.ones((1, 20)))
    first, second = Adam(2, rate=1e-3, decay=0.5, every=1)(A, DenseWeights(W), 1, np.random.default_rng(0), start)
    V = np.full(20, (np.sqrt(30 * 20) / _unit(A, W)) ** 0.5 / np.sqrt(20))
    np.testing.assert_allclose(np.abs(first.V[0]), V, atol=1.001e-3)
    np.testing.assert_allclose(np.median(np.abs(np.abs(first.V[0]) - V)), 1e-3, rtol=1e-3)
    np.testing.assert_allclose(np.median(np.abs(second.V - first.V)), 0.5e-3, rtol=0.05)


def _unit(A: np.ndarray, W: np.ndarray) -> float:
    return Adam().unit * float(np.sqrt(np.square(W * A).sum() / np.square(W).sum()))


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_comes_near_to_alternating_minimisation_at_any_scale(scale: float) -> None:
    """Near another local optimum at times, hence the 1.5."""
    A, W = layer(50, 40)
    *_, X = Adam()(scale * A, DenseWeights(W), 3, np.random.default_rng(0))
    *_, best = Alternating(40)(scale * A, DenseWeights(W), 3, np.random.default_rng(0))
    assert loss(scale * A, DenseWeights(W), X) <= 1.5 * loss(scale * A, DenseWeights(W), best)


def test_begins_at_its_start() -> None:
    A, W = layer(20, 10)
    rng = np.random.default_rng(0)
    start = LowRank(rng.standard_normal((20, 3)), rng.standard_normal((3, 10)))
    X = next(Adam(rate=1e-12)(A, DenseWeights(W), 3, rng, start))
    np.testing.assert_allclose(dense(X), dense(start), atol=1e-8)
