"""Branch and bound encloses the optimum that a fine grid and many searches know."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.optima.weighted_als import als_loss
from wlra_dist.optima.rank_one.branch import SHORT, branched, suits


def least_loss_on_a_grid(A: np.ndarray, squares: np.ndarray, angles: int = 50_001) -> float:
    """OPT for two rows and k = 1, from above: u = (cos θ, sin θ), the best v for each."""
    theta = np.linspace(0, np.pi, angles)
    u = np.stack([np.cos(theta), np.sin(theta)])
    num, den = (squares * A).T @ u, squares.T @ np.square(u)
    return float((squares * A * A).sum() - (np.square(num) / den).sum(axis=0).max())


@settings(max_examples=15)
@given(d=st.integers(2, 6), seed=st.integers(0, 2**32 - 1))
def test_two_rows_are_solved(d: int, seed: int):
    rng = np.random.default_rng(seed)
    A, squares = rng.integers(-5, 6, (2, d)).astype(float), rng.uniform(0.1, 1, (2, d))
    reached = least_loss_on_a_grid(A, squares)
    proved = branched(A, squares, (1 - 1e-4) * reached, lambda _: True)
    assert (1 - 1e-3) * reached <= proved <= reached * (1 + 1e-12)
    assert proved == pytest.approx(branched(A.T, squares.T, (1 - 1e-4) * reached, lambda _: True))


@pytest.mark.parametrize(("n", "d"), [(3, 3), (4, 6), (3, 12)])
def test_no_target_above_the_optimum_is_reached(n: int, d: int):
    rng = np.random.default_rng(n * d)
    A, squares = rng.integers(-9, 10, (n, d)).astype(float), rng.integers(1, 6, (n, d)).astype(float) ** 2
    reached = als_loss(A, np.sqrt(squares), 1, starts=30, steps=300)
    rounds = iter(range(60))
    assert branched(A, squares, 1.5 * reached, lambda _: next(rounds, None) is not None) <= reached
    assert branched(A, squares, (1 - 1e-3) * reached, lambda _: True) == pytest.approx((1 - 1e-3) * reached)


def test_it_stops_when_told_with_what_it_knows():
    rng = np.random.default_rng(0)
    A, squares = rng.standard_normal((6, 6)), rng.uniform(0.5, 1, (6, 6))
    known: list[float] = []
    assert branched(A, squares, 100.0, lambda reached: known.append(reached) or len(known) < 5) == max(0.0, known[-1])
    assert known == sorted(known)


def test_what_suits():
    assert suits(np.ones((SHORT, 99)), 1)
    assert not suits(np.ones((SHORT, 99)), 2)
    assert not suits(np.ones((SHORT + 1, 99)), 1)
    assert not suits(np.eye(3), 1)
