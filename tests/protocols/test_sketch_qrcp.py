"""Columns chosen on sketches: what stays with the servers, what is estimated, and that repairs end in all columns."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.game.playing import in_one_process, merged
from tests.protocols.small import Small, drawn
from wlra_dist.codecs.base.grid import FINENESS
from wlra_dist.playing.deal import deal
from wlra_dist.protocols.bounds import sketch_rows, word_bits
from wlra_dist.protocols.sketched import choice
from wlra_dist.protocols.sketched.block import describe
from wlra_dist.protocols.sketched.block_sketch import BlockSketch, sizes
from wlra_dist.protocols.sketched.fit import Fit
from wlra_dist.protocols.sketched.sketches import PlannedPart, SketchPlan
from wlra_dist.protocols.sketched.tail import SketchedPart
from wlra_dist.protocols.steps import lower_bound
from wlra_dist.scenario.options import GameOptions
from wlra_dist.weights import BlockMask, DenseWeights, LowRankWeights, Weights
from wlra_dist.weights.components import Component, components

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


@pytest.mark.parametrize("integer", [True, False])
@pytest.mark.parametrize("m", [1, 5, D])
def test_the_loss_is_within_epsilon_of_the_tail_of_all_columns(m: int, integer: bool):
    small = low_rank(m, 0.2, m, integer=integer)
    assert sketch_rows(K, 0.5, D, integer=integer) < N
    _, solution = in_one_process(small.body("sketch_qrcp"))
    assert solution is not None
    assert solution.parameters < small.A.size / 2
    assert small.loss(solution) <= 1.5 * small.tail_of_all()


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


def real_game(seed: int, sigma: np.ndarray, n: int, d: int, m: int, k: int, epsilon: float) -> Small:
    """Orthogonal factors at random, and these singular values; W is of ones."""
    rng, rank = np.random.default_rng(seed), min(n, d)
    U, V = (np.linalg.qr(rng.standard_normal((size, rank)))[0] for size in (n, d))
    small = Small(
        U * sigma[:rank] @ V.T, LowRankWeights(np.ones((n, 1)), np.ones((1, d))), m, low_rank(0, 0.0, 1).terms
    )
    return small.on(k=k, r=1, epsilon=epsilon, word=word_bits(n, d), bound=None)


ORDER = np.arange(1, 2001.0)


@pytest.mark.parametrize(
    "drawn_game",
    [
        (1, 1 / ORDER, 256, 2000, 4, 6, 0.2),  # left 1.27 times the tail while errors of a server were one
        (0, 0.8**ORDER, 300, 300, 10, 5, 0.2),  # 1.4 times, while directions of what stays were forgotten
    ],
    ids=["few directions", "steep"],
)
def test_few_directions_in_what_is_left_do_not_break_the_promise(drawn_game: tuple[Any, ...]):
    game = real_game(*drawn_game)
    _, solution = in_one_process(game.body("sketch_qrcp"))
    assert solution is not None
    assert game.loss(solution) <= (1 + game.terms.epsilon) * game.tail_of_all()


def test_what_each_column_leaves_is_estimated(monkeypatch: pytest.MonkeyPatch):
    """By sums of directions: what lies in them, and each column's share of what does not."""
    fits: list[Fit] = []

    def watched(*given: Any) -> Fit:
        fits.append(Fit(*given))
        return fits[-1]

    monkeypatch.setattr(choice, "Fit", watched)
    game = real_game(1, 1 / ORDER, 128, 400, 4, 4, 0.5)
    in_one_process(game.body("sketch_qrcp"))
    (part,) = fits[-1].parts
    assert all(sketch.framed for sketch in part.sketched.sketches)
    columns, losses = fits[-1].by_column
    left = np.square(np.hstack(game.B()) - part.L @ part.X).sum(axis=0)[columns]
    assert len(columns) > 0.9 * 400
    assert losses.sum() == pytest.approx(fits[-1].at_most)
    assert ((losses > 0.3 * left) & (losses < 4 * left)).mean() > 0.95


def test_a_server_with_few_columns_rounds_as_the_tail_of_all_allows():
    """Its own tail is 0: 50 bits a number would follow from that."""
    game = real_game(0, np.where(ORDER <= 4, 10.0, 0.3), 300, 160, 80, 4, 0.5)
    played, solution = in_one_process(game.body("sketch_qrcp"))
    assert solution is not None
    entries, _ = merged([played])
    sent = [entry for entry in entries if entry.label in ("S B", "C")]
    assert sum(entry.bits for entry in sent) <= 10 * sum(entry.numbers for entry in sent)
    assert game.loss(solution) <= 1.5 * game.tail_of_all()


@given(seed=st.integers(0, 2**32))
@settings(max_examples=20)
def test_what_stays_with_servers_and_shrunk_directions_bound_the_tail(seed: int):
    """Sketches of all rows, hardly rounded: then the theorem of `sketched_tail` is no matter of chance."""
    rng = np.random.default_rng(seed)
    n, K, m = 12, int(rng.integers(1, 4)), int(rng.integers(1, 5))
    blocks = [
        rng.standard_normal((n, n)) @ (rng.standard_normal((n, 8 * K)) * 10.0 ** rng.integers(-2, 2, (n, 1)))
        for _ in range(m)
    ]
    found: list[BlockSketch] = []
    for B in blocks:
        U, sigma, Vt = np.linalg.svd(B, full_matrices=False)
        Y = np.rint(sigma[:K, None] * Vt[:K] * 2.0**30).astype(np.int64)
        exponents = np.full(3, -30 * FINENESS)
        left = np.rint(U[:, :K] * sizes(Y, -30 * FINENESS) * 2.0**30).astype(np.int64)
        missed = np.array([np.square(sigma[K:]).sum(), sigma[K] ** 2, 0.0])
        found.append(BlockSketch(missed, exponents, left, Y, np.zeros((0, 8 * K), dtype=np.int64)))
    place = Component(np.arange(n), np.arange(m * 8 * K))
    sketched = SketchedPart(PlannedPart(place, K, n, 0, 0, 0), range(m), found)
    whole = float(np.square(np.linalg.svd(np.hstack(blocks), compute_uv=False)[K:]).sum())
    assert sketched.missed <= sketched.missed + sketched.floor.value <= whole * (1 + 1e-6)


def test_the_sketch_of_a_block_and_what_stays_add_up_to_it():
    small = low_rank(3, 0.2, 1)
    plan = SketchPlan(small.public_W, small.terms)
    (part,), (sketch,) = plan.parts, describe(small.A, 0, 7, [-5 * FINENESS], plan=plan)
    U, sigma, Vt = np.linalg.svd(small.A, full_matrices=False)
    exact = part.sketch(U[:, :K] * sigma[:K] @ Vt[:K], 7)
    assert sketch.framed
    assert sketch.missed[0] == pytest.approx(float(np.square(sigma[K:]).sum()), rel=1e-6)
    assert sketch.missed[1] == pytest.approx(sigma[K] ** 2, rel=1e-6)
    assert np.square(sketch.columns - exact).sum() <= 2 * sketch.rounding + 1e-9 * np.square(exact).sum()


@given(seed=st.integers(0, 2**32))
@settings(max_examples=10)
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
    plan = SketchPlan(hands.weights(W), drawn(0).on(k=2, r=4, epsilon=0.5).terms)
    assert [(len(part.place.rows), len(part.place.columns), part.K) for part in plan.parts] == [(10, 5, 2)] * 4


def test_columns_that_are_sent_whole_are_rounded_as_the_level_allows():
    """They took 43 bits a number."""
    game = real_game(0, np.where(ORDER <= 3, 10.0, 0.3), 40, 60, 6, 3, 0.1)
    (part,) = SketchPlan(game.public_W, game.terms).parts
    assert not part.rows
    played, solution = in_one_process(game.body("sketch_qrcp"))
    assert solution is not None
    entries, _ = merged([played])
    assert sum(entry.bits for entry in entries) <= 8 * game.A.size
    assert game.loss(solution) <= game.tail_of_all()
