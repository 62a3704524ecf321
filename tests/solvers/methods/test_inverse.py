"""Algorithm 2 with inverses of higher rank: Algorithm 1 where W^{∘-1} has that rank, sound where W has zeros."""

import numpy as np
import pytest

from wlra_dist.solvers import solve
from wlra_dist.solvers.methods.inverse import inverse_of
from wlra_dist.solvers.methods.svd_w import marginals
from wlra_dist.weights import DenseWeights

N, D = 40, 30


def with_inverse_of_rank_two(rng: np.random.Generator) -> np.ndarray:
    """Far from any W whose inverse has rank one."""
    a, b = 0.2 + rng.random((2, N)), 0.2 + rng.random((2, D))
    return 1 / (np.outer(a[0], b[0]) + 3 * np.outer(a[1] ** 3, b[1] ** 3))


@pytest.mark.parametrize("seed", range(4))
def test_it_is_algorithm_1_where_the_inverse_has_that_rank(seed: int):
    """W̃ = W, so the loss is ‖(W∘A)_{−k}‖², and Ã has rank 2k."""
    rng, k = np.random.default_rng(seed), 3
    A, W = rng.standard_normal((N, D)), with_inverse_of_rank_two(rng)
    found = solve(A, W, k, "svd_w", inverse_rank=2, svd="exact", certify=False)
    assert found.loss == pytest.approx(float(np.square(np.linalg.svd(W * A)[1][k:]).sum()), rel=1e-6)
    assert np.linalg.matrix_rank(found.approximation.columns(np.arange(D))) <= 2 * k


@pytest.mark.parametrize("rank", [2, 4])
def test_weights_of_zero_and_next_to_it_do_no_harm(rank: int):
    rng = np.random.default_rng(0)
    A, W = rng.standard_normal((N, 4)) @ rng.standard_normal((4, D)), with_inverse_of_rank_two(rng)
    W[rng.random(W.shape) < 0.2] = 0.0
    W[rng.random(W.shape) < 0.1] = 1e-24
    W[3], W[:, 5] = 0.0, 0.0
    found = solve(A, W, 3, "svd_w", inverse_rank=rank, certify=False)
    assert np.isfinite(found.approximation.columns(np.arange(D))).all()
    assert found.loss < found.energy


def test_the_inverse_is_near_in_proportion():
    rng = np.random.default_rng(1)
    W = with_inverse_of_rank_two(rng)
    inverse = inverse_of(DenseWeights(W), *marginals(DenseWeights(W)), 2, rng)
    np.testing.assert_allclose(W * (inverse.a @ inverse.b), 1.0, rtol=1e-4)
    np.testing.assert_allclose(inverse.W, W, rtol=1e-4)
