"""The steps of `bwz`: who receives what, draws by residuals, the bound that the coordinator computes, repairs."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.game.playing import in_one_process, merged
from tests.protocols.small import Small, drawn
from wlra_dist.codecs.multiples import Multiples
from wlra_dist.game.ledger import charged
from wlra_dist.protocols.common_columns.bwz import Columns, drawn_by, draws
from wlra_dist.protocols.common_columns.common_columns import Common, Span, offer
from wlra_dist.protocols.common_columns.projections import Report, Reports, below, divided, square_of, survey
from wlra_dist.weights.reweighted import ReweightedSolution

seeds = st.integers(0, 2**32)


def solved(small: Small, **options: object) -> ReweightedSolution:
    _, solution = in_one_process(small.body("bwz"), **options)
    assert solution is not None
    return solution


def full_span(small: Small, columns: int) -> Span:
    """Of some columns of all, as they would have been sent."""
    B = np.hstack(small.B())
    alive = np.flatnonzero(np.linalg.norm(B, axis=0))
    S = np.sort(np.random.default_rng(0).permutation(alive)[:columns])
    Q, _ = np.linalg.qr(B[:, S]) if len(S) else (B[:, S], None)
    return Span(S, Q, Q)  # any orthonormal left factor will do


@pytest.mark.parametrize(("constants", "due"), [("theorem", (16, 16, 2000)), ("tuned", (5, 5, 2))])
def test_the_constants_by_hand(constants: str, due: tuple[int, int, int]):
    terms = replace(drawn(0).terms, epsilon=0.1, constants=constants)
    columns = Columns.on(terms, 4)
    assert (columns.local, columns.among, columns.drawn) == due


@pytest.mark.parametrize("constants", ["theorem", "tuned"])
@given(seed=seeds)
@settings(max_examples=8)
def test_one_block_spans_all_columns_and_no_column_comes_twice(constants: str, seed: int):
    solution = solved(drawn(seed).on(constants=constants))
    (block,) = solution.blocks
    assert len(np.unique(block.S)) == len(block.S)
    assert block.shape == solution.shape


@given(seed=seeds)
@settings(max_examples=8)
def test_the_coordinators_messages_go_to_all_and_a_blackboard_charges_them_once(seed: int):
    small = drawn(seed)
    entries, _ = merged([in_one_process(small.body("bwz"))[0]])
    for label in ("C_1", "C_2", "U"):
        copies = [entry for entry in entries if entry.label == label]
        assert [entry.copy for entry in copies] == list(range(small.m))
        assert len({entry.checksum for entry in copies if entry.bits}) <= small.m
        assert len({entry.bits for entry in copies}) == 1
        assert len(charged(copies, "blackboard")) == 1


@given(seed=seeds)
@settings(max_examples=8)
def test_private_coins_are_sent_and_public_ones_are_listed(seed: int):
    small = drawn(seed)
    label = "whose columns are drawn"
    public, _ = in_one_process(small.body("bwz"))
    private, _ = in_one_process(small.body("bwz"), coins="private")
    assert list(public.public_coins) == [label]
    bits = [entry.bits for entry in merged([private])[0] if entry.label == label]
    assert bits == [64] * small.m
    assert not [entry for entry in merged([public])[0] if entry.label == label]


@given(seed=seeds)
@settings(max_examples=8)
def test_the_bound_of_the_reports_is_one_on_the_tail(seed: int):
    small = drawn(seed)
    rng = np.random.default_rng(seed)
    common = Common(small.public_W, small.terms)
    V = full_span(small, int(rng.integers(0, small.A.shape[1] + 1)))
    own_reports = [survey(B_i, V, 0.0, common=common) for B_i in small.B()]
    reports = Reports(own_reports, common)
    B = np.hstack(small.B())
    tail = float(np.square(np.linalg.svd(B, compute_uv=False)[common.K :]).sum())
    assert reports.bound <= tail * (1 + 1e-9) + 1e-25 * float(np.square(B).sum())


@given(seed=seeds)
@settings(max_examples=8)
def test_it_is_the_tail_itself_once_all_is_spanned(seed: int):
    """With E = 0 only the rounding of the Gram matrices is lost: in floating point, next to nothing."""
    small = drawn(seed, integer=False)
    small = small.on(code="float64", r=min(small.A.shape))
    common = Common(small.public_W, small.terms)
    B = np.hstack(small.B())
    U, _, _ = np.linalg.svd(B, full_matrices=False)
    V = Span(np.arange(U.shape[1]), U, U)
    own_reports = [survey(B_i, V, 0.0, common=common) for B_i in small.B()]
    tail = float(np.square(np.linalg.svd(B, compute_uv=False)[common.K :]).sum())
    bound = Reports(own_reports, common).bound
    assert np.sqrt(bound) >= np.sqrt(tail) - 1e-6 * np.linalg.norm(B)


@pytest.mark.parametrize("code", ["auto", "paper", "float32", "float64"])
@given(seed=seeds)
@settings(max_examples=20)
def test_a_gram_matrix_is_rounded_to_below_itself(code: str, seed: int):
    rng = np.random.default_rng(seed)
    small = drawn(seed).on(code=code)
    Y = rng.standard_normal((int(rng.integers(0, 9)), 12)) * 10.0 ** rng.integers(-9, 9)
    G = Y @ Y.T
    rounded = below(G, float(np.square(Y).sum()) * 10.0 ** rng.integers(-20, 1), Common(small.public_W, small.terms))
    gap = np.linalg.eigvalsh(G - rounded.numbers)
    assert gap.min(initial=0.0) >= -1e-14 * np.abs(G).max(initial=0.0)
    triangle = Multiples(rounded.exponent, rounded.grid[np.triu_indices(len(G))][:, None])
    assert np.array_equal(square_of(triangle), rounded.numbers)


@given(seed=seeds)
@settings(max_examples=8)
def test_what_is_dealt_is_the_goal_or_rounding_noise(seed: int):
    small = drawn(seed)
    rng = np.random.default_rng(seed)
    common = Common(small.public_W, small.terms)
    bounds = rng.random(small.m) * rng.integers(0, 2, small.m)
    noise = 1e-20 * rng.random(small.m)
    missed = 2 * rng.random(small.m)
    energies = [[LB, left, 0.0, least] for LB, left, least in zip(bounds, missed, noise, strict=True)]
    reports = Reports([Report(row, Multiples.none(1)) for row in energies], common)
    due = np.array(divided(reports, reports.energies[:, 1]))
    assert due.sum() <= reports.goal * (1 + 1e-12) + noise.sum()
    assert (due >= noise).all()
    if reports.energies[:, 1].sum() > reports.goal:  # then nobody has to do more than in one_round
        assert (due >= (1 + small.terms.epsilon) * bounds * (1 - 1e-12)).all()


@given(seed=seeds)
@settings(max_examples=8)
def test_rounded_columns_span_nearly_what_they_are(seed: int):
    small = drawn(seed, integer=False)
    common = Common(small.public_W, small.terms)
    for i, B in enumerate(small.B()):
        S = np.flatnonzero(np.linalg.norm(B, axis=0))[:3]
        own_reports = offer(B, common.W[i], B, S, common=common)

        def left(L: np.ndarray, B: np.ndarray = B) -> float:
            return float(np.square(B - L @ np.linalg.lstsq(L, B)[0]).sum()) if L.shape[1] else float(np.square(B).sum())

        energy = float(np.square(B).sum())
        assert left(np.asarray(own_reports.C)) <= 1.2 * left(B[:, S]) + 1e-3 * energy


@given(seed=seeds)
@settings(max_examples=8)
def test_a_number_of_columns_is_all_that_is_told(seed: int):
    small = drawn(seed, integer=False).on(columns=2)
    for block in solved(small).blocks:
        assert len(block.S) <= 2


def test_draws_follow_what_is_missed():
    counts = np.array(draws([0.0, 1.0, 3.0], 7, count=4000))
    assert counts.sum() == 4000
    assert counts[0] == 0
    assert abs(counts[2] - 3000) < 6 * np.sqrt(4000 * 3 / 16)
    drawn_columns = partial(drawn_by, coins=np.random.default_rng(0))
    assert drawn_columns(np.array([0.0, 1.0, 0.0, 2.0]), 50).tolist() == [1, 3]
    assert drawn_columns(np.zeros(3), 50).tolist() == []
