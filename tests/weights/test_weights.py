"""Weights: a block of them is those columns of the whole, and no structure claims too small a rank."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csc_array

from wlra_dist.weights import BlockMask, DenseWeights, LowRankWeights, SparseWeights, Weights
from wlra_dist.weights.support import rows_that_count, support_places, support_sizes

seeds = st.integers(0, 2**32)


def mask(rng: np.random.Generator) -> Weights:
    n, d, r = (int(size) for size in rng.integers(1, [12, 12, 5]))
    return BlockMask.wide(n, r, -(-d // r), d, int(rng.integers(0, d)))


def low_rank(rng: np.random.Generator) -> Weights:
    n, d, r = (int(size) for size in rng.integers(1, [9, 9, 4]))
    return LowRankWeights(rng.random((n, r)), rng.integers(0, 3, (r, d)))


def dense(rng: np.random.Generator) -> Weights:
    n, d = (int(size) for size in rng.integers(1, [9, 9]))
    return DenseWeights(rng.integers(0, 3, (n, d)).astype(rng.choice(["f4", "f8", "i8"])))


def sparse(rng: np.random.Generator) -> Weights:
    n, d = (int(size) for size in rng.integers(1, [9, 9]))
    return SparseWeights(csc_array(rng.integers(0, 3, (n, d)) * rng.integers(0, 2, (n, d))))


WEIGHTS: dict[str, Callable[[np.random.Generator], Weights]] = {
    "mask": mask,
    "low rank": low_rank,
    "dense": dense,
    "sparse": sparse,
}
each_kind = pytest.mark.parametrize("kind", WEIGHTS)


@each_kind
@given(seed=seeds)
def test_columns_are_those_of_the_whole_to_the_last_bit(kind: str, seed: int):
    rng = np.random.default_rng(seed)
    W = WEIGHTS[kind](rng)
    n, d = W.shape
    whole = W.dense(slice(None))
    columns = rng.integers(0, d, int(rng.integers(0, 6)))
    assert whole.shape == (n, d)
    assert whole.dtype == np.float64
    assert (whole >= 0).all()
    assert np.array_equal(W.dense(columns), whole[:, columns])


@each_kind
@given(seed=seeds)
def test_a_block_is_a_run_of_columns_and_so_is_a_block_of_a_block(kind: str, seed: int):
    rng = np.random.default_rng(seed)
    W = WEIGHTS[kind](rng)
    start, stop = np.sort(rng.integers(0, W.shape[1] + 1, 2))
    whole, block = W.dense(slice(None)), W.block(slice(start, stop))
    assert block.shape == (W.shape[0], stop - start)
    assert np.array_equal(block.dense(slice(None)), whole[:, start:stop])
    assert np.array_equal(block.block(slice(1, None)).dense(slice(None)), whole[:, start:stop][:, 1:])


@each_kind
@given(seed=seeds)
def test_the_rank_that_the_structure_proves_is_no_smaller_than_the_rank(kind: str, seed: int):
    rng = np.random.default_rng(seed)
    W = WEIGHTS[kind](rng)
    for W_i in (W, W.block(slice(0, int(rng.integers(0, W.shape[1] + 1))))):
        true = np.linalg.matrix_rank(W_i.dense(slice(None))) if W_i.shape[1] else 0
        assert true <= W_i.rank


@each_kind
@given(seed=seeds)
def test_the_support_is_where_W_is_not_0(kind: str, seed: int):
    rng = np.random.default_rng(seed)
    W = WEIGHTS[kind](rng)
    columns = rng.integers(0, W.shape[1], int(rng.integers(0, 6)))
    support = W.dense(columns) > 0
    assert np.array_equal(support_sizes(W, columns), support.sum(axis=0))
    assert np.array_equal(support_places(W, columns), np.nonzero(support.T)[::-1])
    assert np.array_equal(rows_that_count(W), np.flatnonzero(W.dense(slice(None)).any(axis=1)))
    rows = np.flatnonzero(rng.integers(0, 2, W.shape[0]))
    assert np.array_equal(W.rows(rows).dense(slice(None)), W.dense(slice(None))[rows])


def test_a_stored_zero_is_no_weight():
    W = SparseWeights(csc_array((np.array([1.0, 0.0]), np.array([0, 1]), np.array([0, 1, 2])), shape=(2, 2)))
    assert support_sizes(W, slice(None)).tolist() == [1, 0]


def test_a_dense_matrix_proves_no_rank_by_singular_values():
    """Where weights are tiny A may be huge: if A_22 = 1e20, the rank that no SVD sees decides OPT."""
    assert DenseWeights(np.diag([1.0, 1e-20])).rank == 2


@pytest.mark.parametrize(("n", "r"), [(1, 1), (6, 1), (6, 2), (6, 3), (6, 6)])
def test_the_square_mask_is_that_of_definition_3_2(n: int, r: int):
    W = BlockMask.square(n, r)
    assert np.array_equal(W.dense(slice(None)), np.kron(np.eye(r), np.ones((n // r, n // r))))
    assert W.rank == np.linalg.matrix_rank(W.dense(slice(None))) == r


def test_a_run_of_columns_of_the_mask_meets_only_some_of_its_blocks():
    W = BlockMask.square(12, 3)
    ranks = {(start, stop): W.block(slice(start, stop)).rank for start, stop in [(0, 4), (3, 5), (4, 12), (7, 7)]}
    assert ranks == {(0, 4): 1, (3, 5): 2, (4, 12): 2, (7, 7): 0}


@each_kind
@given(seed=seeds)
def test_columns_of_one_group_have_equal_weights(kind: str, seed: int):
    W = WEIGHTS[kind](np.random.default_rng(seed))
    whole = W.dense(slice(None))
    assert W.groups.shape == (W.shape[1],)
    for group in np.unique(W.groups):
        columns = whole[:, W.groups == group]
        assert (columns == columns[:, :1]).all()
