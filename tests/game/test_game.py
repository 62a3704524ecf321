"""The game: who may compute with what, what a message costs, and the same story in every world."""

import queue
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.game.playing import in_one_process, merged, one_party_a_thread
from tests.game.threads import Hub, Threaded
from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import received
from wlra_dist.codecs.base.compound import ListOf
from wlra_dist.codecs.base.integers import Count, Indices, Integers
from wlra_dist.codecs.base.reals import Fixed
from wlra_dist.game import Entry, Faceted, Game, Located, Party, PerParty
from wlra_dist.game.ledger import bits_by, bits_by_part, charged, rounds
from wlra_dist.game.wires import Loopback

carol, dave, erin = servers = [Party(name, i) for i, name in enumerate(("Carol", "Dave", "Erin"), start=1)]
bob = Party("Bob", 0)
everyone = [bob, *servers]

BYTE = Count(255)


def says(game: Game, party: Party, value: int) -> Located[int]:
    return game.at(party, lambda: value)


def entries_of(game: Game) -> list[Entry]:
    return merged([game])[0]


# who hears what


def test_a_message_is_heard_as_it_is_decoded():
    X = np.array([0.1, -0.7, 1.0])

    def body(game: Game) -> np.ndarray | None:
        decoded = game.send(game.at(carol, lambda: X), bob, Fixed((3,), 4), "X")
        return game.output(decoded)

    _, decoded = in_one_process(body)
    assert decoded is not None
    assert np.array_equal(decoded, received(Fixed((3,), 4), X))
    assert not np.array_equal(decoded, X)


def test_who_hears_an_array_hears_a_copy():
    X = np.zeros(2, dtype=np.int64)

    def body(game: Game) -> np.ndarray | None:
        return game.output(game.send(game.at(carol, lambda: X), bob, Indices(2, 5), "X"))

    _, decoded = in_one_process(body)
    assert decoded is not None
    decoded += 1
    assert X.tolist() == [0, 0]


def test_gather_lists_what_each_said_in_order():
    def body(game: Game) -> list[int] | None:
        values = game.each(servers, lambda own: own * 10, PerParty([1, 2, 3]))
        return game.output(game.gather(values, bob, BYTE, "x"))

    assert in_one_process(body)[1] == [10, 20, 30]


def test_gather_takes_a_codec_for_each_link():
    def body(game: Game) -> list[int] | None:
        values = game.each(servers, lambda own: own, PerParty([1, 2, 3]))
        return game.output(game.gather(values, bob, PerParty([Count(1), Count(2), Count(255)]), "x"))

    game, decoded = in_one_process(body)
    assert decoded == [1, 2, 3]
    assert [entry.bits for entry in entries_of(game)] == [1, 2, 8]


def test_broadcast_tells_all_the_same_and_scatter_each_its_own():
    def body(game: Game) -> list[Any]:
        same = game.broadcast(says(game, bob, 7), servers, BYTE, "x")
        own = game.scatter(game.at(bob, lambda: [1, 2, 3]), servers, BYTE, "y")
        return [[game.output(value) for value in values] for values in (same, own)]

    assert in_one_process(body)[1] == [[7, 7, 7], [1, 2, 3]]


def test_each_gives_every_party_its_piece_and_all_the_public_argument():
    def body(game: Game) -> list[Any]:
        dealt = game.deal(servers, lambda i: 100 * i)
        own = game.each(servers, lambda mine, piece, public: mine + piece + public, dealt, PerParty([1, 2, 3]), 5)
        return [game.output(value) for value in own]

    assert in_one_process(body)[1] == [6, 107, 208]


def test_only_what_is_played_here_is_dealt_and_computed():
    done: list[int] = []

    def body(game: Game) -> Faceted[int]:
        dealt = game.deal(servers, lambda i: done.append(i) or i)
        return game.each(servers, lambda own: done.append(10 + own) or own, dealt)

    game = Game(Threaded(Hub(), dave))
    outcome = body(game)
    assert done == [1, 11]
    assert [game.output(value) for value in outcome] == [None, 1, None]


# what is refused, everywhere alike

MISUSES: dict[str, Callable[[Game], object]] = {
    "another's value": lambda game: game.at(bob, abs, says(game, carol, 1)),
    "a value that was sent away to another": lambda game: game.at(
        erin, abs, game.send(says(game, carol, 1), bob, BYTE, "x")
    ),
    "the values of several": lambda game: game.at(carol, list, game.each(servers, lambda: 1)),
    "one party's value by each": lambda game: game.each(servers, abs, says(game, carol, 1)),
    "a located value as a keyword": lambda game: game.at(carol, dict, x=says(game, carol, 1)),
    "each other's values": lambda game: game.each([dave, carol, erin], abs, game.each(servers, lambda: 1)),
}


@pytest.mark.parametrize("misuse", MISUSES)
def test_a_value_of_another_party_is_refused_on_every_process_alike(misuse: str):
    def refusal(game: Game) -> str:
        with pytest.raises(PermissionError) as caught:
            MISUSES[misuse](game)
        return str(caught.value)

    _, alone = in_one_process(refusal)
    apart = {text for _, text in one_party_a_thread(refusal, everyone)}
    assert apart == {alone}
    assert "first" in alone


@pytest.mark.parametrize(
    "decide",
    [
        lambda game: bool(says(game, bob, 0)),
        lambda game: bool(game.each(servers, lambda: 0)),
    ],
)
def test_a_located_value_steers_nothing(decide: Callable[[Game], object]):
    for game in (Game(Loopback()), Game(Threaded(Hub(), bob))):
        with pytest.raises(TypeError, match="steer"):
            decide(game)


def test_smuggling_past_the_mouth_works_in_one_process_and_fails_between_threads():
    def smuggles(game: Game) -> int | None:
        pocket: list[int] = []
        game.at(carol, pocket.append, says(game, carol, 42))
        return game.output(game.at(bob, lambda: pocket[0]))

    assert in_one_process(smuggles)[1] == 42
    with pytest.raises(IndexError):
        one_party_a_thread(smuggles, [carol, bob])


class Understated(Count):
    """A code that says more than its limit."""

    def write(self, value: int, out: BitWriter) -> None:
        super().write(value, out)
        out.uint(0, 9)

    def read(self, bits: BitReader) -> int:
        value = super().read(bits)
        bits.uint(9)
        return value


def test_a_message_beyond_the_limit_of_its_codec_is_not_sent():
    with pytest.raises(AssertionError, match="longer than its codec allows"):
        in_one_process(lambda game: game.send(says(game, carol, 1), bob, Understated(255), "x"))


# what it costs


def test_the_ledger_tells_who_said_what_to_whom_when_and_at_what_price():
    game, _ = in_one_process(lambda game: game.send(says(game, carol, 5), bob, BYTE, "x"))
    (entry,) = entries_of(game)
    assert (entry.step, entry.round, entry.sender, entry.receiver, entry.label) == (0, 1, "Carol", "Bob", "x")
    assert (entry.parts, entry.bits, entry.copy) == ({"header": 8}, 8, 0)
    assert entry.wire_bytes == len(game.frames[0]) == 32 + 1


def test_rounds_are_the_longest_chain_of_messages():
    def body(game: Game) -> None:
        first = game.send(says(game, carol, 1), bob, BYTE, "first")
        game.send(says(game, dave, 1), bob, BYTE, "at the same time")
        game.send(says(game, bob, 1), erin, BYTE, "says nothing new")
        answer = game.send(game.at(bob, abs, first), dave, BYTE, "answer")
        game.send(game.at(dave, max, answer, says(game, dave, 2)), carol, BYTE, "and back")

    entries = entries_of(in_one_process(body)[0])
    assert [entry.round for entry in entries] == [1, 1, 1, 2, 3]
    assert rounds(entries) == 3
    assert rounds([]) == 0


def test_a_broadcast_costs_once_on_a_blackboard_and_each_copy_in_messages():
    def body(game: Game) -> None:
        game.broadcast(says(game, bob, 7), servers, BYTE, "same")
        game.scatter(game.at(bob, lambda: [1, 1, 1]), servers, BYTE, "own")

    entries = entries_of(in_one_process(body)[0])
    assert [entry.copy for entry in entries] == [0, 1, 2, 0, 0, 0]
    assert sum(entry.bits for entry in charged(entries, "message-passing")) == 48
    assert sum(entry.bits for entry in charged(entries, "blackboard")) == 32
    assert bits_by(charged(entries, "blackboard"), "label") == {"same": 8, "own": 24}
    assert bits_by(entries, "receiver") == {"Carol": 16, "Dave": 16, "Erin": 16}
    assert bits_by_part(entries) == {"header": 48}


# coins


def flips(owner: Party) -> Callable[[Game], list[int | None]]:
    return lambda game: [game.output(seed) for seed in game.shared_coins(owner, everyone, "seed of Ω")]


def test_public_coins_are_free_and_listed():
    game, seeds = in_one_process(flips(bob))
    assert not entries_of(game)
    assert len(set(seeds)) == 1
    assert game.public_coins == {"seed of Ω": seeds[0]}


@pytest.mark.parametrize("owner", [bob, dave])
def test_private_coins_are_told_to_everyone_else_and_counted(owner: Party):
    game, seeds = in_one_process(flips(owner), coins="private")
    assert len(set(seeds)) == 1
    assert game.public_coins == {}
    entries = entries_of(game)
    assert {(entry.sender, entry.bits) for entry in entries} == {(owner.name, 64)}
    assert [entry.receiver for entry in entries] == [party.name for party in everyone if party != owner]
    assert [entry.copy for entry in entries] == [0, 1, 2]


def test_coins_depend_on_the_seed_the_party_and_the_flip_alone():
    def body(game: Game) -> list[list[int]]:
        twice = [game.private_coins(servers) for _ in range(2)]
        drawn = [game.each(servers, lambda coins: int(coins.integers(2**60)), coins) for coins in twice]
        return [[value for facet in draw if (value := game.output(facet)) is not None] for draw in drawn]

    first, second = in_one_process(body, seed=1)[1]
    assert len({*first, *second, *in_one_process(body, seed=2)[1][0]}) == 9
    threads = [drawn for _, drawn in one_party_a_thread(body, servers, seed=1)]
    assert [own for drawn in threads for own in drawn[0]] == first
    assert [own for drawn in threads for own in drawn[1]] == second


# the same story in every world


@st.composite
def conversations(draw: st.DrawFn) -> list[tuple[str, int, int, int]]:
    """(verb, speaker, listener, number), some of them passing on what was heard before."""
    verbs = st.sampled_from(["send", "pass on", "broadcast", "gather", "scatter", "coins"])
    who = st.integers(0, 3)
    return draw(st.lists(st.tuples(verbs, who, who, st.integers(0, 255)), max_size=8))


def converse(script: list[tuple[str, int, int, int]]) -> Callable[[Game], list[Any]]:
    """A protocol that follows the script; what it returns is what each party here holds at the end."""

    def body(game: Game) -> list[Any]:
        held = [says(game, party, party.index) for party in everyone]
        for step, (verb, speaker, listener, number) in enumerate(script):
            one, other = everyone[speaker], everyone[(speaker + 1 + listener % 3) % 4]
            others = [party for party in everyone if party != one]
            match verb:
                case "send":
                    decoded = game.send(says(game, one, number), other, BYTE, "number")
                    held[other.index] = game.at(other, lambda a, b: (a + b) % 256, held[other.index], decoded)
                case "pass on":
                    held[other.index] = game.send(held[speaker], other, BYTE, "passed on")
                case "broadcast":
                    for party, decoded in zip(others, game.broadcast(held[speaker], others, BYTE, "all"), strict=True):
                        held[party.index] = decoded
                case "gather":
                    listed = game.gather(Faceted([held[party.index] for party in others]), one, BYTE, "told")
                    held[speaker] = game.at(one, lambda numbers: sum(numbers) % 256, listed)
                case "scatter":
                    shares = game.at(one, lambda own: [own, own + 1, 2 * own], held[speaker])
                    code = Integers(1, 1000)
                    arrays = game.at(one, lambda own: [np.array([share]) for share in own], shares)
                    for party, decoded in zip(others, game.scatter(arrays, others, code, "shares"), strict=True):
                        held[party.index] = game.at(party, lambda array: int(array[0]) % 256, decoded)
                case "coins":
                    for party, seed in zip(everyone, game.shared_coins(one, everyone, f"Ω {step}"), strict=True):
                        held[party.index] = game.at(party, lambda a, b: (a + b) % 256, held[party.index], seed)
        return [game.output(value) for value in held]

    return body


@given(conversations(), st.sampled_from(["public", "private"]))
@settings(max_examples=50)
def test_one_process_and_one_party_a_thread_give_the_same_transcript(
    script: list[tuple[str, int, int, int]], coins: str
):
    game, together = in_one_process(converse(script), seed=3, coins=coins)
    apart = one_party_a_thread(converse(script), everyone, seed=3, coins=coins)
    assert merged([game]) == merged([played for played, _ in apart])
    for party in everyone:
        assert apart[party.index][1][party.index] == together[party.index]
        assert all(value is None for i, value in enumerate(apart[party.index][1]) if i != party.index)
    assert all(played.public_coins == game.public_coins for played, _ in apart)


def test_frames_are_the_same_whoever_is_faster():
    def body(game: Game) -> list[list[int]] | None:
        values = game.each(servers, lambda own: [own] * own, PerParty([3, 1, 2]))
        return game.output(game.gather(values, bob, ListOf(BYTE, 5), "list"))

    game, decoded = in_one_process(body)
    runs = [one_party_a_thread(body, order) for order in (everyone, everyone[::-1])]
    assert decoded == [[3, 3, 3], [1], [2, 2]]
    for run in runs:
        assert merged([played for played, _ in run]) == merged([game])


def test_nobody_waits_for_ever():
    hub = Hub()
    hub.patience = 0.01
    with pytest.raises(queue.Empty):
        Threaded(hub, bob).pull(carol, bob, 0, 100)


def test_a_frame_that_nobody_reads_is_noticed():
    wire = Loopback()
    wire.push(carol, bob, 0, b"frame")
    with pytest.raises(AssertionError, match="nobody read"):
        Game(wire).finish()
