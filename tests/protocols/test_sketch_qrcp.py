"""Columns chosen on sketches: what stays with the servers, what is estimated, and that repairs end in all columns."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.game.playing import in_one_process
from tests.protocols.small import Small, drawn
from wlra_dist.bounds import sketch_rows, word_bits
from wlra_dist.deal import deal
from wlra_dist.protocols.sketches import Plan, describe
from wlra_dist.protocols.steps import lower_bound
from wlra_dist.scenario import GameOptions
from wlra_dist.weights import BlockMask, DenseWeights, LowRankWeights, Weights
from wlra_dist.weights.components import components

K, D, N = 2, 150, 120


def low_rank(seed: int, noise: float, m: int, *, integer: bool = True) -> Small:
    """A game large enough for sketches: rank 2 and noise."""
    rng = np.random.default_rng(seed)
    A = np.rint(4 * rng.standard_normal((N, K))) @ rng.integers(-2, 3, (K, D)) * 1.0
    A = A + rng.integers(-1, 2, (N, D)) * (rng.random((N, D)) < noise)
    A = A if integer else A + 0.25 * noise * rng.standard_normal((N, D))
    W = LowRankWeights(np.ones((N, 1)), np.ones((1, D)))
    terms = drawn(seed, integer=integer).terms
    small = Small(A, W, m, terms)
    bound = int(np.abs(A).max()) + 1 if integer else None
    return small.on(k=K, r=1, epsilon=0.5, word=word_bits(N, D), bound=bound, sparse=False)


def tail(small: Small) -> float:
    return float(np.square(np.linalg.svd(small.A, compute_uv=False)[K:]).sum())


@pytest.mark.parametrize("integer", [True, False])
@pytest.mark.parametrize("m", [1, 5, D])
def test_the_loss_is_within_epsilon_of_the_tail_of_all_columns(m: int, integer: bool):
    small = low_rank(m, 0.2, m, integer=integer)
    assert sketch_rows(K, 0.5, D, integer=integer) < N
    _, solution = in_one_process(small.body("sketch_qrcp"))
    assert solution is not None
    assert solution.parameters < small.A.size / 2
    assert small.loss(solution) <= 1.5 * tail(small)


@pytest.mark.parametrize("m", [1, 5])
def test_an_integer_game_of_opt_0_is_won_exactly_on_sketches(m: int):
    small = low_rank(m, 0.0, m)
    _, solution = in_one_process(small.body("sketch_qrcp"))
    assert solution is not None
    assert small.loss(solution) == 0.0
    assert solution.parameters < small.A.size / 2


def test_the_tail_of_all_is_no_aim_where_the_rank_of_W_is_refuted():
    """Then it may be far above OPT, and Σ_i LB_i is what a certificate rests on."""
    rng, small = np.random.default_rng(0), low_rank(0, 0.0, 3, integer=False)
    game = Small(small.A, DenseWeights(0.5 + rng.random((N, D))), 30, small.terms)
    blocks = zip(game.runs, game.public_W, strict=True)
    bound = sum(lower_bound(game.A[:, run], W_i, terms=game.terms) for run, W_i in blocks)
    assert np.square(np.linalg.svd(np.hstack(game.B()), compute_uv=False)[K:]).sum() > 1.2 * bound
    _, solution = in_one_process(game.body("sketch_qrcp"))
    assert solution is not None
    assert game.loss(solution) <= 1.5 * bound


def test_what_is_told_of_a_block_and_what_stays_add_up_to_it():
    small = low_rank(3, 0.2, 1)
    plan = Plan(small.public_W, small.terms)
    (part,), (sketch,) = plan.parts, describe(small.A, 0, 7, plan=plan)
    U, sigma, Vt = np.linalg.svd(small.A, full_matrices=False)
    shown = part.sketch(U[:, :K] * sigma[:K] @ Vt[:K], 7)
    assert sketch.missed[0] == pytest.approx(float(np.square(sigma[K:]).sum()), rel=1e-6)
    assert np.square(sketch.shown - shown).sum() <= 2 * sketch.rounding + 1e-9 * np.square(shown).sum()
    left = small.A - U[:, :K] * sigma[:K] @ Vt[:K]
    assert sketch.missed[1:] == pytest.approx(np.square(part.check(left, 7)).sum(axis=1), rel=1e-6)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=25)
def test_parts_of_the_support_are_what_a_search_through_rows_and_columns_reaches(seed: int):
    W = drawn(seed).W
    support = W.dense(slice(None)) > 0
    found = components(W)
    assert (
        sorted(np.concatenate([[], *(part.columns for part in found)])) == np.flatnonzero(support.any(axis=0)).tolist()
    )
    for part in found:
        rows, columns = {int(np.flatnonzero(support[:, part.columns[0]])[0])}, {int(part.columns[0])}
        while True:
            more_rows = rows | {int(i) for j in columns for i in np.flatnonzero(support[:, j])}
            more_columns = columns | {int(j) for i in more_rows for j in np.flatnonzero(support[i])}
            if (more_rows, more_columns) == (rows, columns):
                break
            rows, columns = more_rows, more_columns
        assert (sorted(rows), sorted(columns)) == (part.rows.tolist(), part.columns.tolist())


@pytest.mark.parametrize("W", [BlockMask.wide(40, 4, 5, 20)])
def test_the_columns_of_a_mask_are_sketched_block_by_block(W: Weights):
    hands = deal(20, GameOptions(servers=3))
    plan = Plan(hands.weights(W), drawn(0).on(k=2, r=4, epsilon=0.5).terms)
    assert [(len(part.place.rows), len(part.place.columns), part.K) for part in plan.parts] == [(10, 5, 2)] * 4
