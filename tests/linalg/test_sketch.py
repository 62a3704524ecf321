"""CountSketch: a signed dealing-out of rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csc_array

from wlra_dist.linalg.blocks import column_energies, energy
from wlra_dist.linalg.sketch import count_sketch

seeds = st.integers(0, 2**32 - 1)


@given(n=st.integers(1, 40), rows=st.integers(1, 50), seed=seeds)
def test_each_row_goes_to_one_bucket_with_a_sign(n: int, rows: int, seed: int):
    S = count_sketch(np.eye(n), rows, np.random.default_rng(seed))
    assert S.shape == (rows, n)
    assert np.array_equal(np.abs(S).sum(axis=0), np.ones(n))
    assert np.abs(S).sum(axis=1).max() == -(-n // rows)


@given(n=st.integers(1, 40), d=st.integers(0, 9), rows=st.integers(1, 50), seed=seeds)
def test_a_sketch_is_linear_in_the_block_and_blind_to_its_kind(n: int, d: int, rows: int, seed: int):
    B = np.random.default_rng(seed).integers(-9, 10, (n, d)).astype(float)
    S = count_sketch(np.eye(n), rows, np.random.default_rng(seed))
    for block in (B, np.asfortranarray(B), csc_array(B), B.astype(np.float32)):
        assert np.array_equal(count_sketch(block, rows, np.random.default_rng(seed)), S @ B)


@given(n=st.integers(1, 20), seed=seeds)
def test_as_many_rows_as_the_block_has_lose_nothing(n: int, seed: int):
    B = np.random.default_rng(seed).integers(-9, 10, (n, 5)).astype(float)
    assert np.array_equal(column_energies(count_sketch(B, n, np.random.default_rng(seed))), column_energies(B))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_layout_of_a_block_does_not_change_a_bit(dtype: type):
    B = np.random.default_rng(0).standard_normal((300, 600)).astype(dtype)
    padded = np.zeros((300, 1200), dtype)
    padded[:, ::2] = B
    views = (B, np.asfortranarray(B), padded[:, ::2])
    sketches = [count_sketch(view, 20, np.random.default_rng(1)) for view in views]
    assert sketches[0].dtype == dtype
    assert np.array_equal(sketches[0], sketches[1])
    assert np.array_equal(sketches[0], sketches[2])


def test_energy_is_kept_on_average():
    """E‖Sx‖² = ‖x‖², variance at most 2/rows: the mean of 400 sketches is within 5 standard deviations."""
    x = np.random.default_rng(2).standard_normal((50, 1))
    rng = np.random.default_rng(3)
    mean = np.mean([energy(count_sketch(x, 10, rng)) for _ in range(400)]) / energy(x)
    assert mean == pytest.approx(1, abs=5 * np.sqrt(2 / 10 / 400))
