"""Minors show what rank W has at least, and no more; how far off the next singular matrix is, in closed form."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlra_dist.weights import DenseWeights
from wlra_dist.weights.refutation import apart, combined_minor, minor


@given(seed=st.integers(0, 2**32 - 1), rank=st.integers(0, 5), r=st.integers(0, 6))
def test_a_minor_of_order_r_plus_1_is_found_exactly_where_the_rank_is_above_r(seed: int, rank: int, r: int):
    rng = np.random.default_rng(seed)
    W = (rng.integers(0, 4, (9, rank)) @ rng.integers(0, 4, (rank, 7))).astype(float)
    found = combined_minor(W, r)
    assert (found is not None) == (np.linalg.matrix_rank(W) > r)
    if found is not None:
        rows, columns = found
        assert len(set(rows.tolist())) == len(set(columns.tolist())) == r + 1
        assert minor(DenseWeights(W), rows, columns).residue


def test_what_would_take_too_long_is_not_looked_for(monkeypatch: pytest.MonkeyPatch):
    W = np.eye(6)
    monkeypatch.setattr("wlra_dist.weights.refutation.WORK", 3 * 36)
    assert combined_minor(W, 2) is not None
    assert combined_minor(W, 3) is None


@pytest.mark.parametrize("t", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_of_two_columns_alike_but_for_t_the_next_singular_matrix_is_1_minus_t_over_1_plus_t_away(t: float):
    """(1 − η)² = t²(1 + η)² for the η that is just enough."""
    assert apart(np.array([[1, t], [t, 1]])) == pytest.approx((1 - t) / (1 + t), rel=1e-9)
    assert apart(np.array([[1, t], [t, 1]])) <= (1 - t) / (1 + t)


@given(a=st.floats(0.1, 10), b=st.floats(0.1, 10), c=st.floats(0.1, 10), d=st.floats(0.1, 10))
def test_no_more_is_claimed_than_the_nearest_singular_matrix_allows(a: float, b: float, c: float, d: float):
    nearest = abs(np.sqrt(a * d) - np.sqrt(b * c)) / (np.sqrt(a * d) + np.sqrt(b * c))
    assert 0 <= apart(np.array([[a, b], [c, d]])) <= nearest * (1 + 1e-9) + 1e-12


def test_of_a_singular_matrix_nothing_is_claimed():
    assert apart(np.ones((2, 2))) == 0
    assert apart(np.zeros((3, 3))) == 0
