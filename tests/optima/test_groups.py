"""Groups of proportional weights, against groups that were planted and the tail that they must beat."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlra_dist.linalg.spectral.spectrum import roundoff_energy, tail_energy
from wlra_dist.optima.groups import group_bound, proportional_rows

seeds = st.integers(0, 2**32 - 1)


def planted(n: int, d: int, directions: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """W (n×d) whose rows are multiples of so many directions, and the direction of each row; the first row is 0."""
    rng = np.random.default_rng(seed)
    which = rng.integers(directions, size=n)
    W = rng.uniform(0.1, 1, (directions, d))[which] * rng.uniform(0.1, 10, (n, 1))
    W[0] = 0
    return W, which


@given(n=st.integers(1, 40), d=st.integers(2, 9), directions=st.integers(1, 6), seed=seeds)
def test_rows_are_grouped_by_direction(n: int, d: int, directions: int, seed: int):
    W, which = planted(n, d, directions, seed)
    groups = proportional_rows(W)
    found = sorted(group.tolist() for group in groups)
    rows = np.arange(1, n)
    assert found == sorted(rows[which[1:] == g].tolist() for g in np.unique(which[1:]))
    large = [group.tolist() for group in proportional_rows(W, 3)]
    assert sorted(large) == [group for group in found if len(group) >= 3]


@given(n=st.integers(4, 30), d=st.integers(3, 9), directions=st.integers(1, 3), k=st.integers(1, 2), seed=seeds)
def test_groups_are_the_svds_of_their_rows_and_beat_the_tail(n: int, d: int, directions: int, k: int, seed: int):
    W, which = planted(n, d, directions, seed)
    W /= 16  # the largest weight is at most 1
    A = np.random.default_rng(seed).standard_normal((n, d))
    tails = sum(tail_energy((W * A)[which == g], k) for g in range(directions))
    noise = roundoff_energy(W * A)
    assert tails + noise >= tail_energy(W * A, directions * k)
    rows, columns = group_bound(A, W**2, k), group_bound(A.T, W.T**2, k)
    assert rows == pytest.approx(columns, rel=1e-6, abs=noise)
    assert rows >= tails * (1 - 1e-6) - noise


def test_a_row_in_the_wrong_group_only_costs():
    """Rows that agree to 15 digits are taken for one direction; the bound still keeps below what is exact."""
    rng = np.random.default_rng(0)
    A, W = rng.standard_normal((8, 5)), np.ones((8, 5))
    W[::2, 0] -= 4e-16
    assert len(proportional_rows(W**2)) == 1
    assert group_bound(A, W**2, 1) <= tail_energy(A * (1 - 4e-16), 1)
