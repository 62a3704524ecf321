"""W near rank r is so in its small entries, too; of integers it is told exactly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlra_dist.linalg.modular import PRIMES
from wlra_dist.optima import QUICK
from wlra_dist.optima.certificate import NONE, best_lower_bound
from wlra_dist.optima.tail import tail_bound
from wlra_dist.weights import DenseWeights
from wlra_dist.weights.nearness import EPS, nearness

HALF_OF_THE_DIGITS = 2.0**-26

seeds, ranks = st.integers(0, 2**32), st.integers(1, 4)


@given(seeds, ranks)
def test_products_are_near_their_rank_however_rows_and_columns_are_scaled(seed: int, r: int):
    rng = np.random.default_rng(seed)
    W = rng.uniform(0.1, 1, (12, r)) @ rng.uniform(0.1, 1, (r, 9))
    W *= 10.0 ** rng.uniform(-24, 0, (12, 1)) * 10.0 ** rng.uniform(-24, 0, 9)
    assert nearness(W, r) <= HALF_OF_THE_DIGITS


@given(seeds, ranks, st.integers(0, 4))
def test_of_integers_it_is_0_exactly_if_the_rank_is_no_larger(seed: int, terms: int, r: int):
    rng = np.random.default_rng(seed)
    W = (rng.integers(0, 3, (7, terms)) @ rng.integers(0, 3, (terms, 6))).astype(float)
    assert (nearness(W, r) == 0) == (np.linalg.matrix_rank(W) <= r)


def test_integers_are_told_exactly_by_as_many_primes_as_it_takes():
    rng = np.random.default_rng(0)
    U, V = rng.integers(0, 2**12, (60, 7)), rng.integers(0, 2**12, (7, 50))
    W = (U @ V).astype(float)
    assert nearness(W, 7) == 0
    assert nearness(W, 12) == 0
    W[3, 5] += 1
    assert nearness(W, 7) > 0


def test_primes_are_primes():
    below = np.arange(3, 46341, 2)
    assert all((prime % below).all() for prime in PRIMES)
    assert len(set(PRIMES)) == len(PRIMES)


@given(seeds, st.floats(-12, -1))
def test_what_is_off_is_seen(seed: int, size: float):
    rng = np.random.default_rng(seed)
    W = rng.uniform(0.5, 1, (12, 1)) @ rng.uniform(0.5, 1, (1, 9))
    off = 10.0**size * rng.choice([-1, 1], W.shape)
    assert 10.0**size / 4 <= nearness(W * (1 + off), 1) <= 64 * 10.0**size + 64 * EPS


def test_large_weights_are_told_by_a_sample_if_they_are_far_and_by_all_entries_if_not():
    W = np.outer(np.arange(1.0, 401), 1 / np.arange(1, 301))
    assert nearness(W, 1) <= 64 * EPS
    W[17, 23] *= 1 + 1e-4
    assert 1e-5 <= nearness(W, 1) <= 1e-2
    assert nearness(W + np.random.default_rng(0).random(W.shape), 1) > 2.0**-10


def test_blocks_apart_from_each_other_leave_zeros_as_they_are():
    rng = np.random.default_rng(0)
    W = np.zeros((9, 8))
    W[:4, :3], W[4:, 3:] = np.outer(rng.random(4), rng.random(3)), np.outer(rng.random(5), rng.random(5))
    assert nearness(W, 2) <= 64 * EPS
    assert nearness(W, 1) >= 1
    assert nearness(np.zeros((3, 4)), 0) == 0


@pytest.mark.parametrize("side", ["rows", "columns"])
def test_no_tail_is_proven_by_a_rank_that_small_weights_do_not_have(side: str):
    """W∘A is of full rank though A is of rank 1: OPT = 0, and W's singular values are those of a matrix of rank 1."""
    W, A = np.ones((12, 12)), np.ones((12, 12))
    W[6:], A[6:] = 1e-18 * np.random.default_rng(0).random((6, 12)), 1e18
    W, A = (W, A) if side == "rows" else (W.T, A.T)
    assert np.linalg.matrix_rank(W) == 1
    name, bound, _ = best_lower_bound(A, DenseWeights(W), 1, 1, QUICK)
    assert (name, bound) == (NONE, 0.0) or bound <= EPS


def test_the_tail_gives_up_what_w_is_off():
    rng = np.random.default_rng(0)
    W = np.outer(rng.random(9), rng.random(8)) * (1 + 1e-3 * rng.uniform(-1, 1, (9, 8)))
    B = W * np.outer(rng.standard_normal(9), rng.standard_normal(8))  # OPT = 0
    assert tail_bound(B, 1, 1) > 0
    assert tail_bound(B, 1, 1, off=1.1e-3) == 0
