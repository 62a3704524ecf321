"""What another solver found, as factors of rank k to improve on."""

import numpy as np
import pytest

from tests.solvers.weighted import dense, layer, loss
from wlra_dist.solvers.approximation import Approximation, LowRank
from wlra_dist.solvers.methods.als import Alternating
from wlra_dist.solvers.methods.em import EM
from wlra_dist.solvers.start import factors
from wlra_dist.weights import DenseWeights
from wlra_dist.weights.reweighted import ReweightedBlock

FLOAT = np.dtype(float)


def drawn(n: int, d: int, k: int) -> LowRank:
    rng = np.random.default_rng(0)
    return LowRank(rng.standard_normal((n, k)), rng.standard_normal((k, d)))


@pytest.mark.parametrize("rank", [0, 1, 3, 5])
def test_factors_of_rank_at_most_k_keep_their_product(rank: int) -> None:
    start = drawn(9, 7, rank)
    X = factors(start, 5, FLOAT, np.random.default_rng(1))
    assert X.V.shape == (5, 7)
    np.testing.assert_allclose(dense(X), dense(start), atol=1e-12)
    np.testing.assert_allclose(X.V @ X.V.T, np.eye(5), atol=1e-12)


@pytest.mark.parametrize("reweighted", [False, True])
def test_what_is_of_higher_rank_is_truncated_at_its_best(reweighted: bool) -> None:
    start = reweighted_block() if reweighted else drawn(20, 15, 6)
    X = factors(start, 2, FLOAT, np.random.default_rng(1))
    tail = np.square(np.linalg.svd(dense(start), compute_uv=False)[2:]).sum()
    assert np.square(dense(start) - dense(X)).sum() == pytest.approx(tail, rel=1e-3)


def reweighted_block() -> Approximation:
    A, W = layer(20, 15)
    U, values, V = np.linalg.svd(W * A, full_matrices=False)
    none = np.zeros(0, dtype=np.int64)
    return ReweightedBlock(DenseWeights(W), none, U[:, :4] * values[:4], V[:4], weighted=True)


@pytest.mark.parametrize("solver", [EM(4), Alternating(4)])
def test_a_reweighted_solution_is_a_start(solver: EM | Alternating) -> None:
    A, W = layer(20, 15)
    *_, X = solver(A, DenseWeights(W), 3, np.random.default_rng(0), reweighted_block())
    assert X.V.shape == (3, 15)
    assert loss(A, DenseWeights(W), X) < 0.5 * np.square(W * A).sum()
