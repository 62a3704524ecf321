"""Shares of the loss: all of it is dealt, and where it saves the most bits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlra_dist.protocols.one_round.residual_curve import ResidualCurve
from wlra_dist.protocols.one_round.shares import shares


def decaying(bound: float, rate: float, columns: int = 20, entries: int = 30, scale: float = 1e3) -> ResidualCurve:
    return ResidualCurve(bound, entries, scale * rate ** np.arange(columns + 1))


@given(st.integers(0, 2**32), st.booleans())
def test_all_of_the_loss_is_dealt_and_no_share_is_negative(seed: int, exact_entries: bool):
    rng = np.random.default_rng(seed)
    m = int(rng.integers(1, 6))
    curves = [
        decaying(
            rng.random(),
            rng.random(),
            int(rng.integers(0, 30)),
            int(rng.integers(0, 50)),
            10.0 ** rng.integers(-30, 30),
        )
        for _ in range(m)
    ]
    epsilon = float(rng.random())
    dealt = shares(curves, rng.integers(1, 60, m), epsilon, exact_entries=exact_entries)
    assert dealt.min() >= 0
    assert dealt.sum() == pytest.approx((1 + epsilon) * sum(curve.bound for curve in curves), rel=1e-9)


@pytest.mark.parametrize("exact_entries", [False, True])
def test_servers_that_are_alike_get_alike(exact_entries: bool):
    dealt = shares([decaying(8.0, 0.7)] * 3, np.array([40] * 3), 0.1, exact_entries=exact_entries)
    assert dealt == pytest.approx([8.8] * 3)


def test_a_block_of_low_rank_is_not_told_to_the_last_digit():
    """Its own optimum is nearly 0; by itself it would have to spend a dozen columns on it."""
    low_rank, noisy = decaying(1e-9, 0.1), decaying(50.0, 0.95, columns=70)
    dealt = shares([low_rank, noisy], np.array([90, 90]), 0.1, exact_entries=False)
    assert dealt[0] > 1e-2
    assert dealt[1] > 25


def test_nothing_is_dealt_where_nothing_may_be_lost():
    assert shares([decaying(0.0, 0.5)] * 2, np.array([3, 3]), 0.5, exact_entries=True).tolist() == [0, 0]
