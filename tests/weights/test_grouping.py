"""Groups by hash are those by content, whatever a few looks suggest."""

from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlra_dist.weights import BlockMask, DenseWeights, SparseWeights, grouping
from wlra_dist.weights.distinct import both, equal_columns, equal_rows
from wlra_dist.weights.grouping import equal_pairs


@given(seed=st.integers(0, 2**32), looked=st.sampled_from([1, 64]))
def test_groups_are_of_equal_weights_and_equal_entries_that_count(seed: int, looked: int):
    rng = np.random.default_rng(seed)
    n, d, p = (int(size) for size in rng.integers([1, 1, 1], [30, 30, 5]))
    rows, columns = rng.integers(0, p, n), rng.integers(0, p, d)
    A, W = rng.integers(0, 2, (p, p))[rows][:, columns] * 1.0, rng.integers(0, 3, (p, p))[rows][:, columns] * 1.0
    if n * d > 3:
        A.flat[rng.integers(0, n * d, 2)] += 1
    masked = np.where(W > 0, A, 0.0)
    wild = np.where(W > 0, A, np.nan) * np.where(rng.random((n, d)) < 0.5, -1.0, 1.0) ** (A == 0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grouping, "LOOKED", looked)
        found = equal_pairs(wild, DenseWeights(W))
    assert found is not None
    assert np.array_equal(found[0], both(equal_rows(W), equal_rows(masked)))
    assert np.array_equal(found[1], both(equal_columns(W), equal_columns(masked)))


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_difference_that_no_look_meets_is_seen(order: Literal["C", "F"], dtype: type):
    A = np.zeros((300, 200), dtype, order)
    A[170, 171] = 1.0
    for W in (BlockMask.even(300, 200, 1), DenseWeights(np.ones((300, 200), dtype, order))):
        found = equal_pairs(A, W)
        assert found is not None
        assert [np.flatnonzero(groups).tolist() for groups in found] == [[170], [171]]


def test_two_lines_of_one_hash_are_not_called_equal(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(grouping, "numbered", lambda hashes: np.zeros(len(hashes), dtype=np.int64))
    A = np.zeros((300, 300))
    A[170, 171] = 1.0
    assert equal_pairs(A, DenseWeights(np.ones((300, 300)))) is None


def test_weights_without_cheap_rows_are_left_to_others():
    from scipy.sparse import csc_array

    assert equal_pairs(np.ones((2, 2)), SparseWeights(csc_array(np.eye(2)))) is None
