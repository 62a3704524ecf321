"""W∘W over its largest entry: factors where W has some, the same numbers as dense weights."""

import numpy as np
import pytest

from wlra_dist.solvers.squares import DenseSquares, FactoredSquares, squares
from wlra_dist.weights import BlockMask, DenseWeights, LowRankWeights, Weights

FLOAT = np.dtype(float)


def low_rank(n: int, d: int, r: int) -> LowRankWeights:
    rng = np.random.default_rng(0)
    return LowRankWeights(rng.random((n, r)), rng.random((r, d)))


MASK = BlockMask.square(24, 3)
STRUCTURED = [low_rank(30, 40, 2), low_rank(7, 9, 1), MASK, MASK.block(slice(9, 24))]


@pytest.mark.parametrize("W", STRUCTURED)
def test_factors_are_the_squares(W: Weights) -> None:
    S = squares(W, FLOAT)
    assert isinstance(S, FactoredSquares)
    dense = np.square(W.dense(slice(None)))
    np.testing.assert_allclose(S.rows(slice(2, 6)), dense[2:6] / dense.max(), atol=1e-15)


@pytest.mark.parametrize("W", [*STRUCTURED, DenseWeights(low_rank(20, 30, 4).dense(slice(None)))])
def test_sums_and_transposes_are_those_of_the_matrix(W: Weights) -> None:
    S, M = squares(W, FLOAT), np.random.default_rng(1).standard_normal((3, W.shape[1]))
    dense = S.rows(slice(None))
    np.testing.assert_allclose(S.sums(M, slice(1, 5)), M @ dense[1:5].T, atol=1e-12)
    np.testing.assert_allclose(S.T.rows(slice(0, 3)), dense.T[:3], atol=1e-15)
    assert S.T.shape == (S.shape[1], S.shape[0])


def test_factors_that_are_no_smaller_than_the_matrix_are_multiplied_out() -> None:
    W = low_rank(6, 8, 4)
    S = squares(W, FLOAT)
    assert isinstance(S, DenseSquares)
    dense = np.square(W.dense(slice(None)))
    np.testing.assert_allclose(S.S, dense / dense.max())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_least_weights_vanish_instead_of_becoming_subnormal(dtype: type) -> None:
    W = np.array([[1e3, 1.0, 1e-12, 1e-24, 1e-170, 0.0]])
    S = squares(DenseWeights(W), np.dtype(dtype)).rows(slice(None))
    assert S.dtype == dtype
    assert S[S > 0].min() > np.finfo(dtype).tiny
    np.testing.assert_allclose(S[0, :2], [1, 1e-6], rtol=1e-6)


def test_no_weight_at_all() -> None:
    assert not squares(DenseWeights(np.zeros((2, 3))), FLOAT).rows(slice(None)).any()
    assert not squares(LowRankWeights(np.zeros((20, 1)), np.zeros((1, 20))), FLOAT).rows(slice(None)).any()
