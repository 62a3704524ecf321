"""Columns as they are and coefficients in fixed point: least squares, the fewest bits, rounding only by choice."""

import numpy as np
import pytest
from scipy.sparse import csc_array

from wlra_dist.codecs.base.codec import received
from wlra_dist.codecs.columns.columns import SelectedColumns
from wlra_dist.forms import Plain, Sent
from wlra_dist.weights import DenseWeights

S = np.array([5, 1, 7])
WIDTHS = (4, 8, 12, 16, 24, 32, 64)


def sent(A: np.ndarray, W: np.ndarray) -> Sent:
    return Sent(A, DenseWeights(W), W * A)


def reals(noise: float = 0.3) -> Sent:
    rng = np.random.default_rng(0)
    A = rng.standard_normal((20, 3)) @ rng.standard_normal((3, 10)) + noise * rng.standard_normal((20, 10))
    return sent(A, rng.uniform(0.5, 2, A.shape))


def integers() -> Sent:
    """Rank 3, and columns S are a basis: the others are sums of these."""
    rng = np.random.default_rng(1)
    A = rng.integers(-4, 5, (20, 10)).astype(float)
    A[:, [0, 2, 3, 4, 6, 8, 9]] = A[:, S] @ rng.integers(-9, 10, (3, 7))
    return sent(A, np.ones(A.shape))


def form(*, bound: int | None = None, widths: tuple[int, ...] = WIDTHS, share: float = 0.01) -> Plain:
    return Plain(bound, bound is not None, False, 64, widths, share)


def best_loss(block: Sent) -> float:
    """What least squares by the columns S of B leave."""
    B = np.asarray(block.B)
    return float(np.square(B - B[:, S] @ np.linalg.lstsq(B[:, S], B, rcond=None)[0]).sum())


def description(plain: Plain, block: Sent, goal: float) -> SelectedColumns:
    (only,) = plain.descriptions(block, S, goal)
    return only


def loss(plain: Plain, block: Sent, C_X: SelectedColumns) -> float:
    return block.loss(plain.block(C_X, block.W))


def loss_with(width: int, block: Sent) -> float:
    plain = form(widths=(width,))
    return loss(plain, block, description(plain, block, np.inf))


def test_a_goal_above_the_least_loss_is_met_by_the_fewest_bits_a_coefficient():
    block, plain, least = reals(), form(), best_loss(reals())
    used = []
    for factor in (1.02, 1.1, 2.0, 10.0):
        C_X = description(plain, block, factor * least)
        assert loss(plain, block, C_X) <= factor * least
        used.append(WIDTHS.index(C_X.width))
        assert all(loss_with(width, block) > factor * least for width in WIDTHS[: used[-1]])
    assert used == sorted(used, reverse=True)
    assert used[0] > used[-1]


@pytest.mark.parametrize("share", [0.5, 0.01, 1e-6])
def test_a_goal_below_the_least_loss_leaves_a_share_of_it_to_rounding(share: float):
    block, plain = reals(), form(share=share)
    C_X = description(plain, block, 0.0)
    assert best_loss(block) * (1 - 1e-9) <= loss(plain, block, C_X) <= best_loss(block) / (1 - share) * (1 + 1e-9)
    limit = best_loss(block) / (1 - share)
    assert all(loss_with(width, block) > limit for width in WIDTHS[: WIDTHS.index(C_X.width)])


def test_integers_are_rounded_at_the_fewest_bits_to_no_loss_at_all():
    block, plain = integers(), form(bound=200)
    C_X = description(plain, block, 0.5)
    assert C_X.rounded
    assert loss(plain, block, C_X) == 0
    reals_only = Plain(200, False, False, 64, WIDTHS, 0.01)
    unrounded = description(reals_only, block, 0.5)
    assert not unrounded.rounded
    assert unrounded.width > C_X.width


def test_integers_are_left_unrounded_where_that_loses_less():
    """Of 1, 1, 2 least squares make 4/3 each, which is a loss of 2/3; 1, 1, 1 would lose 1."""
    block = sent(np.array([[2.0, 1], [2, 1], [2, 2]]), np.ones((3, 2)))
    plain = form(bound=2)
    (chosen,) = plain.descriptions(block, np.array([0]), 0.67)
    assert not chosen.rounded
    assert loss(plain, block, chosen) == pytest.approx(2 / 3, rel=1e-2)
    (chosen,) = plain.descriptions(block, np.array([0]), 1.0)
    assert chosen.rounded


def test_the_receiver_has_the_columns_as_they_are_and_nothing_off_the_support():
    W = np.ones((20, 10))
    W[::3, 1] = 0
    A = np.asarray(reals().A)
    block = sent(A, W)
    plain = form()
    C_X = description(plain, block, np.inf)
    read = received(plain.code(block.W), C_X)
    assert np.array_equal(np.asarray(read.C), np.where(W > 0, A, 0)[:, S])
    assert np.array_equal(plain.block(read, block.W).columns(S), np.asarray(read.C))
    sparse = Sent(csc_array(block.A), block.W, csc_array(block.B))
    wanted = Plain(None, False, True, 64, WIDTHS, 0.01)
    (same,) = wanted.descriptions(sparse, S, np.inf)
    assert np.array_equal(same.X, C_X.X)
    assert same.width == C_X.width
