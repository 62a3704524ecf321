"""Partial pivoted QR, against LAPACK's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import qr

from wlra_dist.linalg.basis import orthonormal_basis, residual_energy
from wlra_dist.linalg.blocks import energy
from wlra_dist.linalg.pivoted import leading_pivots

seeds = st.integers(0, 2**32 - 1)


def lapack(Y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """R and the pivots of geqp3."""
    _, R, pivots = qr(Y, pivoting=True)  # pyright: ignore[reportAssignmentType]  scipy types all modes as one
    return np.asarray(R), pivots


@given(s=st.integers(1, 15), d=st.integers(1, 15), decay=st.floats(0, 1), seed=seeds)
def test_pivots_and_what_they_leave_are_lapacks(s: int, d: int, decay: float, seed: int):
    Y = np.random.default_rng(seed).standard_normal((s, d)) * 10.0 ** (-decay * np.arange(s))[:, None]
    R, pivots = lapack(Y)
    count = min(s, d) // 2
    ours, left = leading_pivots(Y, count)
    assert ours.tolist() == pivots[:count].tolist()
    assert left == pytest.approx(energy(R[count:]), rel=1e-6, abs=0)


@given(s=st.integers(1, 15), d=st.integers(1, 15), fraction=st.floats(0.01, 1), seed=seeds)
def test_a_residual_stops_at_the_first_pivot_that_meets_it(s: int, d: int, fraction: float, seed: int):
    Y = np.random.default_rng(seed).standard_normal((s, d))
    target = fraction * energy(Y)
    pivots, left = leading_pivots(Y, d, target)
    assert left <= target
    assert len(pivots) == 0 or leading_pivots(Y, len(pivots) - 1)[1] > target


@given(rank=st.integers(0, 4), seed=seeds)
def test_pivots_end_at_the_rank(rank: int, seed: int):
    rng = np.random.default_rng(seed)
    Y = (rng.integers(-3, 4, (12, rank)) @ rng.integers(-3, 4, (rank, 9))).astype(float)
    assert len(leading_pivots(Y, 9)[0]) == np.linalg.matrix_rank(Y)


def test_what_is_left_far_below_the_first_pivot_keeps_its_digits():
    """Lengths that are only ever downdated are off by 0.4 % here."""
    rng = np.random.default_rng(0)
    weights = 10.0 ** -np.linspace(0, 10, 60)[:, None]
    Y = rng.standard_normal((60, 60)) @ (weights * rng.standard_normal((60, 50)))
    pivots, left = leading_pivots(Y, 40)
    assert left == pytest.approx(residual_energy(Y, orthonormal_basis(Y[:, pivots])), rel=3e-4, abs=0)
