"""The accuracy of the theorems, for every protocol: loss ≤ (1+ε)·OPT.

OPT is known exactly where W is of ones or a mask. Else it is held between Σ_i ‖(B_i)_{−r_i k}‖_F², by the singular
values of each block, and the loss of the best matrix of rank k that a search finds.
"""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.game.playing import in_one_process, merged
from tests.protocols.small import Small, drawn, servers_for
from wlra_dist.css import SELECTORS
from wlra_dist.protocols import NO_PROMISE, PROTOCOLS, TWO_IN_THREE, bounds
from wlra_dist.weights import BlockMask, DenseWeights, LowRankWeights
from wlra_dist.weights.reweighted import ReweightedSolution

seeds = st.integers(0, 2**32)
each_protocol = pytest.mark.parametrize("protocol", PROTOCOLS)
PROMISING = [name for name in PROTOCOLS if name not in NO_PROMISE | TWO_IN_THREE]
WITH_CONSTANTS = ["bwz", "frequent_directions"]
"""Protocols that ask `Terms.constants`: the others play the same game with either."""

each_that_promises = pytest.mark.parametrize("protocol", PROMISING)
"""`als` outputs a matrix of rank k and promises no accuracy: what it does promise is in test_als.py."""

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
    noise = rounding * sum(float(np.square(B_i).sum()) for B_i in small.B())
    allowed = (1 + small.terms.epsilon) * (1 + 1e-9)
    # a server may know a better bound than the tail, but none above OPT
    assert loss <= allowed * small.tail() + noise or loss <= allowed * small.within_reach() + noise


def small_for(protocol: str, seed: int, *, integer: bool | None = None, wild: bool = False) -> Small:
    small = drawn(seed, integer=integer, wild=wild)
    return replace(small, m=servers_for(protocol, small.m))


@pytest.mark.parametrize(
    ("protocol", "constants"),
    [*((name, "theorem") for name in PROMISING), *((name, "tuned") for name in WITH_CONSTANTS)],
)
@given(seed=seeds)
@settings(max_examples=3)
def test_every_protocol_reaches_the_accuracy(protocol: str, constants: str, seed: int):
    assert_accurate(small_for(protocol, seed).on(constants=constants), protocol)


@each_that_promises
@given(seed=seeds)
@settings(max_examples=3)
def test_exact_optima_are_met_where_W_is_a_mask_or_ones(protocol: str, seed: int):
    """OPT itself is known where W is of ones: ‖A_{−k}‖_F²; and on a mask, the sum of those of its parts."""
    small = small_for(protocol, seed)
    if not isinstance(small.W, BlockMask):
        small = replace(small.on(r=1), W=LowRankWeights(np.ones((len(small.A), 1)), np.ones((1, small.A.shape[1]))))
    W = small.W.dense(slice(None))
    optimum = sum(
        float(np.square(np.linalg.svd(small.A[np.ix_(rows, columns)], compute_uv=False)[small.terms.k :]).sum())
        for rows, columns in parts(W)
    )
    loss = small.loss(solved(small, protocol))
    assert loss <= (1 + small.terms.epsilon) * optimum * (1 + 1e-9) + ROUNDING * float(np.square(W * small.A).sum())


def parts(W: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """The blocks of a mask: a matrix of rank k on each of them, zeros between, has rank k on none but itself."""
    patterns, of_row = np.unique(W > 0, axis=0, return_inverse=True)
    return [(np.flatnonzero(of_row == i), np.flatnonzero(pattern)) for i, pattern in enumerate(patterns)]


@each_protocol
@given(seed=seeds)
@settings(max_examples=3)
def test_what_is_said_stays_below_the_bound_of_the_theorem(protocol: str, seed: int):
    """In words: a number counts one, whatever its bits."""
    small = small_for(protocol, seed).on(code="paper")
    entries, _ = merged([in_one_process(small.body(protocol))[0]])
    n, d = small.A.shape
    counted = np.where(small.W.dense(slice(None)) > 0, small.A, 0.0)
    s = int(np.count_nonzero(counted, axis=0).max())
    terms = small.terms
    sizes = bounds.Sizes(n, d, s, terms.r, terms.k, terms.epsilon, small.m)
    assert sum(entry.numbers for entry in entries) <= bounds.UPPER_BOUNDS[protocol](sizes)


@pytest.mark.parametrize("selector", SELECTORS)
@given(seed=seeds)
@settings(max_examples=3)
def test_every_selector_reaches_the_accuracy(selector: str, seed: int):
    """Of one server too, which is what one_way plays."""
    assert_accurate(drawn(seed).on(selector=SELECTORS[selector]()), "one_round")


@each_that_promises
@given(seed=seeds, code=st.sampled_from(["paper", "float64"]))
@settings(max_examples=3)
def test_so_they_do_with_weights_from_1e_minus_12_to_1(protocol: str, seed: int, code: str):
    assert_accurate(small_for(protocol, seed, integer=False, wild=True).on(code=code), protocol)


@each_that_promises
@given(seed=seeds)
@settings(max_examples=3)
def test_float32_columns_lose_their_own_rounding_and_no_more(protocol: str, seed: int):
    assert_accurate(small_for(protocol, seed).on(code="float32"), protocol, SINGLE)


@each_that_promises
@given(seed=seeds)
@settings(max_examples=3)
def test_k_beyond_the_rank_leaves_nothing(protocol: str, seed: int):
    small = small_for(protocol, seed, integer=False).on(k=13)
    assert small.tail() == 0.0
    assert_accurate(small, protocol)


@each_that_promises
@given(seed=seeds, code=st.sampled_from(["auto", "paper"]))
@settings(max_examples=3)
def test_an_integer_game_of_opt_0_is_won_exactly(protocol: str, seed: int, code: str):
    small = drawn(seed, integer=True, noiseless=True).on(code=code)
    small = Small(small.A, small.W, servers_for(protocol, small.m), small.terms)
    solution = solved(small, protocol)
    assert small.loss(solution) == 0.0
    if protocol in ("one_way", "one_round"):
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
@settings(max_examples=3)
def test_raw_loses_nothing(seed: int):
    small = drawn(seed, wild=True)
    assert small.loss(solved(small, "raw")) == 0.0


@given(seed=seeds)
@settings(max_examples=3)
def test_a_server_with_a_single_column_sends_it_or_nothing(seed: int):
    small = drawn(seed)
    single = Small(small.A, small.W, small.A.shape[1], small.terms)
    for block in solved(single, "one_round").blocks:
        assert len(block.S) in (0, 1)
    assert_accurate(single, "one_round")


@pytest.mark.parametrize("protocol", PROTOCOLS)
@given(seed=seeds)
@settings(max_examples=2)
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
