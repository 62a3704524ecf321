"""The reduced problem: the same optimum, found independently; factors spread out keep their loss."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csc_array

from tests.optima.weighted_als import als_loss
from wlra_dist.optima.reduced import reduced
from wlra_dist.weights import BlockMask, DenseWeights, LowRankWeights, Weights

seeds = st.integers(0, 2**32)


def repetitive(seed: int) -> tuple[np.ndarray, Weights, int]:
    """A, W and a bound on the number of distinct rows and columns."""
    rng = np.random.default_rng(seed)
    n, d, p = (int(size) for size in rng.integers([4, 4, 1], [20, 20, 4]))
    rows, columns = rng.integers(0, p, n), rng.integers(0, p, d)
    core, weights = rng.standard_normal((p, p)), rng.integers(0, 3, (p, p)) * 1.0
    W = DenseWeights(weights[rows][:, columns])
    ignored = np.where(W.W == 0, rng.standard_normal((n, d)), 0.0)  # counts nowhere, and is all different
    return core[rows][:, columns] * (W.W > 0) + ignored, W, p


@pytest.mark.parametrize("sparse", [False, True])
@given(seed=seeds)
def test_spread_factors_keep_their_loss(sparse: bool, seed: int):
    A, W, p = repetitive(seed)
    small = reduced(csc_array(A) if sparse else A, W)
    assert max(small.shape) <= p
    rng = np.random.default_rng(seed)
    U, V = rng.standard_normal((small.shape[0], 2)), rng.standard_normal((small.shape[1], 2))
    wide, high = small.spread(U, V)
    loss = np.square(small.W.dense(slice(None)) * (small.A - U @ V.T)).sum()
    assert np.square(W.dense(slice(None)) * (A - wide @ high.T)).sum() == pytest.approx(loss)
    assert all(np.array_equal(*pair) for pair in zip(small.gathered(wide, high), (U, V), strict=True))


@given(seed=seeds)
@settings(max_examples=10)
def test_the_optimum_is_the_same(seed: int):
    """Two searches from many starts, one in the whole and one in the reduced problem, end alike (k = 1 and 2)."""
    A, W, _ = repetitive(seed)
    small = reduced(A, W)
    energy = np.square(W.dense(slice(None)) * A).sum()
    for k in (1, 2):
        whole = als_loss(A, W.dense(slice(None)), k, starts=12, steps=200)
        own = als_loss(small.A, small.W.dense(slice(None)), k, starts=12, steps=200)
        assert own == pytest.approx(whole, rel=2e-2, abs=1e-6 * energy)


@given(seed=seeds)
def test_rows_of_equal_weights_alone_are_not_equal(seed: int):
    """A with all rows and columns different is not reduced, whatever W is."""
    A = np.random.default_rng(seed).standard_normal((5, 7))
    for W in (LowRankWeights(np.ones((5, 1)), np.ones((1, 7))), BlockMask.wide(5, 1, 7, 7)):
        assert reduced(A, W).shape == (5, 7)


def test_weights_tell_equal_rows_apart():
    A, W = np.ones((4, 3)), np.ones((4, 3))
    W[3] = 2
    small = reduced(A, DenseWeights(W))
    assert small.rows.tolist() == [0, 0, 0, 1]
    assert small.columns.tolist() == [0, 0, 0]
    assert np.allclose(np.square(small.W.W), [[9.0], [12.0]])
