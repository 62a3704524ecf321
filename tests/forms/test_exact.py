"""Integer columns and rounded coefficients: within the goal, as coarse as it allows, or none."""

import numpy as np
import pytest

from wlra_dist.codecs.base.codec import received
from wlra_dist.codecs.base.grid import step
from wlra_dist.forms import Exact, Sent
from wlra_dist.forms.exact_code import DescribedColumns
from wlra_dist.weights import DenseWeights


def sent(A: np.ndarray, W: np.ndarray | None = None) -> Sent:
    W = np.ones(A.shape) if W is None else W
    return Sent(A, DenseWeights(W), W * A)


def low_rank(rank: int, seed: int = 0) -> Sent:
    rng = np.random.default_rng(seed)
    A = (rng.integers(-2, 3, (15, rank)) @ rng.integers(-2, 3, (rank, 12))).astype(float)
    return sent(A, rng.integers(1, 4, A.shape[0])[:, None] * np.ones(A.shape))


def noisy(seed: int = 0) -> Sent:
    block = low_rank(3, seed)
    A = np.asarray(block.A) + np.random.default_rng(seed).integers(-1, 2, (15, 12))
    return sent(A, block.W.dense(slice(None)))


def described(block: Sent, S: np.ndarray, goal: float) -> list[DescribedColumns]:
    form = Exact(20, False)
    descriptions = list(form.descriptions(block, S, goal))
    for description in descriptions:
        read = received(form.code(block.W), description)
        assert block.loss(form.block(read, block.W)) == block.loss(form.block(description, block.W)) <= goal
        assert np.array_equal(np.asarray(read.C), np.asarray(block.A)[:, read.S])
        assert np.array_equal(read.S, np.unique(read.S))
    return descriptions


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("goal", [0.9, 0.0])
def test_below_one_integers_come_back_from_a_basis_or_from_all_columns(seed: int, goal: float):
    S = np.array([4, 0, 7, 2, 9, 11])
    by_some, by_all = described(low_rank(2, seed), S, goal)
    assert set(by_some.S) <= set(S)
    assert by_some.rounded
    assert len(by_all.S) > len(S)
    assert not by_all.Y.any()


@pytest.mark.parametrize("share", [0.05, 0.2, 0.6])
def test_a_larger_goal_is_met_by_fewer_and_coarser_coefficients(share: float):
    block, S = noisy(), np.random.default_rng(1).permutation(12)[:8]
    energy = float(np.square(np.asarray(block.B)).sum())
    by_some = described(block, S, share * energy)[0]
    tight = described(block, S, share * energy / 4)[0]
    assert len(by_some.S) <= len(tight.S)
    code = Exact(20, False).code(block.W)
    assert code.bits(by_some) < code.bits(tight)


def test_no_coarser_step_would_do_unrounded_or_rounded():
    block, S = noisy(3), np.array([3, 5, 8, 10])
    form = Exact(20, False)
    energy = float(np.square(np.asarray(block.B)).sum())
    (found, *_) = described(block, S, 0.3 * energy)
    rest = np.delete(np.asarray(block.B), found.S, axis=1)
    Q, R = np.linalg.qr(np.asarray(block.B)[:, found.S])
    exact = (Q * np.sign(np.diag(R))).T @ rest
    for coarser in range(1, 9):
        exponent = found.exponent + coarser
        on_grid = np.rint(exact / step(exponent)).astype(np.int64)
        for rounded in (False, True):
            tried = found._replace(exponent=exponent, Y=on_grid, rounded=rounded)
            assert block.loss(form.block(tried, block.W)) > 0.3 * energy


def test_where_the_other_columns_are_within_the_goal_nothing_is_said_of_them():
    A = np.zeros((6, 5))
    A[:, 1], A[0, 3], A[1, 4] = 9, 1, 1
    for goal in (2.0, 2.5):
        by_some, *_ = described(sent(A), np.array([1]), goal)
        assert (by_some.S.tolist(), by_some.rounded) == ([1], False)
        assert not by_some.Y.any()


@pytest.mark.parametrize(("alive", "chosen", "both"), [(12, 2, True), (13, 2, False), (2, 2, False), (3, 2, True)])
def test_all_columns_are_tried_where_they_are_few_more_than_the_chosen(alive: int, chosen: int, both: bool):
    """Up to twice the chosen, and eight; and not where the chosen are all."""
    A = np.zeros((20, 16))
    A[:alive, :alive] = 3 * np.eye(alive)
    descriptions = described(sent(A), np.arange(chosen), 9.0 * (alive - chosen))
    assert [len(each.S) for each in descriptions] == ([chosen, alive] if both else [chosen])


def test_columns_that_depend_on_each_other_are_no_basis():
    A = np.zeros((6, 20))
    A[:, :] = np.arange(1, 7)[:, None]
    A[0, 10:] = 7
    assert not described(sent(A), np.array([0, 1]), 0.5)


def test_columns_without_a_weight_are_not_sent():
    W = np.ones((15, 12))
    W[:, 3] = 0
    A = np.asarray(noisy().A).copy()
    *_, by_all = described(sent(np.where(W > 0, A, 0), W), np.arange(12)[:6], 0.0)
    assert 3 not in by_all.S
