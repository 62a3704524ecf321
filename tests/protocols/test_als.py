"""als: the losses of one machine, whatever m and the deal are; never a rise; and the numbers that it says it takes."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.game.playing import in_one_process, merged
from tests.protocols.small import Small, drawn
from wlra_dist.game import Entry
from wlra_dist.instances.synthetic import Synthetic
from wlra_dist.linalg.blocks import shape_of
from wlra_dist.linalg.normal_equations import pair_products
from wlra_dist.playing.play import Outcome, play
from wlra_dist.protocols.als.block_squares import BlockSquares, times, turned
from wlra_dist.protocols.bounds.upper import als_words
from wlra_dist.scenario.options import GameOptions, ProtocolOptions, Scenario
from wlra_dist.solvers.approximation import LowRank
from wlra_dist.solvers.methods.als import Alternating, fit_columns
from wlra_dist.solvers.problem import Problem
from wlra_dist.solvers.regression import NormalEquations
from wlra_dist.weights import BlockMask, DenseWeights, LowRankWeights, Weights
from wlra_dist.weights.reweighted import ReweightedSolution
from wlra_dist.world.world import Alone

seeds = st.integers(0, 2**32)
ROUNDING = 1e-6
"""Losses are told with 20 bits of mantissa."""


def noisy(seed: int, n: int, d: int, k: int, m: int, W: Weights | None = None, **terms: object) -> Small:
    """A of rank k and noise, weights without zeros."""
    rng = np.random.default_rng(seed)
    A = rng.standard_normal((n, k)) @ rng.standard_normal((k, d)) + 0.3 * rng.standard_normal((n, d))
    W = W or LowRankWeights(0.1 + rng.random((n, 2)), 0.1 + rng.random((2, d)))
    common = {"k": k, "r": min(n, d), "bound": None, "sparse": False, "epsilon": 1e-9, "iterations": 10}
    return Small(A, W, m, replace(drawn(0, integer=False).terms, **(common | terms)))


def played(small: Small, seed: int = 0) -> tuple[list[Entry], ReweightedSolution]:
    game, solution = in_one_process(small.body("als"), seed=seed)
    assert solution is not None
    return merged([game])[0], solution


def loss_after(small: Small, iterations: int) -> float:
    return small.loss(played(small.on(iterations=iterations))[1])


def bits(entries: list[Entry]) -> int:
    return sum(entry.bits for entry in entries)


@pytest.mark.parametrize("m", [1, 3, 12])
@given(seed=seeds, iterations=st.integers(1, 6))
@settings(max_examples=4)
def test_floats_give_the_iterates_of_one_machine_whatever_m_is(m: int, seed: int, iterations: int):
    """Over-relaxation and all; in the end V is fitted once more, which costs nobody a bit."""
    small = noisy(seed, 15, 12, 2, m, code="float64")
    (start,) = played(small.on(iterations=0))[1].blocks
    *_, X = Alternating(iterations)(
        small.A, small.W, 2, np.random.default_rng(0), LowRank(np.asarray(start.C), start.X)
    )
    best = fit_columns(Problem.of(small.A, small.W), X, NormalEquations(), np.random.default_rng(0))
    due = float(np.square(small.W.dense(slice(None)) * (small.A - best.U @ best.V)).sum())
    found = loss_after(small, iterations)
    stopped = len({loss_after(small, fewer) for fewer in (iterations - 1, iterations)}) == 1  # nothing more to gain
    assert found == pytest.approx(due, rel=1e-3 if stopped else 1e-7)


@pytest.mark.parametrize("code", ["auto", "paper", "float32"])
@given(seed=seeds)
@settings(max_examples=5)
def test_rounding_costs_a_little_of_the_loss_and_most_of_the_bits_are_saved(code: str, seed: int):
    exact, rounded = (noisy(seed, 30, 24, 2, 3, code=code, epsilon=0.02) for code in ("float64", code))
    (exact_entries, by), (rounded_entries, near) = played(exact), played(rounded)
    assert rounded.loss(near) <= 1.1 * exact.loss(by)
    assert bits(rounded_entries) < {"auto": 0.25, "paper": 0.5, "float32": 1.01}[code] * bits(exact_entries)


@pytest.mark.parametrize("code", ["auto", "float64"])
@given(seed=seeds)
@settings(max_examples=6)
def test_no_further_iteration_makes_the_loss_rise(code: str, seed: int):
    """Any weights, any A: what rises is not taken. The last rounding may cost its tenth of ε."""
    small = drawn(seed).on(code=code)
    epsilon = small.terms.epsilon
    noise = 1e-20 * sum(float(np.square(B_i).sum()) for B_i in small.B())
    target = (1 + epsilon) * small.within_reach()
    losses = [loss_after(small, iterations) for iterations in range(4)]
    for before, after in pairwise(losses):
        assert after <= max(before * (1 + epsilon / (1 + epsilon) / 10) * (1 + ROUNDING), target) + noise


@given(seed=seeds)
@settings(max_examples=8)
def test_the_output_has_rank_k_and_is_no_quotient(seed: int):
    small = drawn(seed)
    _, solution = played(small)
    (block,) = solution.blocks
    assert block.plain
    assert shape_of(block.C)[1] <= small.terms.k
    assert np.array_equal(solution.dense(), block.C @ block.X)
    assert np.linalg.matrix_rank(solution.dense()) <= small.terms.k


@pytest.mark.parametrize("part", ["U", "V_i, or what U rests on"])
def test_after_the_last_iteration_a_message_is_a_bit_long(part: str):
    """A high target is met by the start: U, V_i, then silence."""
    entries, _ = played(noisy(1, 30, 24, 2, 3, epsilon=50.0))
    answers = [entry for entry in entries if entry.label == part]
    assert len(answers) == 3 * 12
    silent = [entry.bits for entry in answers[2 * 3 :]]
    assert silent == [1] * len(silent)
    assert min(entry.bits for entry in answers[: 2 * 3]) > 2


@pytest.mark.parametrize("code", ["float32", "float64"])
def test_words_are_those_of_the_bound(code: str):
    """All T iterations: every number of the bound but the LB, and flags, is said, in floats of this width."""
    n, d, k, m, T = 14, 12, 3, 2, 3
    rng = np.random.default_rng(5)
    for W, grams in ((DenseWeights(0.5 + rng.random((n, d))), None), (noisy(5, n, d, k, m).W, 3)):
        entries, _ = played(noisy(5, n, d, k, m, W, code=code, iterations=T))
        numbers = sum(entry.numbers for entry in entries)
        assert numbers <= als_words(n, d, k, m, T, grams)
        assert numbers >= als_words(n, d, k, m, T, grams) - 2 * m
        width = int(code.removeprefix("float"))
        floats = numbers - m * (2 + (T + 1) * (k + 2) + 1)
        assert floats * width <= bits(entries) <= floats * width + 50 * (numbers - floats) + 20 * m * (T + 2)


STRUCTURED = {
    "low rank": lambda rng: LowRankWeights(rng.integers(1, 4, (20, 2)) * 0.5, rng.integers(0, 3, (2, 16)) * 1.0),
    "mask": lambda _: BlockMask.wide(20, 3, 6, 16),
}


@pytest.mark.parametrize("kind", STRUCTURED)
@given(seed=seeds)
@settings(max_examples=5)
def test_fewer_gram_matrices_where_W_has_structure_tell_the_same(kind: str, seed: int):
    W = STRUCTURED[kind](np.random.default_rng(seed))
    structured, plain = (
        noisy(seed, 20, 16, 2, 2, W=V, code="float64") for V in (W, DenseWeights(W.dense(slice(None))))
    )
    (entries, by), (all_entries, by_all) = played(structured.on(iterations=2)), played(plain.on(iterations=2))
    assert structured.loss(by) == pytest.approx(plain.loss(by_all), rel=1e-6)
    assert sum(entry.numbers for entry in entries) < sum(entry.numbers for entry in all_entries)


@given(seed=seeds)
@settings(max_examples=12)
def test_combinations_of_its_gram_matrices_are_those_of_the_rows(seed: int):
    rng, small = np.random.default_rng(seed), drawn(seed)
    W = small.W.dense(slice(None))
    largest = W.max() or 1.0
    squares = BlockSquares.of(small.W, largest)
    V = rng.standard_normal((3, W.shape[1]))
    due = pair_products(V) @ np.square(W[squares.rows] / largest).T
    assert np.allclose(squares.spread(squares.grams(V)), due, rtol=1e-12, atol=1e-12)
    R, E = rng.standard_normal((3, 3)), rng.standard_normal((3, len(squares.rows)))
    rows = np.square(W[squares.rows] / largest)
    assert np.allclose(turned(due, R), pair_products(R @ V) @ rows.T, atol=1e-9)
    assert np.allclose(times(due, E), V @ (rows * (E.T @ V)).T, atol=1e-9)


def outcome(deal: str, **options: object) -> Outcome:
    instance = Synthetic(n=30, d=24, k=2, r=2, seed=3)
    game = GameOptions(servers=3, deal=deal)  # type: ignore[arg-type]
    protocol = ProtocolOptions(name="als", **options)  # type: ignore[arg-type]
    found = play(Scenario("als", "", "synthetic", instance, game, protocol), Alone())
    assert found is not None
    return found


def test_a_deal_at_random_changes_the_loss_by_rounding_alone():
    in_order, at_random = (
        outcome(deal, codec="float64", epsilon=1e-9).certificate.loss for deal in ("in order", "at random")
    )
    assert in_order == pytest.approx(at_random, rel=1e-3)


def test_it_promises_nothing_and_says_so():
    found = outcome("in order", epsilon=1e-9)
    assert found.promise is None
    assert not found.certificate.reaches(1e-9)
    assert found.holds
    assert not replace(found, checks={"decoded": False}).holds


def test_where_OPT_is_0_a_start_of_full_weights_is_exact_to_rounding():
    rng = np.random.default_rng(2)
    small = noisy(2, 20, 15, 2, 3, LowRankWeights(1 + rng.random((20, 1)), 1 + rng.random((1, 15))))
    exact = replace(small, A=rng.standard_normal((20, 2)) @ rng.standard_normal((2, 15)))
    energy = sum(float(np.square(B_i).sum()) for B_i in exact.B())
    assert exact.loss(played(exact)[1]) <= 1e-12 * energy


def test_columns_of_a_server_without_weights_are_0():
    small = noisy(4, 20, 15, 2, 3)
    W = small.W.dense(slice(None))
    W[:, 5:10] = 0
    _, solution = played(replace(small, W=DenseWeights(W)))
    assert not solution.dense()[:, 5:10].any()
