"""The bound by 2×2 minors is below every loss that is reached, and next to the best, with zeros in W or without."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.optima.weighted_als import als_loss
from wlra_dist.optima.rank_one.branch import branched
from wlra_dist.optima.rank_one.minors import Entries, cancelling, certified, minors_bound, suits

KINDS: dict[str, Callable[[np.random.Generator, int, int], np.ndarray]] = {
    "positive": lambda rng, n, d: rng.integers(1, 6, (n, d)) * 1.0,
    "mask": lambda rng, n, d: (rng.random((n, d)) < 0.8) * 1.0,
    "decades": lambda rng, n, d: 10.0 ** rng.uniform(-3, 3, (n, 1)) * rng.uniform(0.2, 1, (n, d)),
}

seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=20)
@given(kind=st.sampled_from([*KINDS]), n=st.integers(1, 6), d=st.integers(1, 6), seed=seeds)
def test_twins_cancel_on_every_matrix_of_rank_one(kind: str, n: int, d: int, seed: int):
    rng = np.random.default_rng(seed)
    W = KINDS[kind](rng, n, d)
    entries = Entries.of(rng.standard_normal((n, d)), np.square(W))
    S = rng.standard_normal(entries.twins.shape)
    N = np.ldexp(cancelling(entries, S + S.T), entries.powers)
    x = np.outer(rng.standard_normal(n), rng.standard_normal(d))[W > 0]
    assert np.array_equal(N, N.T)
    assert abs(x @ N @ x) <= 1e-12 * (np.abs(x) @ np.abs(N) @ np.abs(x))


@settings(max_examples=15)
@given(kind=st.sampled_from([*KINDS]), n=st.integers(2, 6), d=st.integers(2, 6), seed=seeds)
def test_no_search_finds_a_loss_below_it(kind: str, n: int, d: int, seed: int):
    rng = np.random.default_rng(seed)
    A, W = rng.integers(-9, 10, (n, d)) * 1.0, KINDS[kind](rng, n, d)
    rounds = iter(range(4))
    bound = minors_bound(A, np.square(W), np.inf, lambda _: next(rounds, None) is not None)
    reached = als_loss(A, W, 1, starts=2)
    assert bound <= reached * (1 + 1e-9) + 1e-12 * float(np.square(W * A).sum())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("n", "d"), [(5, 5), (7, 6)])
def test_it_is_next_to_the_optimum(kind: str, n: int, d: int):
    rng = np.random.default_rng(n + 1)
    A, W = rng.integers(-9, 10, (n, d)) * 1.0, KINDS[kind](rng, n, d)
    reached = als_loss(A, W, 1, starts=8)
    assert minors_bound(A, np.square(W), (1 - 1e-5) * reached, lambda _: True) >= (1 - 1e-5) * reached


def test_it_agrees_with_branch_and_bound():
    rng = np.random.default_rng(7)
    A, squares = rng.integers(-9, 10, (4, 5)) * 1.0, rng.integers(1, 6, (4, 5)) ** 2.0
    reached = als_loss(A, np.sqrt(squares), 1, starts=8)
    found = [bound(A, squares, (1 - 1e-4) * reached, lambda _: True) for bound in (minors_bound, branched)]
    assert found == pytest.approx([reached, reached], rel=2e-4)


def test_what_is_not_positive_definite_proves_nothing():
    entries = Entries.of(np.ones((2, 2)), np.ones((2, 2)))
    S = np.zeros((4, 4))
    S[0, 3] = S[3, 0] = 16.0
    N = cancelling(entries, S)
    assert N[0, 3] == -N[1, 2] == 8.0
    assert certified(entries, N) is None
    assert certified(entries, 0 * N) == 0.0


@pytest.mark.parametrize(("shape", "k", "good"), [((8, 8), 1, True), ((8, 8), 2, False), ((40, 40), 1, False)])
def test_it_is_for_small_problems_of_rank_one(shape: tuple[int, int], k: int, good: bool):
    assert suits(np.ones(shape), k) is good
