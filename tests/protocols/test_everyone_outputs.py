"""Every server holds the solution: equal copies in every world, and m·N bits where m(N − 1.17) are needed."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.game.playing import ThreadWorld, in_one_process, merged, on_ranks, one_party_a_thread
from tests.protocols.small import Small, coordinator, drawn, servers_for
from wlra_dist.css import SELECTORS
from wlra_dist.game import Entry, Game
from wlra_dist.game.ledger import charged
from wlra_dist.instances import LowerBound
from wlra_dist.playing.play import Outcome, play
from wlra_dist.protocols import PROTOCOLS
from wlra_dist.protocols.bounds.lower import everyone_bits
from wlra_dist.protocols.everyone_outputs import everyone_outputs
from wlra_dist.record.summary import summary
from wlra_dist.scenario.options import GameOptions, ProtocolOptions, Scenario
from wlra_dist.weights.reweighted import ReweightedSolution
from wlra_dist.world.world import Alone

seeds = st.integers(0, 2**32)
each_protocol = pytest.mark.parametrize("protocol", PROTOCOLS)
WITH_COINS = ["bwz", "sketch_qrcp", "cross"]
"""Protocols whose parties share coins: to the others private ones are the same as public ones."""

Held = list[ReweightedSolution | None]

LARGE = LowerBound(s=128, r=8, k=8)
"""N = 8192."""


def small_for(protocol: str, seed: int) -> Small:
    small = drawn(seed)
    return replace(small, m=servers_for(protocol, small.m))


def body(small: Small, protocol: str) -> Callable[[Game], Held]:
    """What every party runs: the coordinator's solution and each server's, None where they are not played."""

    def play_it(game: Game) -> Held:
        A = game.deal(small.servers, small.block)
        speak = PROTOCOLS[protocol]
        solution, copies = everyone_outputs(speak, game, small.servers, coordinator, A, small.public_W, small.terms)
        return [game.output(solution), *(game.output(copy) for copy in copies)]

    return play_it


def digest(solution: ReweightedSolution | None) -> bytes:
    assert solution is not None
    return solution.digest


@pytest.mark.parametrize("protocol", WITH_COINS)
@given(seed=seeds)
@settings(max_examples=4)
def test_every_server_ends_up_with_the_coordinators_solution_where_coins_are_private(protocol: str, seed: int):
    """Where they are public, see below."""
    small = small_for(protocol, seed)
    _, (solution, *copies) = in_one_process(body(small, protocol), seed=seed, coins="private")
    assert len(copies) == small.m
    assert {digest(copy) for copy in copies} == {digest(solution)}


@each_protocol
@given(seed=seeds, selector=st.sampled_from(["auto", "norm"]))
@settings(max_examples=3)
def test_threads_hold_what_one_process_holds_and_are_told_what_others_said(protocol: str, seed: int, selector: str):
    """So the seed of the coins is all that chance depends on; every selector: test_protocols.py."""
    small = small_for(protocol, seed).on(selector=SELECTORS[selector]())
    small = replace(small, m=min(small.m, 4))  # more threads only wait for each other
    game, together = in_one_process(body(small, protocol), seed=seed)
    runs = one_party_a_thread(body(small, protocol), [coordinator, *small.servers], seed=seed)
    assert merged([game]) == merged([played for played, _ in runs])
    own = [held[i] for i, (_, held) in enumerate(runs)]
    assert [digest(copy) for copy in own] == [digest(together[0])] * (small.m + 1)
    assert {digest(copy) for copy in together} == {digest(together[0])}
    alone, _ = in_one_process(small.body(protocol), seed=seed)
    assert_relayed(small, merged([alone])[0], merged([game])[0])


def assert_relayed(small: Small, before: list[Entry], entries: list[Entry]) -> None:
    """After the protocol each server hears the words of the others, and a blackboard charges nothing for it."""
    assert entries[: len(before)] == before
    sent = {name: sum(e.bits for e in before if e.sender == name) for name in (server.name for server in small.servers)}
    relayed = entries[len(before) :]
    assert [entry.receiver for entry in relayed] == list(sent)
    for entry in relayed:
        assert entry.parts.get("relayed words", 0) == sum(sent.values()) - sent[entry.receiver]
    assert charged(entries, "blackboard") == charged(before, "blackboard")


def outcome(m: int, instance: LowerBound = LARGE, world: Alone | ThreadWorld | None = None, **game: object) -> Outcome:
    options = GameOptions(servers=m, **game)  # pyright: ignore[reportArgumentType]
    speak = ProtocolOptions(name="one_round", output="everyone")
    played = play(Scenario("everyone", "", "lower_bound", instance, options, speak), world or Alone())
    assert played is not None
    return played


@pytest.mark.parametrize(
    ("m", "deal", "instance"),
    [(2, "in order", LARGE), (8, "in order", LARGE), (4, "at random", replace(LARGE, s=16, r=4))],
)
def test_on_the_hard_instance_all_know_all_for_m_times_N_bits(m: int, deal: str, instance: LowerBound):
    figures = summary(over := outcome(m, instance, deal=deal))
    N = instance.family.entropy
    assert over.holds
    assert over.copies == m
    assert figures["checks"]["decoded"]
    assert figures["loss"] == 0
    assert everyone_bits(N, m) == figures["lower_bound_everyone"] == figures["least_bits"] <= figures["bits"]
    if deal == "in order":
        assert figures["bits"] <= m * (N + 256)


def test_a_blackboard_lets_all_know_for_the_bits_of_one():
    figures = summary(outcome(8, model="blackboard"))
    assert figures["copies"] == 8
    assert figures["least_bits"] == LARGE.family.entropy <= figures["bits"] <= LARGE.family.entropy + 256
    assert figures["lower_bound_everyone"] is None
    assert "one transcript serves all" in figures["lower_bound_everyone_fails"]


@pytest.mark.parametrize("ranks", [2, 3])
def test_copies_are_counted_on_all_ranks(ranks: int):
    small = LowerBound(s=8, r=4, k=4)
    alone = outcome(4, small)

    def on(world: ThreadWorld) -> Outcome | None:
        game = GameOptions(servers=4)
        speak = ProtocolOptions(name="one_round", output="everyone")
        return play(Scenario("everyone", "", "lower_bound", small, game, speak), world)

    first, *others = on_ranks(ranks, on)
    assert others == [None] * (ranks - 1)
    assert first is not None
    assert first.copies == alone.copies == 4
    assert first.account.digest == alone.account.digest


@pytest.mark.parametrize("N_1", [1, 2, 3])
def test_the_proof_by_counting_where_inputs_are_few(N_1: int):
    """Of a rectangle's inputs those that both ends get right are a partial matching, √area at most: no more in any."""
    N = 4
    rng = np.random.default_rng(0)
    for _ in range(200):
        # a deterministic two-way protocol: each end says a function of its input, the second also of what it heard
        first = rng.integers(0, 2 ** rng.integers(0, N_1 + 1), 2**N_1)
        second = rng.integers(0, 2 ** rng.integers(0, N - N_1 + 1), (first.max() + 1, 2 ** (N - N_1)))
        x, y = (side.ravel() for side in np.mgrid[: 2**N_1, : 2 ** (N - N_1)])
        transcript = first[x] * 2**N + second[first[x], y]
        right = most_that_are_right(transcript, x, y)
        S = right.sum()
        entropy = -(right / S * np.log2(right / S)).sum()
        assert entropy >= np.log2(S) - np.log2(2**N / S) - 1e-9  # H(Π) ≥ log|S| − log(2^N/|S|)


def most_that_are_right(transcript: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """For each transcript, the most inputs of its rectangle that both ends can get right."""
    sides = [(x[transcript == t], y[transcript == t]) for t in np.unique(transcript)]
    return np.array([min(len(set(rows)), len(set(columns))) for rows, columns in sides])
