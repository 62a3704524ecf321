"""Lemma A.1: disjoint rank-one pieces plus sparse, and their entrywise inverse, in the time of their own numbers."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csc_array, diags_array, random_array

from wlra_dist.errors import InputError
from wlra_dist.testing import check_weights
from wlra_dist.weights import (
    BlockMask,
    DenseWeights,
    LowRankWeights,
    SparseWeights,
    StructuredWeights,
    Weights,
)
from wlra_dist.weights.reweighted import ReweightedBlock, ReweightedSolution
from wlra_dist.weights.structured import kinds
from wlra_dist.weights.structured.detect import detect_weights, named
from wlra_dist.weights.structured.kinds import RankOnePiece
from wlra_dist.weights.structured.nested import staircase_of
from wlra_dist.weights.structured.products import pieces_of, weighted_product

Sides = tuple[int, int]


def factors(shape: Sides, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return rng.random(shape[0]) + 0.5, rng.random(shape[1]) + 0.5


def blocks(shape: Sides, of: int) -> tuple[np.ndarray, np.ndarray]:
    return np.arange(shape[0]) * of // shape[0], np.arange(shape[1]) * of // shape[1]


def grid(shape: Sides, g: int, h: int, rng: np.random.Generator) -> StructuredWeights:
    """g×h rectangles, each with factors of its own."""
    of_rows, of_columns = np.arange(shape[0]) * g // shape[0], np.arange(shape[1]) * h // shape[1]
    places = [(np.flatnonzero(of_rows == a), np.flatnonzero(of_columns == b)) for a in range(g) for b in range(h)]
    return kinds.disjoint(
        shape, [RankOnePiece(*at, rng.random(len(at[0])) + 0.5, rng.random(len(at[1])) + 0.5) for at in places]
    )


def sparse(shape: Sides, density: float, rng: np.random.Generator) -> Any:
    return csc_array(random_array(shape, density=density, rng=rng))


def bands(shape: Sides, rng: np.random.Generator) -> Any:
    offsets: Any = (-1, 0, 1)
    return diags_array([rng.random(shape[1]) for _ in offsets], offsets=offsets, shape=shape).tocsc()


def diagonal_blocks(shape: Sides, rng: np.random.Generator) -> Any:
    row_blocks, column_blocks = blocks(shape, min(shape) // 3)
    return csc_array((row_blocks[:, None] == column_blocks) * rng.random(shape))


def permuted_blocks(shape: Sides, rng: np.random.Generator) -> StructuredWeights:
    row_blocks, column_blocks = map(rng.permutation, blocks(shape, 3))
    return kinds.block_diagonal(row_blocks, column_blocks, *factors(shape, rng))


KINDS: dict[str, Callable[[Sides, np.random.Generator], StructuredWeights]] = {
    "rank one": lambda shape, rng: kinds.rank_one(*factors(shape, rng)),
    "stripes": lambda shape, rng: grid(shape, 3, 1, rng),
    "grid": lambda shape, rng: grid(shape, 2, 3, rng),
    "plus sparse": lambda shape, rng: kinds.plus(grid(shape, 2, 1, rng), sparse(shape, 0.01, rng)),
    "plus diagonal": lambda shape, rng: kinds.plus(
        kinds.rank_one(*factors(shape, rng)), diags_array(rng.random(min(shape)), shape=shape).tocsc()
    ),
    "plus block diagonal": lambda shape, rng: kinds.plus(grid(shape, 2, 1, rng), diagonal_blocks(shape, rng)),
    "plus banded": lambda shape, rng: kinds.plus(grid(shape, 1, 2, rng), bands(shape, rng)),
    "block diagonal": lambda shape, rng: kinds.block_diagonal(*blocks(shape, 3), *factors(shape, rng)),
    "permuted blocks": lambda shape, rng: permuted_blocks(shape, rng),
    "staircase": lambda shape, rng: kinds.staircase(rng.integers(0, shape[1] + 1, shape[0]), *factors(shape, rng)),
}
each_kind = pytest.mark.parametrize("kind", KINDS)

OTHERS: dict[str, Callable[[Sides, np.random.Generator], Weights]] = {
    "mask": lambda shape, _: BlockMask(*blocks(shape, 3)),
    "low rank 1": lambda shape, rng: LowRankWeights(rng.random((shape[0], 1)), rng.random((1, shape[1]))),
    "low rank 2": lambda shape, rng: LowRankWeights(rng.random((shape[0], 2)), rng.random((2, shape[1]))),
    "sparse": lambda shape, rng: SparseWeights(sparse(shape, 0.3, rng)),
    "dense": lambda shape, rng: DenseWeights(rng.random(shape)),
}


def inverse(W: np.ndarray) -> np.ndarray:
    return np.divide(1.0, W, out=np.zeros(W.shape), where=W > 0)


def with_holes(W: StructuredWeights, rng: np.random.Generator) -> StructuredWeights:
    """Two entries of W replaced, the one by 0 and the other by 2."""
    n, d = W.shape
    places = rng.choice(n * d, 2, replace=False)
    return kinds.replaced(W, places // d, places % d, np.array([0.0, 2.0]))


@each_kind
@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_structured_weights_keep_the_laws_of_weights_and_so_do_their_transposes(kind: str, seed: int):
    rng = np.random.default_rng(seed)
    W = KINDS[kind]((int(rng.integers(3, 9)), int(rng.integers(3, 9))), rng)
    for each in (W, with_holes(W, rng)):
        check_weights(each)
        check_weights(each.T)
        assert np.array_equal(each.T.dense(slice(None)), each.dense(slice(None)).T)
        assert len(each.row_groups) == each.shape[0]


@pytest.mark.parametrize("kind", [*KINDS, *OTHERS])
@pytest.mark.parametrize("transposed", [False, True])
def test_products_with_W_and_with_its_inverse_are_those_of_the_matrices(kind: str, transposed: bool):
    rng = np.random.default_rng(1)
    shape, k = (11, 9), 3
    W = KINDS[kind](shape, rng) if kind in KINDS else OTHERS[kind](shape, rng)
    W = with_holes(W, rng) if isinstance(W, StructuredWeights) else W
    assert (pieces_of(W) is None) == (kind in ("low rank 2", "dense"))
    U, V, whole = rng.standard_normal((shape[0], k)), rng.standard_normal((shape[1], k)), W.dense(slice(None))
    for x in (rng.random(shape[not transposed]), rng.random((shape[not transposed], 4))):
        for entries, inverted in ((whole, False), (inverse(whole), True)):
            M = entries * (U @ V.T)
            y = weighted_product(W, U, V, x, inverse=inverted, transposed=transposed)
            assert y.shape == (shape[transposed], *x.shape[1:])
            assert np.allclose(y, (M.T if transposed else M) @ x, rtol=1e-12, atol=1e-13)


def test_the_numbers_that_a_staircase_is_made_of_grow_like_n_log_n():
    ends, ones = np.arange(1, 1025), np.ones(1024)
    W = kinds.staircase(ends, ones, ones)
    assert np.array_equal(W.dense(slice(None)), np.tri(1024))
    assert W.numbers <= 2 * 1024 * 11
    assert W.rank == 1024


def test_exceptions_raise_the_rank_by_no_more_than_a_matching_of_them():
    one = kinds.rank_one(np.ones(6), np.ones(8))
    row = csc_array((np.ones(8), (np.full(8, 2), np.arange(8))), shape=(6, 8))
    assert kinds.plus(one, row).rank == 2
    assert kinds.plus(one, csc_array(np.eye(6, 8))).rank == 6


@pytest.mark.parametrize("weighted", [False, True])
@each_kind
def test_a_solution_under_structured_weights_is_applied_without_being_formed(
    kind: str, weighted: bool, monkeypatch: pytest.MonkeyPatch
):
    """Lemma A.1 is what the game's W^{∘-1}∘(CX) is stored and applied by."""
    rng, shape = np.random.default_rng(2), (10, 8)
    W = KINDS[kind](shape, rng)
    S = np.array([5, 1])
    C = rng.standard_normal((10, 2)) * (W.dense(S) > 0)
    solved = ReweightedSolution([ReweightedBlock(W, S, C, rng.standard_normal((2, 6)), weighted=weighted)])
    A, x, y = solved.dense(), rng.random((8, 3)), rng.random(10)
    monkeypatch.setattr(ReweightedBlock, "columns", lambda *_: pytest.fail("forms columns of the solution"))
    operator: Any = solved.operator()
    assert np.allclose(operator @ x, A @ x, rtol=1e-11)
    assert np.allclose(operator.T @ y, A.T @ y, rtol=1e-11)


@each_kind
def test_each_kind_is_found_again(kind: str):
    rng, shape = np.random.default_rng(3), (150, 120)
    W = KINDS[kind](shape, rng)
    whole = W.dense(slice(None))
    order = rng.permutation(150), rng.permutation(120)
    for M in (whole, whole[np.ix_(*order)]):
        found = detect_weights(M)
        assert isinstance(found, StructuredWeights)
        assert found.numbers < (4 if kind == "staircase" else 1.01) * W.numbers + 40
        assert np.allclose(found.dense(slice(None)), M, rtol=8 * np.finfo(float).eps, atol=0)


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_mask_is_found_exactly_in_any_order(seed: int):
    rng = np.random.default_rng(seed)
    rows, columns = rng.integers(0, 5, 30), rng.integers(1, 7, 20)
    whole = BlockMask(rows, columns).dense(slice(None))
    found = detect_weights(whole)
    assert isinstance(found, BlockMask)
    assert np.array_equal(found.dense(slice(None)), whole)
    assert found.rank >= np.linalg.matrix_rank(whole)


def test_factors_of_integers_are_found_as_integers():
    rng = np.random.default_rng(0)
    W = kinds.rank_one(rng.integers(1, 9, 40), rng.integers(1, 9, 30)).dense(slice(None))
    found = detect_weights(W)
    assert isinstance(found, StructuredWeights)
    assert np.array_equal(found.dense(slice(None)), W)
    assert named(found) == "1 disjoint rank-one pieces"


def test_what_has_no_such_structure_is_left_as_it_is():
    rng = np.random.default_rng(0)
    assert isinstance(detect_weights(rng.random((40, 30))), DenseWeights)
    assert isinstance(detect_weights(rng.random((40, 2)) @ rng.random((2, 30))), DenseWeights)
    assert isinstance(detect_weights(sparse((60, 50), 0.02, rng)), SparseWeights)


ones = np.ones


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: kinds.rank_one(np.array([1.0, -1.0]), ones(2)), "at least 0 in u, found -1.0 at 1 of piece 0"),
        (lambda: kinds.rank_one(ones(2), np.array([np.nan, 1.0])), "at least 0 in v, found nan at 0"),
        (lambda: kinds.rank_one(np.array([1e200, 1.0]), np.array([1e200, 1.0])), r"found 2\^0 to 2\^1329"),
        (
            lambda: kinds.disjoint(
                (4, 4),
                [
                    RankOnePiece(np.arange(3), np.arange(2), ones(3), ones(2)),
                    RankOnePiece(np.arange(1, 4), np.arange(1, 4), ones(3), ones(3)),
                ],
            ),
            "disjoint supports, found pieces 0 and 1 both in row 1, column 1",
        ),
        (
            lambda: kinds.disjoint((2, 2), [RankOnePiece(np.array([2]), np.array([0]), ones(1), ones(1))]),
            "from 0 to 1, found 2",
        ),
        (
            lambda: kinds.disjoint((2, 2), [RankOnePiece(np.array([0]), np.array([0]), ones(2), ones(1))]),
            "expected 1 numbers in u",
        ),
        (lambda: kinds.staircase(np.array([0, 3]), ones(2), ones(2)), "ends as integers from 0 to 2, found 3 in row 1"),
        (
            lambda: kinds.plus(kinds.rank_one(ones(2), ones(2)), csc_array(-2 * np.eye(2))),
            "found -1.0 in row 0, column 0",
        ),
        (lambda: kinds.plus(kinds.rank_one(ones(2), ones(2)), csc_array(np.eye(3))), r"shape \(2, 2\) of the pieces"),
        (lambda: detect_weights(np.array([[1.0, -1.0]])), "found -1.0 in row 0, column 1"),
        (lambda: detect_weights(np.array([[np.nan, 1.0]])), "found nan in row 0, column 0"),
        (lambda: detect_weights(csc_array([[0, 0], [1.0, -3.0]])), "found -3.0 in row 1, column 1"),
        (lambda: detect_weights(np.ones((0, 3))), "at least one row and one column"),
        (lambda: staircase_of(np.eye(2)), "rows 0 and 1 .* each have a weight where the other has none"),
        (lambda: staircase_of(np.tri(3) + np.diag([0, 1, 0.0])), "u_i v_j on a staircase, found others"),
    ],
)
def test_bad_weights_are_refused_in_a_sentence(make: Callable[[], Any], sentence: str):
    with pytest.raises(InputError, match=sentence):
        make()
