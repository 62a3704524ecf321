"""No lower bound exceeds a loss that is reached; each is tight where theory says so."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csc_array

from tests.optima.weighted_als import als_loss
from wlra_dist.linalg.spectral.spectrum import roundoff_energy, tail_energy
from wlra_dist.optima import QUICK, Effort, best, lower_bounds
from wlra_dist.weights import BlockMask, DenseWeights, LowRankWeights

seeds = st.integers(0, 2**32 - 1)
SMALL = Effort(terms=3, steps=15)


def fisher_like(n: int, d: int, r: int, rng: np.random.Generator, spread: float = 1.0) -> LowRankWeights:
    """Lognormal factors, each weaker than the one before: nearly rank one, as Fisher information is."""
    U, V = np.exp(spread * rng.standard_normal((n, r))), np.exp(spread * rng.standard_normal((r, d)))
    return LowRankWeights(U * 0.3 ** np.arange(r), V)


def ragged(n: int, d: int, rng: np.random.Generator) -> np.ndarray:
    """Weights over twelve decades, with zeros, zero rows and zero columns."""
    W = 10.0 ** rng.uniform(-12, 0, (n, d)) * (rng.random((n, d)) < 0.8)
    W[rng.random(n) < 0.2] = 0
    W[:, rng.random(d) < 0.2] = 0
    return W


@settings(max_examples=25)
@given(n=st.integers(1, 9), d=st.integers(1, 9), k=st.integers(1, 3), r=st.integers(1, 3), seed=seeds)
def test_no_bound_exceeds_a_loss_that_is_reached(n: int, d: int, k: int, r: int, seed: int):
    rng = np.random.default_rng(seed)
    W = fisher_like(n, d, r, rng)
    A = rng.standard_normal((n, d))
    bounds = lower_bounds(A, W, W.rank, k, rank_proven=True, effort=SMALL)
    assert bounds.keys() == {"tail", "groups", "multipliers"}
    assert min(bounds.values()) >= 0
    assert best(bounds)[1] <= als_loss(A, W.dense(slice(None)), k, starts=3)


@settings(max_examples=25)
@given(n=st.integers(1, 9), d=st.integers(1, 9), k=st.integers(1, 2), seed=seeds)
def test_zeros_and_tiny_weights_keep_the_bounds_valid(n: int, d: int, k: int, seed: int):
    rng = np.random.default_rng(seed)
    W, A = ragged(n, d, rng), rng.integers(-9, 10, (n, d)).astype(float)
    bounds = lower_bounds(A, DenseWeights(W), 1, k, rank_proven=False, effort=SMALL)
    assert "tail" not in bounds
    assert 0 <= best(bounds)[1] <= als_loss(A, W, k, starts=3) + roundoff_energy(W * A)


def least_loss_in_the_plane(A: np.ndarray, W: np.ndarray, angles: int = 20_001) -> float:
    """OPT for k = 1, d = 2, from above: A' = u (cos θ, sin θ), whose best u is known, on a grid of θ.

    Row i: min over u of w₁²(a₁ − u c)² + w₂²(a₂ − u s)² = w₁²w₂²(a₁s − a₂c)²/(w₁²c² + w₂²s²).
    """
    theta = np.linspace(0, np.pi, angles)
    c, s = np.cos(theta), np.sin(theta)
    a, w = A.T[:, :, None], np.square(W.T)[:, :, None]
    return float((w[0] * w[1] * (a[0] * s - a[1] * c) ** 2 / (w[0] * c**2 + w[1] * s**2)).sum(axis=0).min())


@given(n=st.integers(2, 7), seed=seeds)
def test_bounds_are_below_the_exact_optimum_of_two_columns(n: int, seed: int):
    rng = np.random.default_rng(seed)
    A, W = rng.integers(-5, 6, (n, 2)).astype(float), rng.integers(1, 4, (n, 2)).astype(float)
    bounds = lower_bounds(A, DenseWeights(W), 2, 1, rank_proven=True, effort=SMALL)
    assert best(bounds)[1] <= least_loss_in_the_plane(A, W)


@given(n=st.integers(2, 12), d=st.integers(2, 12), k=st.integers(1, 3), seed=seeds)
def test_weights_of_rank_one_are_solved(n: int, d: int, k: int, seed: int):
    """All three bounds are then OPT, the tail of W∘A."""
    rng = np.random.default_rng(seed)
    W = LowRankWeights(rng.uniform(0.1, 1, (n, 1)), rng.uniform(0.1, 1, (1, d)))
    A = rng.standard_normal((n, d))
    B = W.dense(slice(None)) * A
    bounds = lower_bounds(A, W, 1, k, rank_proven=True, effort=Effort(terms=1))
    for name, bound in bounds.items():
        assert bound <= tail_energy(B, k), name
        assert bound == pytest.approx(tail_energy(B, k), rel=1e-3, abs=roundoff_energy(B)), name


@given(n=st.integers(2, 8), d=st.integers(2, 8), power=st.integers(-30, 30), seed=seeds)
def test_bounds_scale_with_the_loss(n: int, d: int, power: int, seed: int):
    rng = np.random.default_rng(seed)
    A, W, scale = rng.standard_normal((n, d)), rng.random((n, d)), 2.0**power
    whole = lower_bounds(A, DenseWeights(W), 2, 1, rank_proven=True, effort=SMALL)
    for scaled in (
        lower_bounds(scale * A, DenseWeights(W), 2, 1, rank_proven=True, effort=SMALL),
        lower_bounds(A, DenseWeights(scale * W), 2, 1, rank_proven=True, effort=SMALL),
    ):
        floor = scale**2 * roundoff_energy(W * A)
        assert scaled == pytest.approx({name: scale**2 * b for name, b in whole.items()}, rel=1e-6, abs=floor)


@given(n=st.integers(2, 12), d=st.integers(2, 12), seed=seeds)
def test_sparse_blocks_have_the_bounds_of_dense_ones(n: int, d: int, seed: int):
    rng = np.random.default_rng(seed)
    A = rng.integers(-3, 4, (n, d)) * (rng.random((n, d)) < 0.5)
    W = LowRankWeights(rng.integers(1, 3, (n, 2)).astype(float), rng.integers(1, 3, (2, d)).astype(float))
    dense = lower_bounds(A.astype(float), W, 2, 1, rank_proven=True, effort=SMALL)
    sparse = lower_bounds(csc_array(A), W, 2, 1, rank_proven=True, effort=SMALL)
    assert sparse == pytest.approx(dense, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(("r", "k"), [(2, 4), (3, 8)])
def test_multipliers_are_close_on_weights_like_fishers(r: int, k: int):
    rng = np.random.default_rng(r)
    W = fisher_like(160, 48, r, rng)
    A = rng.standard_normal((160, 48)) @ np.diag(np.arange(1, 49) ** -0.5) @ rng.standard_normal((48, 48))
    bounds = lower_bounds(A, W, r, k, rank_proven=True)
    reached = als_loss(A, W.dense(slice(None)), k, starts=2)
    assert 0.9 * reached <= bounds["multipliers"] <= reached
    assert bounds["multipliers"] > bounds["tail"]


def test_less_effort_leaves_bounds_out():
    A, W = np.eye(5), DenseWeights(np.ones((5, 5)))
    assert lower_bounds(A, W, 1, 2, rank_proven=False, effort=QUICK).keys() == {"groups"}
    for proven, names in ((True, {"tail"}), (False, set())):
        bounds = lower_bounds(A, W, 1, 2, rank_proven=proven, effort=Effort(largest=24))
        assert bounds.keys() == names
        assert best(bounds) == (("tail", pytest.approx(3)) if proven else ("none", 0.0))


@pytest.mark.parametrize(("n", "d"), [(0, 3), (3, 0), (1, 1), (2, 5)])
def test_a_block_of_no_more_than_k_columns_or_rows_has_nothing_to_bound(n: int, d: int):
    bounds = lower_bounds(np.ones((n, d)), DenseWeights(np.ones((n, d))), 1, 2, rank_proven=True)
    assert best(bounds)[1] == 0


def test_weights_of_nothing_bound_nothing():
    bounds = lower_bounds(np.eye(4), DenseWeights(np.zeros((4, 4))), 1, 1, rank_proven=True)
    assert set(bounds.values()) == {0.0}


@pytest.mark.parametrize("first", [0, 3])
def test_the_optimum_under_a_mask_is_known(first: int):
    """OPT is the sum of the diagonal blocks' tails; the mask's columns may begin inside a block."""
    rng = np.random.default_rng(1)
    W = BlockMask.wide(12, 3, 5, 15 - first, first)
    A = rng.standard_normal(W.shape)
    columns = (first + np.arange(W.shape[1])) // 5
    tails = [tail_energy(A[4 * g : 4 * g + 4, columns == g], 1) for g in range(3)]
    for block in (A, csc_array(A)):
        assert lower_bounds(block, W, 3, 1, rank_proven=False) == {"groups": pytest.approx(sum(tails))}
    assert als_loss(A, W.dense(slice(None)), 1) == pytest.approx(sum(tails), rel=1e-3)


@pytest.mark.parametrize("proven", [True, False])
def test_of_rank_0_there_is_one_matrix(proven: bool):
    rng = np.random.default_rng(0)
    A, W = rng.standard_normal((6, 5)), rng.random((6, 5))
    bounds = lower_bounds(A, DenseWeights(W), 1, 0, rank_proven=proven, effort=SMALL)
    assert max(bounds.values()) == pytest.approx(np.square(W * A).sum())
