"""What is found in a W is an induced block matching, and all of one where W is nothing else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlra_dist.weights import BlockMask, DenseWeights
from wlra_dist.weights.induced import induced_matching


@given(st.integers(0, 2**32 - 1), st.integers(1, 15), st.integers(1, 15), st.integers(1, 4), st.integers(1, 3))
def test_blocks_are_full_and_see_nothing_of_each_other(seed: int, n: int, d: int, s: int, k: int):
    rng = np.random.default_rng(seed)
    W = rng.integers(1, 9, (n, d)) * (rng.random((n, d)) < rng.random())
    blocks = induced_matching(DenseWeights(W), s, k)
    assert bool(blocks) == bool((np.count_nonzero(W, axis=0) >= s).any())
    for block in blocks:
        assert len(block.rows) == s
        assert 1 <= len(block.columns) <= k
        assert W[np.ix_(*block)].all()
        assert not any(W[np.ix_(block.rows, other.columns)].any() for other in blocks if other is not block)


sizes = st.integers(1, 5)


@given(st.integers(0, 99), sizes, sizes, sizes, sizes, st.integers(1, 30))
def test_a_mask_is_found_whole_however_it_is_shuffled(seed: int, r: int, side: int, s: int, k: int, d: int):
    s = min(s, side)
    mask, rng = BlockMask.even(r * side, d, r), np.random.default_rng(seed)
    W = mask.dense(slice(None))[rng.permutation(r * side)][:, rng.permutation(d)]
    blocks = induced_matching(DenseWeights(W), s, k)
    assert s * sum(len(block.columns) for block in blocks) == s * min(r * k, d)


def test_weights_that_overlap_leave_what_does_not():
    """Of three blocks in a row, each with a row and a column of the next, the outer two see nothing of each other."""
    W = np.zeros((7, 7))
    for corner in (0, 2, 4):
        W[corner : corner + 3, corner : corner + 3] = 1
    blocks = induced_matching(DenseWeights(W), 2, 2)
    assert sum(len(block.columns) for block in blocks) == 4


def test_large_weights_are_not_searched():
    with pytest.raises(ValueError, match="at most 16,777,216 entries"):
        induced_matching(BlockMask.even(5000, 5000, 2), 1, 1)
