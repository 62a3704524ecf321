"""The lower bound is below the best loss that a search finds, and claims are worth their name."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wlra_dist.certificate import CLAIMED_TAIL, Certificate, best_lower_bound, rank_claim
from wlra_dist.optimum import QUICK
from wlra_dist.weights import BlockMask, DenseWeights, LowRankWeights, Weights

RESTARTS = 6
SWEEPS = 40


def best_loss(A: np.ndarray, W: np.ndarray, k: int, rng: np.random.Generator) -> float:
    """The smallest ‖W∘(A − UV)‖_F² that alternating least squares finds: an upper bound on OPT."""
    best = float(np.square(W * A).sum())
    for _ in range(RESTARTS):
        U = rng.standard_normal((len(A), k))
        for _ in range(SWEEPS):
            U = regressed(A.T, W.T, regressed(A, W, U).T).T
        best = min(best, float(np.square(W * (A - U @ regressed(A, W, U))).sum()))
    return best


def regressed(A: np.ndarray, W: np.ndarray, U: np.ndarray) -> np.ndarray:
    """V that minimises the loss for this U, column by column."""
    columns = [np.linalg.lstsq(w[:, None] * U, w * a, rcond=None)[0] for w, a in zip(W.T, A.T, strict=True)]
    return np.stack(columns, axis=1)


@given(st.integers(0, 2**32), st.integers(1, 2), st.integers(1, 2))
@settings(max_examples=25)
def test_no_search_finds_a_loss_below_the_lower_bound(seed: int, r: int, k: int):
    rng = np.random.default_rng(seed)
    n, d = (int(side) for side in rng.integers(k + 1, 8, 2))
    W = rng.integers(0, 4, (n, r)) @ rng.integers(0, 4, (r, d)) * 1.0
    A = rng.standard_normal((n, d))
    _, bound = best_lower_bound(A, DenseWeights(W), r, k, QUICK)
    assert bound <= best_loss(A, W, k, rng) * (1 + 1e-9)
    tail = float(np.square(np.linalg.svd(W * A, compute_uv=False)[r * k :]).sum())
    assert bound >= tail * (1 - 1e-6) - 1e-12 * float(np.square(W * A).sum())


@pytest.mark.parametrize("k", [1, 2, 3])
def test_it_is_zero_where_opt_is(k: int):
    rng = np.random.default_rng(k)
    W, A = rng.integers(1, 4, (9, 1)) @ rng.integers(1, 4, (1, 7)), rng.random((9, k)) @ rng.random((k, 7))
    assert best_lower_bound(A, DenseWeights(W), 1, k, QUICK)[1] == 0.0


def test_a_tail_that_rests_on_a_claim_is_called_so_and_used_only_where_nothing_is_proven():
    rng = np.random.default_rng(0)
    A, W = rng.standard_normal((9, 7)), DenseWeights(rng.random((9, 7)))
    name, bound = best_lower_bound(A, W, 1, 1, QUICK)
    assert name == CLAIMED_TAIL
    assert bound > 0
    assert not Certificate(1.0, bound, name, "claimed").proven
    assert best_lower_bound(A, W, 7, 1, QUICK)[0] != CLAIMED_TAIL


def test_ratio():
    assert Certificate(3.0, 2.0, "tail", "proven").ratio == 1.5
    assert Certificate(0.0, 0.0, "tail", "proven").ratio == 1.0
    assert Certificate(0.0, 0.0, "tail", "proven").exact
    assert Certificate(1e-30, 0.0, "tail", "proven").ratio is None
    assert not Certificate(1e-30, 0.0, "tail", "proven").exact


@pytest.mark.parametrize(
    ("loss", "bound", "noise", "epsilon", "reached"),
    [
        (1.1, 1.0, 0.0, 0.1, True),
        (1.1 + 1e-5, 1.0, 0.0, 0.1, False),
        (0.9, 1.0, 0.0, 0.1, True),
        (0.0, 0.0, 0.0, 0.1, True),
        (1e-20, 0.0, 0.0, 0.1, False),
        (1e-20, 0.0, 1e-19, 0.1, True),
    ],
)
def test_an_accuracy_is_reached_up_to_rounding(loss: float, bound: float, noise: float, epsilon: float, reached: bool):
    assert Certificate(loss, bound, "tail", "proven", noise).reaches(epsilon) is reached


def rank_two(n: int, d: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.random((n, 2)) @ rng.random((2, d))


@pytest.mark.parametrize(
    ("W", "r", "claim"),
    [
        (lambda: BlockMask.square(6, 3), 3, "proven"),
        (lambda: BlockMask.square(6, 3), 2, "claimed"),
        (lambda: LowRankWeights(np.ones((6, 2)), np.ones((2, 7))), 2, "proven"),
        (lambda: LowRankWeights(np.ones((6, 2)), np.ones((2, 7))), 1, "verified"),
        (lambda: DenseWeights(rank_two(6, 7)), 2, "verified"),
        (lambda: DenseWeights(rank_two(6, 7)), 1, "claimed"),
        (lambda: DenseWeights(rank_two(6, 7)), 6, "proven"),
        (
            lambda: DenseWeights(np.lib.stride_tricks.as_strided(np.ones(1), (10**6, 10**6), (0, 0))),
            1,
            "claimed",
        ),
    ],
)
def test_why_the_rank_of_W_is_at_most_r(W: Callable[[], Weights], r: int, claim: str):
    """The last one is too large to look at."""
    assert rank_claim(W(), r) == claim
