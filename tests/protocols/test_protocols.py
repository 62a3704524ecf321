"""Every protocol: the same transcript in every world, and an output that rests on the messages alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.game.playing import in_one_process, merged, one_party_a_thread
from tests.protocols.small import Small, coordinator, drawn, servers_for
from wlra_dist.codecs.base.codec import decode
from wlra_dist.css import SELECTORS
from wlra_dist.game import Game
from wlra_dist.game.frame import unseal
from wlra_dist.game.replayed import Replayed
from wlra_dist.protocols import PROTOCOLS
from wlra_dist.protocols.steps import assemble
from wlra_dist.weights.reweighted import ReweightedSolution

seeds = st.integers(0, 2**32)
each_protocol = pytest.mark.parametrize("protocol", PROTOCOLS)


def small_for(protocol: str, seed: int) -> Small:
    small = drawn(seed)
    return Small(small.A, small.W, servers_for(protocol, small.m), small.terms)


@pytest.mark.parametrize("selector", SELECTORS)
@given(seed=seeds)
@settings(max_examples=2)
def test_threads_tell_the_same_story_as_one_process(selector: str, seed: int):
    """So the seed of the coins is all that chance depends on; every protocol: test_everyone_outputs.py."""
    small = drawn(seed).on(selector=SELECTORS[selector]())
    game, alone = in_one_process(small.body("one_round"), seed=seed)
    runs = one_party_a_thread(small.body("one_round"), [coordinator, *small.servers], seed=seed)
    assert merged([game]) == merged([played for played, _ in runs])
    solution, *others = (solution for _, solution in runs)
    assert others == [None] * small.m
    assert alone is not None
    assert solution is not None
    assert np.array_equal(solution.dense(), alone.dense())


@pytest.mark.parametrize("protocol", ["one_way", "one_round", "raw"])
@given(seed=seeds)
@settings(max_examples=4)
def test_each_server_speaks_once_in_one_round(protocol: str, seed: int):
    small = small_for(protocol, seed)
    entries, _ = merged([in_one_process(small.body(protocol))[0]])
    assert [(entry.sender, entry.receiver, entry.round) for entry in entries] == [
        (server.name, "coordinator", 1) for server in small.servers
    ]


@each_protocol
@given(seed=seeds)
@settings(max_examples=3)
def test_the_output_rests_on_the_messages_and_W_alone(protocol: str, seed: int):
    small = small_for(protocol, seed)
    game, solution = in_one_process(small.body(protocol), seed=seed)
    garbage = Small(np.full(small.A.shape, np.nan), small.W, small.m, small.terms)
    again = Game(Replayed(coordinator, [game.frames[step] for step in sorted(game.frames)]), seed=seed)
    replayed = garbage.body(protocol)(again)
    again.finish()
    assert solution is not None
    assert replayed is not None
    assert replayed.dense().tobytes() == solution.dense().tobytes()


@given(seed=seeds)
@settings(max_examples=4)
def test_frames_decoded_by_hand_give_the_solution(seed: int):
    small = drawn(seed)
    game, solution = in_one_process(small.body("one_round"))
    descriptions = []
    for step, W_i in enumerate(small.public_W):
        frame = unseal(game.frames[step], step)
        descriptions.append(decode(small.terms.block_code(W_i), frame.payload, frame.bits)[0])
    by_hand = assemble(descriptions, small.public_W, terms=small.terms)
    assert solution is not None
    assert np.array_equal(by_hand.dense(), solution.dense())


@pytest.mark.parametrize("columns", [1, 3, 99])
@given(seed=seeds)
@settings(max_examples=4)
def test_a_number_of_columns_is_what_each_server_sends(columns: int, seed: int):
    rng = np.random.default_rng(seed)
    small = drawn(seed, integer=False).on(columns=columns, sparse=False)
    full = Small(rng.standard_normal(small.A.shape), small.W, small.m, small.terms)
    _, solution = in_one_process(full.body("one_round"))
    assert solution is not None
    ranks = [int(np.linalg.matrix_rank(B_i)) for B_i in full.B()]
    assert [len(block.S) for block in solution.blocks] == [min(columns, rank) for rank in ranks]


@given(seed=seeds)
@settings(max_examples=4)
def test_nothing_is_said_of_entries_that_do_not_count(seed: int):
    """Messages are the same whatever A is where W is 0."""
    small = drawn(seed)
    W = small.W.dense(slice(None))
    noise = np.random.default_rng(seed).integers(-1, 2, W.shape) * (small.terms.bound is not None)
    changed = Small(np.where(W > 0, small.A, noise), small.W, small.m, small.terms)
    for protocol in ("one_round", "raw"):
        frames = [in_one_process(game.body(protocol))[0].frames for game in (small, changed)]
        assert frames[0] == frames[1]


def dense_of(solution: ReweightedSolution | None) -> np.ndarray:
    assert solution is not None
    return solution.dense()


@pytest.mark.parametrize(("code", "bits"), [("float32", 32), ("float64", 64)])
@given(seed=seeds)
@settings(max_examples=4)
def test_plain_codes_send_the_floats_of_plain_software(code: str, bits: int, seed: int):
    small = drawn(seed).on(code=code, sparse=False)
    entries, _ = merged([in_one_process(small.body("raw"))[0]])
    for entry in entries:
        assert entry.parts.get("values of C", 0) % bits == 0
    _, solution = in_one_process(small.body("raw"))
    counted = np.where(small.W.dense(slice(None)) > 0, small.A, 0.0)
    due = counted.astype(np.float32).astype(float) if bits == 32 else counted
    assert np.array_equal(dense_of(solution), due)
