"""Reweighted solutions against the formula W^{∘-1}∘(C X), and without n×d numbers."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.sparse import csc_array

from wlra_dist.linalg.matrix import dense, is_sparse
from wlra_dist.weights import BlockMask, DenseWeights, LowRankWeights, Weights, weighing
from wlra_dist.weights.loss import weighted_loss
from wlra_dist.weights.reweighted import ReweightedBlock, ReweightedSolution
from wlra_dist.weights.weighing import on_support, others, weigh

seeds = st.integers(0, 2**32)
ROUNDING = 1e-12
"""Of sums of at most ten products of numbers near 1."""


def block(rng: np.random.Generator, n: int) -> ReweightedBlock:
    """A block of 0 to 7 columns, some of them chosen, under weights with zeros; sparse or dense."""
    d = int(rng.integers(0, 8))
    W = weights(rng, n, d)
    if rng.integers(4) == 0:
        C, X = rng.standard_normal((n, 2)), rng.standard_normal((2, d))
        return ReweightedBlock(W, np.zeros(0, dtype=np.int64), C, X, bool(rng.integers(2)), plain=True)
    S = rng.permutation(d)[: rng.integers(0, d + 1)]
    C = on_support(W, rng.standard_normal((n, len(S))), S)
    X = rng.standard_normal((len(S), d - len(S)))
    return ReweightedBlock(W, S, csc_array(C) if rng.integers(2) else C, X, bool(rng.integers(2)))


def weights(rng: np.random.Generator, n: int, d: int) -> Weights:
    kind = rng.integers(3)
    if kind == 0:
        return BlockMask.wide(n, 2, max(1, -(-d // 2)), d)
    if kind == 1:
        return LowRankWeights(rng.integers(0, 3, (n, 2)) * 1.0, rng.integers(0, 3, (2, d)) * 1.0)
    return DenseWeights(rng.integers(0, 3, (n, d)) * rng.choice([1.0, 0.5, 2.0], (n, d)))


def plainly(one: ReweightedBlock) -> np.ndarray:
    """The formula, on all of the block."""
    if one.plain:
        product = np.asarray(one.C @ one.X)
        return np.rint(product) if one.rounded else product
    W, d = one.W.dense(slice(None)), one.shape[1]
    C = dense(one.C)
    full_X = np.zeros((len(one.S), d))
    full_X[:, one.S] = np.eye(len(one.S))
    full_X[:, [j for j in range(d) if j not in one.S]] = one.X
    inverse = np.array([[1 / w if w else 0.0 for w in row] for row in W]).reshape(W.shape)
    A = inverse * ((W[:, one.S] * C) @ full_X)
    return np.rint(A) if one.rounded else A


def near(A: np.ndarray, due: np.ndarray) -> bool:
    return np.allclose(A, due, rtol=ROUNDING, atol=ROUNDING)


def solution(seed: int) -> tuple[ReweightedSolution, np.ndarray]:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 8))
    blocks = [block(rng, n) for _ in range(rng.integers(1, 4))]
    return ReweightedSolution(blocks), np.hstack([plainly(one) for one in blocks])


@given(seeds)
def test_dense_is_the_formula(seed: int):
    solved, A = solution(seed)
    assert solved.shape == A.shape
    assert near(solved.dense(), A)


@given(seeds)
def test_columns_and_entries_are_those_of_the_whole(seed: int):
    solved, A = solution(seed)
    rng = np.random.default_rng(seed)
    if A.shape[1]:
        columns = rng.integers(0, A.shape[1], 5)
        rows = rng.integers(0, A.shape[0], 5)
        assert near(solved.columns(columns), A[:, columns])
        assert near(solved.entries(rows, columns), A[rows, columns])
        i, j = np.meshgrid(np.arange(A.shape[0]), np.arange(A.shape[1]), indexing="ij")
        assert near(solved.entries(i, j), A)
    assert solved.columns([]).shape == (A.shape[0], 0)


@given(seeds)
def test_the_operator_multiplies_like_the_matrix(seed: int):
    solved, A = solution(seed)
    rng = np.random.default_rng(seed)
    x, X = rng.standard_normal(A.shape[1]), rng.standard_normal((A.shape[1], 3))
    y, Y = rng.standard_normal(A.shape[0]), rng.standard_normal((A.shape[0], 2))
    operator = solved.operator()
    assert operator.shape == A.shape
    assert near(operator.matvec(x), A @ x)
    assert near(operator.rmatvec(y), A.T @ y)
    assert near(operator.matmat(X), A @ X)
    assert near(operator.rmatmat(Y), A.T @ Y)


@pytest.mark.parametrize("chunk", [1, 3, 10])
@given(seed=seeds)
def test_the_size_of_a_chunk_changes_nothing(chunk: int, seed: int):
    solved, A = solution(seed)
    usual, weighing.CHUNK_ENTRIES = weighing.CHUNK_ENTRIES, chunk
    try:
        i, j = np.indices(A.shape)
        assert near(solved.entries(i.ravel(), j.ravel()), A.ravel())
        assert near(solved.operator().matmat(np.eye(A.shape[1])), A)
        for one in solved.blocks:
            loss = np.linalg.norm(one.W.dense(slice(None)) * plainly(one)) ** 2
            assert np.isclose(weighted_loss(np.zeros(one.shape), one), loss, rtol=1e-12)
    finally:
        weighing.CHUNK_ENTRIES = usual


@given(seeds)
def test_the_loss_of_a_block_is_the_sum_of_its_parts(seed: int):
    solved, _ = solution(seed)
    rng = np.random.default_rng(seed)
    for one in solved.blocks:
        n, d = one.shape
        A, cut = rng.standard_normal((n, d)), int(rng.integers(0, d + 1))
        for kind in (np.asarray, csc_array):
            parts = weighted_loss(kind(A[:, :cut]), one) + weighted_loss(kind(A[:, cut:]), one, cut)
            assert np.isclose(parts, np.linalg.norm(one.W.dense(slice(None)) * (A - plainly(one))) ** 2, rtol=1e-12)


@pytest.mark.parametrize("sparse", [False, True])
def test_rows_without_an_entry_of_C_lose_what_A_has_there(sparse: bool):
    """Of 300 rows C has entries in 20: only these are formed for a sparse A."""
    rng = np.random.default_rng(0)
    W, A = DenseWeights(rng.random((300, 60))), np.where(rng.random((300, 60)) < 0.1, rng.random((300, 60)), 0)
    C = np.where(np.arange(300)[:, None] % 15 == 0, rng.random((300, 3)), 0)
    one = ReweightedBlock(W, np.arange(0), csc_array(C) if sparse else C, rng.random((3, 60)), weighted=True)
    assert np.isclose(weighted_loss(csc_array(A), one), np.square(W.W * A - C @ one.X).sum(), rtol=1e-12)


@given(seeds)
def test_where_W_is_zero_so_is_the_solution_unless_it_is_a_plain_product(seed: int):
    solved, _ = solution(seed)
    W = np.hstack([one.plain + one.W.dense(slice(None)) for one in solved.blocks])
    assert (solved.dense()[W == 0] == 0).all()


@given(seeds)
def test_chosen_columns_are_those_of_A_exactly(seed: int):
    solved, _ = solution(seed)
    for one in solved.blocks:
        C = dense(one.C)[:, : len(one.S)]
        assert np.array_equal(one.columns(one.S), np.rint(C) if one.rounded else C)


@given(seeds)
def test_parameters_are_the_nonzeros_of_C_and_all_of_X(seed: int):
    solved, _ = solution(seed)
    due = 0
    for one in solved.blocks:
        C = dense(one.C)
        due += int((C != 0).sum()) + one.X.shape[0] * one.X.shape[1]
    assert solved.parameters == due


@pytest.mark.parametrize("columns", [[-1], [7], [0, 99]])
def test_columns_that_are_not_there_are_refused(columns: list[int]):
    W = BlockMask.wide(3, 1, 7, 7)
    solved = ReweightedSolution([ReweightedBlock(W, np.array([0]), np.ones((3, 1)), np.ones((1, 6)))])
    with pytest.raises(IndexError):
        solved.columns(columns)


@given(seeds)
def test_lists_and_numbers_ask_as_arrays_do(seed: int):
    solved, A = solution(seed)
    assume(A.shape[1] > 0)
    last = A.shape[1] - 1
    assert near(solved.columns([last, 0]), A[:, [last, 0]])
    assert near(solved.entries(0, [last, 0]), A[0, [last, 0]])
    assert solved.entries(0, last).shape == ()
    assert near(solved.entries(0, last), A[0, last])
    for one in solved.blocks:
        assert near(one.columns(list(range(one.shape[1]))), plainly(one))


n, d, c = 64, 20_000, 4


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> ReweightedSolution:
    """64×20000: 10 MB as an array, 0.6 MB as C and X; made and read 32 columns at a time."""
    monkeypatch.setattr(weighing, "CHUNK_ENTRIES", 32 * n)
    rng = np.random.default_rng(0)
    W = LowRankWeights(rng.random((n, 2)), rng.random((2, d)))
    C, X = rng.random((n, c)), rng.random((c, d - c))
    return ReweightedSolution([ReweightedBlock(W, np.arange(c), C, X)])


@pytest.mark.parametrize("use", ["matvec", "rmatvec", "a row", "the loss"])
def test_nothing_of_the_size_of_A_is_formed(wide: ReweightedSolution, use: str):
    operator = wide.operator()
    A = csc_array((n, d))
    rows, columns = np.zeros(d, dtype=np.int64), np.arange(d)
    uses = {
        "matvec": lambda: operator.matvec(np.ones(d)),
        "rmatvec": lambda: operator.rmatvec(np.ones(n)),
        "a row": lambda: wide.entries(rows, columns),
        "the loss": lambda: weighted_loss(A, wide.blocks[0]),
    }
    tracemalloc.start()
    uses[use]()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < n * d * 8 / 5


@given(seeds)
def test_weighing_and_the_support_are_entrywise_for_dense_and_sparse(seed: int):
    rng = np.random.default_rng(seed)
    W, A = (
        rng.integers(0, 3, (4, 5)) * 0.5,
        np.where(rng.random((4, 5)) < 0.5, rng.standard_normal((4, 5)), 0.0),
    )
    for function, due in ((weigh, W * A), (on_support, np.where(W > 0, A, 0))):
        assert np.array_equal(dense(function(DenseWeights(W), A)), due)
        thin = function(DenseWeights(W), csc_array(A))
        assert np.array_equal(dense(thin), due)
        assert is_sparse(thin)
        assert thin.nnz == np.count_nonzero(due)


@given(st.sets(st.integers(0, 9)), seeds)
def test_others_are_the_rest_ascending(S: set[int], seed: int):
    order = np.random.default_rng(seed).permutation(sorted(S)).astype(np.int64)
    assert others(order, 10).tolist() == [j for j in range(10) if j not in S]
