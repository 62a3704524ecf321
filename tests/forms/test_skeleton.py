"""Columns and rows give an integer block of low rank back exactly, or are not said at all."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csc_array
from scipy.stats import entropy

from tests.protocols.small import weights
from wlra_dist.codecs.base.codec import received
from wlra_dist.forms import ColumnsAndRows, Exact, Sent
from wlra_dist.forms.skeleton_code import Skeleton
from wlra_dist.instances import Synthetic
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.linalg.modular import PRIME, leading_columns, residues
from wlra_dist.weights import BlockMask, DenseWeights, LowRankWeights, Weights
from wlra_dist.weights.weighing import dense, on_support, weigh

seeds = st.integers(0, 2**32 - 1)
NO_COLUMNS = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Case:
    """A block, the form, and columns that a selector might have given."""

    block: Sent
    form: ColumnsAndRows
    S: np.ndarray

    def descriptions(self) -> list[Skeleton]:
        return list(self.form.descriptions(self.block, self.S, 0.0))

    def decoded(self, description: Skeleton) -> np.ndarray:
        """What the receiver makes of the message."""
        W = self.block.W
        block = self.form.block(received(self.form.code(W), description), W)
        assert isinstance(block.C, np.ndarray) != self.form.sparse
        return block.columns(np.arange(W.shape[1]))


def case(A: np.ndarray, W: Weights, S: np.ndarray, *, sparse: bool = False) -> Case:
    matrix: Matrix = csc_array(A) if sparse else A
    bound = max(1, int(np.abs(A).max(initial=0)))
    return Case(Sent(matrix, W, weigh(W, matrix)), ColumnsAndRows(bound, sparse), S)


def low_rank(rng: np.random.Generator, n: int, d: int, rank: int) -> np.ndarray:
    return (rng.integers(-3, 4, (n, rank)) @ rng.integers(-3, 4, (rank, d))).astype(float)


def drawn(seed: int) -> Case:
    """Weights with zeros, rows and columns of zeros, A of any rank, columns S that need be no basis."""
    rng = np.random.default_rng(seed)
    n, d, r = (int(side) for side in rng.integers(1, [15, 25, 4]))
    A = low_rank(rng, n, d, int(rng.integers(0, 5)))
    A[:, rng.random(d) < 0.2] = 0
    S = rng.permutation(d)[: int(rng.integers(0, 6))]
    return case(A, weights(rng, n, d, r, True, False), S, sparse=bool(rng.integers(2)))


@settings(max_examples=60)
@given(seeds)
def test_what_is_said_is_exact_and_of_the_rank(seed: int):
    game = drawn(seed)
    rank = np.linalg.matrix_rank(dense(game.block.B))
    for description in game.descriptions():
        assert len(description.S) == len(description.rows) == rank
        assert np.array_equal(game.decoded(description), dense(on_support(game.block.W, game.block.A)))


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize(
    "W",
    [
        BlockMask.wide(40, 4, 15, 60),
        LowRankWeights(np.arange(1.0, 81).reshape(40, 2), np.arange(1.0, 121).reshape(2, 60)),
    ],
)
def test_low_rank_blocks_are_described_from_any_columns_given(W: Weights, sparse: bool):
    rng = np.random.default_rng(3)
    A = np.asarray(on_support(W, low_rank(rng, 40, 60, 3)))
    rank = int(np.linalg.matrix_rank(W.dense(slice(None)) * A))
    for S in (NO_COLUMNS, rng.permutation(60)[: rank // 2], rng.permutation(60)[:rank]):
        descriptions = case(A, W, S, sparse=sparse).descriptions()
        assert len(descriptions) == (2 if rank <= 2 * len(S) + 8 else 0)


def test_given_columns_come_first():
    A = low_rank(np.random.default_rng(5), 20, 30, 4)
    W = DenseWeights(np.ones(A.shape))
    given_first, _ = case(A, W, np.array([17, 3, 29, 8])).descriptions()
    assert given_first.S.tolist() == [3, 8, 17, 29]


def test_the_second_basis_is_of_the_smallest_entries():
    A = np.outer(np.arange(1, 9), [9.0, 9, 1, 9])
    _, smallest = case(A, DenseWeights(np.ones(A.shape)), np.array([0])).descriptions()
    assert (smallest.S.tolist(), smallest.rows.tolist()) == ([2], [0])


@pytest.mark.parametrize(("largest", "used"), [(PRIME // 2, True), (PRIME // 2 + 1, False)])
def test_entries_from_half_of_the_prime_on_are_left_to_other_forms(largest: int, used: bool):
    A = np.array([[1.0, largest], [1, largest], [1, largest]])
    assert bool(case(A, DenseWeights(np.ones((3, 2))), np.array([0])).descriptions()) == used


def test_a_rank_that_is_less_modulo_the_prime_does_no_harm():
    A = np.array([[46341.0, 2317], [2, 46341]])  # of determinant PRIME
    game = case(A, DenseWeights(np.ones((2, 2))), np.array([0]))
    for description in game.descriptions():
        assert description.S.tolist() == [0]
        assert np.array_equal(game.decoded(description), A)


def test_weights_that_are_no_integers_are_left_to_other_forms():
    A = low_rank(np.random.default_rng(7), 9, 9, 2)
    assert not case(A, LowRankWeights(np.full((9, 1), 0.3), np.ones((1, 9))), np.array([0, 1])).descriptions()


def test_too_high_a_rank_is_left_to_other_forms():
    assert not case(np.eye(30), DenseWeights(np.ones((30, 30))), np.arange(10)).descriptions()


def test_where_all_columns_are_given_there_is_nothing_to_say():
    assert not case(np.eye(4), DenseWeights(np.ones((4, 4))), np.arange(4)).descriptions()


@pytest.mark.parametrize(
    "instance",
    [
        Synthetic(n=200, d=60, r=2, k=3, integer=True, noise=0),
        Synthetic(n=120, d=120, r=4, k=4, weights="mask", integer=True, noise=0),
    ],
)
def test_rows_are_shorter_than_coefficients_that_recover_everything(instance: Synthetic):
    A, W, bound = instance.block(slice(None)), instance.W, instance.columns.bound
    block, form, exact = Sent(A, W, weigh(W, A)), ColumnsAndRows(bound, False), Exact(bound, False)
    basis = leading_columns(residues(dense(block.B)))
    with_coefficients = min(map(exact.code(W).bits, exact.descriptions(block, basis, 0.5)))
    assert min(map(form.code(W).bits, form.descriptions(block, basis, 0.5))) < with_coefficients


def bits_of(counts: list[int]) -> float:
    """What telling apart so many things of each kind takes at least: the entropy, times all of them."""
    return sum(counts) * float(entropy(counts, base=2)) if sum(counts) else 0.0


@settings(max_examples=20)
@given(seeds)
def test_bits_are_foreseen_at_the_entropy_of_entries_and_of_full_places(seed: int):
    game = drawn(seed)
    W = game.block.W.dense(slice(None))
    for proposal in game.form.proposals(game.block, game.S, 0.0):
        description = proposal.describe()
        if description is None:
            continue
        S, C, rows, R = description
        rest = np.setdiff1d(np.arange(W.shape[1]), S)
        due = 0.0
        for entries, places in ((dense(C), W[:, S] > 0), (R.T, W[np.ix_(rows, rest)].T > 0)):
            full = entries != 0
            due += bits_of(list(Counter(entries[full].tolist()).values()))
            due += sum(bits_of([int(f.sum()), int((p & ~f).sum())]) for f, p in zip(full, places, strict=True))
        assert proposal.bits == pytest.approx(due)
        assert proposal.bits <= game.form.code(game.block.W).bits(description)
