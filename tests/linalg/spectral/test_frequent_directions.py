"""Frequent Directions: the theorem, on spectra of every kind, merged or not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csc_array

from wlra_dist.linalg.spectral.frequent_directions import frequent_directions

ROUNDING = 1e-11
"""Of ‖B‖_F²."""

seeds = st.integers(0, 2**32)


def decaying(seed: int) -> tuple[np.ndarray, int]:
    rng = np.random.default_rng(seed)
    n, d, most = (int(size) for size in rng.integers(1, [20, 60, 12]))
    scales = rng.choice([0.3, 0.9, 1.0]) ** np.arange(n)
    return scales[:, None] * rng.standard_normal((n, d)), most


def gaps(B: np.ndarray, L: np.ndarray) -> np.ndarray:
    """‖uᵀB‖² − ‖uᵀL‖² over unit vectors u: the least to the largest."""
    return np.linalg.eigvalsh(B @ B.T - L @ L.T)


@pytest.mark.parametrize("sparse", [False, True])
@given(seed=seeds)
def test_no_direction_is_overrated_and_none_is_underrated_by_more_than_delta(sparse: bool, seed: int):
    B, most = decaying(seed)
    found = frequent_directions(csc_array(B) if sparse else B, most)
    energy = np.square(B).sum()
    assert found.L.shape[1] <= most
    assert gaps(B, found.L)[0] >= -ROUNDING * energy
    assert gaps(B, found.L)[-1] <= found.shrunk + ROUNDING * energy
    tails = energy - np.cumsum(np.square(np.linalg.svd(B, compute_uv=False)))
    for K in range(1, min(most, len(tails)) + 1):
        assert (most + 1 - K) * found.shrunk <= tails[K - 1] + ROUNDING * energy


@given(seed=seeds)
def test_merged_sketches_lead_to_a_basis_that_is_nearly_best(seed: int):
    """Leading directions of [L_1 … L_m] leave at most (1 + K/(ℓ + 1 − K)) times the tail."""
    B, most = decaying(seed)
    sketches = [frequent_directions(part, most) for part in np.array_split(B, min(3, B.shape[1]), axis=1)]
    U = np.linalg.svd(np.hstack([sketch.L for sketch in sketches]), full_matrices=False)[0]
    squares = np.square(np.linalg.svd(B, compute_uv=False))
    for K in range(1, min(most, U.shape[1]) + 1):
        left = np.square(B - U[:, :K] @ (U[:, :K].T @ B)).sum()
        assert left <= (1 + K / (most + 1 - K)) * squares[K:].sum() + ROUNDING * squares.sum()


def test_a_block_of_low_rank_is_kept():
    rng = np.random.default_rng(0)
    B = rng.standard_normal((9, 3)) @ rng.standard_normal((3, 50))
    found = frequent_directions(B, 4)
    assert found.shrunk <= ROUNDING * np.square(B).sum()
    assert np.allclose(found.L @ found.L.T, B @ B.T)
