"""The lower bound is below the best loss that a search finds, and claims are worth their name."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wlra_dist.optima import QUICK, Effort
from wlra_dist.optima.certificate import NONE, Certificate, best_lower_bound, floor
from wlra_dist.optima.grounds import ProvenBound
from wlra_dist.weights import DenseWeights

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
    bound = best_lower_bound(A, DenseWeights(W), r, k, QUICK).value
    assert bound <= best_loss(A, W, k, rng) * (1 + 1e-9)
    tail = float(np.square(np.linalg.svd(W * A, compute_uv=False)[r * k :]).sum())
    assert bound >= tail * (1 - 1e-6) - 1e-12 * float(np.square(W * A).sum())


@pytest.mark.parametrize("k", [1, 2, 3])
def test_it_is_zero_where_opt_is(k: int):
    rng = np.random.default_rng(k)
    W, A = rng.integers(1, 4, (9, 1)) @ rng.integers(1, 4, (1, 7)), rng.random((9, k)) @ rng.random((k, 7))
    assert best_lower_bound(A, DenseWeights(W), 1, k, QUICK).value == 0.0


def test_no_bound_rests_on_a_rank_that_is_refuted():
    rng = np.random.default_rng(0)
    A, W = rng.standard_normal((9, 7)), DenseWeights(rng.random((9, 7)))
    assert best_lower_bound(A, W, 1, 1, QUICK) == ProvenBound(NONE, 0.0)
    assert best_lower_bound(A, W, 7, 1, QUICK).name == "tail"
    nothing = floor(A, W, 1, 1, QUICK)
    assert not nothing.proven
    assert nothing.aim == pytest.approx(float(np.square(np.linalg.svd(W.W * A, compute_uv=False)[1:]).sum()))
    assert floor(A, W, 7, 1, QUICK).proven


def test_where_opt_is_0_no_bound_says_otherwise():
    """A is of rank k, and W of full rank: a tail beyond rank k would be far above OPT."""
    rng = np.random.default_rng(0)
    W = rng.uniform(0.5, 2, (24, 16))
    A = rng.standard_normal((24, 3)) @ rng.standard_normal((3, 16))
    assert floor(A, DenseWeights(W), 1, 3, QUICK).aim > 1
    for effort in (QUICK, Effort(terms=2, steps=10)):
        assert best_lower_bound(A, DenseWeights(W), 1, 3, effort).value <= 1e-9


def test_a_tail_is_that_of_the_rank_that_w_has():
    rng = np.random.default_rng(0)
    A, W = rng.standard_normal((12, 9)), rng.random((12, 2)) @ rng.random((2, 9))
    exactly, generously = (best_lower_bound(A, DenseWeights(W), r, 1, QUICK) for r in (2, 4))
    assert exactly == generously
    assert exactly.name == "tail"


def test_ratio():
    assert Certificate(3.0, 2.0, "tail", "proven").ratio == 1.5
    assert Certificate(0.0, 0.0, "tail", "proven").ratio == 1.0
    assert Certificate(0.0, 0.0, "tail", "proven").exact
    assert Certificate(1e-30, 0.0, "tail", "proven").ratio is None
    assert Certificate(1e-20, 1e-30, "tail", "proven", noise=1e-19).ratio is None
    assert not Certificate(1e-30, 0.0, "tail", "proven").exact
    assert not Certificate(1.0, 0.0, NONE, "refuted").proven


@pytest.mark.parametrize(
    ("loss", "bound", "noise", "epsilon", "reached"),
    [
        (1.1, 1.0, 0.0, 0.1, True),
        (1.1 + 1e-5, 1.0, 0.0, 0.1, False),
        (0.9, 1.0, 0.0, 0.1, True),
        (0.0, 0.0, 0.0, 0.1, True),
        (1e-20, 0.0, 0.0, 0.1, False),
        (1e-20, 0.0, 1e-19, 0.1, True),
        (1e-20, 1e-30, 1e-19, 0.1, True),  # both are rounding, and have no ratio
        (1.2, 1.0, 0.1, 0.1, None),  # beyond, but rounding may be why
        (1.6, 1.0, 0.1, 0.1, False),
    ],
)
def test_an_accuracy_is_reached_up_to_rounding(
    loss: float, bound: float, noise: float, epsilon: float, reached: bool | None
):
    assert Certificate(loss, bound, "tail", "proven", noise).reaches(epsilon) is reached


def test_an_accuracy_that_nobody_could_aim_at_is_reached_or_unknown():
    assert Certificate(1.0, 0.5, "blocks", "refuted", aims_proven=False).reaches(0.1) is None
    assert Certificate(1.0, 1.0, "blocks", "refuted", aims_proven=False).reaches(0.1) is True
    assert Certificate(0.0, 0.0, NONE, "unknown", aims_proven=False).reaches(0.1) is True
