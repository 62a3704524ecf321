"""Equal rows and columns: against comparing every pair."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csc_array

from wlra_dist.linalg import blocks
from wlra_dist.weights import BlockMask, DenseWeights, LowRankWeights, distinct
from wlra_dist.weights.distinct import both, equal_columns, equal_rows, equal_weights, first_of, in_order

seeds = st.integers(0, 2**32)


def repetitive(seed: int) -> np.ndarray:
    """A matrix of few distinct rows and columns, some of them 0 or −0."""
    rng = np.random.default_rng(seed)
    n, d, p, q = (int(size) for size in rng.integers(1, [15, 15, 5, 5]))
    core = rng.choice([-1.5, -0.0, 0.0, 2.0], (p, q))
    return core[rng.integers(0, p, n)][:, rng.integers(0, q, d)]


def by_pairs(rows: np.ndarray) -> np.ndarray:
    """The first row that is equal, as a number counted by first occurrence."""
    first = [next(j for j in range(i + 1) if np.array_equal(rows[i], rows[j])) for i in range(len(rows))]
    return np.unique(first, return_inverse=True)[1]


@pytest.mark.parametrize("sparse", [False, True])
@given(seed=seeds)
def test_rows_and_columns_are_grouped_as_comparing_pairs_does(sparse: bool, seed: int):
    M = repetitive(seed)
    held = csc_array(M) if sparse else M
    assert equal_rows(held).tolist() == by_pairs(M).tolist()
    assert equal_columns(held).tolist() == by_pairs(M.T).tolist()


@given(seed=seeds)
def test_so_they_are_piece_by_piece(seed: int):
    M = repetitive(seed)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(blocks, "PIECE", 2)
        assert equal_rows(M).tolist() == by_pairs(M).tolist()
        assert equal_columns(M).tolist() == by_pairs(M.T).tolist()
        rows, columns = equal_weights(DenseWeights(np.abs(M)))
    assert rows.tolist() == by_pairs(np.abs(M)).tolist()
    assert columns.tolist() == by_pairs(np.abs(M).T).tolist()


@given(seed=seeds)
def test_structured_weights_are_grouped_as_what_they_are(seed: int):
    rng = np.random.default_rng(seed)
    mask = BlockMask.wide(int(rng.integers(1, 9)), 3, int(rng.integers(1, 4)), int(rng.integers(1, 9)))
    for W in (mask, LowRankWeights(rng.integers(0, 3, (7, 2)) * 1.0, rng.integers(0, 3, (2, 6)) * 1.0)):
        rows, columns = equal_weights(W)
        assert rows.tolist() == by_pairs(W.dense(slice(None))).tolist()
        assert columns.tolist() == by_pairs(W.dense(slice(None)).T).tolist()


@given(seed=seeds)
def test_an_order_of_columns_does_not_rest_on_where_they_stand(seed: int):
    M = repetitive(seed)
    shuffled = M[:, np.random.default_rng(seed).permutation(M.shape[1])]
    for one, other in ((M, shuffled), (csc_array(M), csc_array(shuffled))):
        first, second = (held[:, in_order(held)] for held in (one, other))
        assert (first != second).sum() == 0


def test_groups_of_both_are_equal_in_either():
    assert both(np.array([0, 0, 1, 1, 0]), np.array([0, 1, 1, 1, 0])).tolist() == [0, 1, 2, 2, 0]
    assert first_of(np.array([0, 1, 0, 2, 1])).tolist() == [0, 1, 3]
    assert distinct.equal_rows(np.zeros((3, 0))).tolist() == [0, 0, 0]
