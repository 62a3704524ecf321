"""The accuracy of the theorems, against the singular values of each block: loss ≤ (1+ε)·Σ_i ‖(B_i)_{−r_i k}‖_F²."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.game.playing import in_one_process
from tests.protocols.small import Small, drawn, servers_for
from wlra_dist.css import SELECTORS
from wlra_dist.protocols import PROTOCOLS
from wlra_dist.reweighted import ReweightedSolution
from wlra_dist.weights import DenseWeights, LowRankWeights

seeds = st.integers(0, 2**32)

ROUNDING = 1e-20
"""Of ‖B‖_F²: an accuracy of ten digits where OPT is 0."""

SINGLE = 1e-11
"""The same where columns travel as float32."""


def solved(small: Small, protocol: str) -> ReweightedSolution:
    _, solution = in_one_process(small.body(protocol))
    assert solution is not None
    return solution


def assert_accurate(small: Small, protocol: str, rounding: float = ROUNDING) -> None:
    loss = small.loss(solved(small, protocol))
    energy = sum(float(np.square(B_i).sum()) for B_i in small.B())
    reach = max(
        small.tail(), small.within_reach()
    )  # a server may know a better bound than the tail, but none above OPT
    assert loss <= (1 + small.terms.epsilon) * reach * (1 + 1e-9) + rounding * energy


@pytest.mark.parametrize("protocol", ["one_way", "one_round"])
@pytest.mark.parametrize("selector", SELECTORS)
@given(seed=seeds)
@settings(max_examples=15)
def test_every_selector_reaches_the_accuracy(protocol: str, selector: str, seed: int):
    small = drawn(seed).on(selector=SELECTORS[selector]())
    assert_accurate(Small(small.A, small.W, servers_for(protocol, small.m), small.terms), protocol)


@pytest.mark.parametrize("code", ["paper", "float64"])
@given(seed=seeds)
@settings(max_examples=25)
def test_so_they_do_with_weights_from_1e_minus_12_to_1(code: str, seed: int):
    assert_accurate(drawn(seed, integer=False, wild=True).on(code=code), "one_round")


@given(seed=seeds)
@settings(max_examples=15)
def test_float32_columns_lose_their_own_rounding_and_no_more(seed: int):
    assert_accurate(drawn(seed).on(code="float32"), "one_round", SINGLE)


@given(seed=seeds)
@settings(max_examples=20)
def test_k_beyond_the_rank_leaves_nothing(seed: int):
    small = drawn(seed, integer=False).on(k=99)
    assert small.tail() == 0.0
    assert_accurate(small, "one_round")


@pytest.mark.parametrize("code", ["auto", "paper"])
@pytest.mark.parametrize("protocol", ["one_way", "one_round"])
@given(seed=seeds)
@settings(max_examples=25)
def test_an_integer_game_of_opt_0_is_won_exactly(protocol: str, code: str, seed: int):
    small = drawn(seed, integer=True, noiseless=True).on(code=code)
    small = Small(small.A, small.W, servers_for(protocol, small.m), small.terms)
    solution = solved(small, protocol)
    assert small.loss(solution) == 0.0
    assert code == "auto" or all(block.rounded for block in solution.blocks)
    counted = small.W.dense(slice(None)) > 0
    assert np.array_equal(solution.dense()[counted], small.A[counted])


def test_exactness_is_won_by_rounding():
    """The first column is three times the second: no fixed point holds a third."""
    terms = drawn(0, integer=True).terms
    A = np.outer(np.arange(1, 7), [3, 1, 2]).astype(float)
    W = LowRankWeights(np.ones((6, 1)), np.ones((1, 3)))
    terms = replace(terms, k=1, r=1, bound=18, sparse=False, code="paper")
    (block,) = solved(Small(A, W, 1, terms), "one_round").blocks
    assert block.rounded
    assert block.S.tolist() == [0]
    assert not np.array_equal(block.L @ block.X, A[:, 1:])
    assert np.array_equal(block.columns(np.arange(3)), A)


@given(seed=seeds)
@settings(max_examples=20)
def test_raw_loses_nothing(seed: int):
    small = drawn(seed, wild=True)
    assert small.loss(solved(small, "raw")) == 0.0


@given(seed=seeds)
@settings(max_examples=15)
def test_a_server_with_a_single_column_sends_it_or_nothing(seed: int):
    small = drawn(seed)
    single = Small(small.A, small.W, small.A.shape[1], small.terms)
    for block in solved(single, "one_round").blocks:
        assert len(block.S) in (0, 1)
    assert_accurate(single, "one_round")


@pytest.mark.parametrize("protocol", PROTOCOLS)
@given(seed=seeds)
@settings(max_examples=15)
def test_where_nothing_counts_nothing_is_chosen_and_the_output_is_zero(protocol: str, seed: int):
    small = drawn(seed)
    m = servers_for(protocol, small.m)
    for game in (
        Small(np.zeros_like(small.A), small.W, m, small.terms),
        Small(small.A, DenseWeights(np.zeros_like(small.A)), m, small.terms),
    ):
        solution = solved(game, protocol)
        assert not solution.dense().any()
        if protocol != "raw":
            assert solution.parameters == 0
