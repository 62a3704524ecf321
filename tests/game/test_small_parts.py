"""The stopwatch, pieces of something public, and a party that is played again from the words that reached it."""

import numpy as np
import pytest

from tests.game.playing import in_one_process
from wlra_dist.codecs.base.integers import Count
from wlra_dist.codecs.base.relayed import Words
from wlra_dist.game import Game, Located, Party, PerParty
from wlra_dist.game.frame import unseal
from wlra_dist.game.parcel import pack_arrays, unpack_arrays
from wlra_dist.game.relay import play_again
from wlra_dist.game.replayed import Replayed
from wlra_dist.game.stopwatch import Stopwatch

SERVERS = [Party(f"server {i}", i) for i in range(1, 4)]
COORDINATOR = Party("coordinator", 0)
NUMBER = Count(10_000)


def test_seconds_add_up_by_name_and_each_step_ticks(monkeypatch: pytest.MonkeyPatch):
    times = iter([10.0, 12.5, 20.0, 20.5, 30.0, 34.0])
    monkeypatch.setattr("wlra_dist.game.stopwatch.perf_counter", lambda: next(times))
    ticks: list[str] = []
    watch = Stopwatch(ticks.append)
    for name in ("select", "fit", "select"):
        with watch.measure(name):
            assert ticks.count(name) == (name == "select" and len(ticks) == 2)
    assert watch.seconds == {"select": 6.5, "fit": 0.5}
    assert ticks == ["select", "fit", "select"]


def test_pieces_are_of_a_whole_or_of_nothing():
    pieces = PerParty(["a", "b"], "ab")
    assert (pieces.whole, list(pieces), len(pieces)) == ("ab", ["a", "b"], 2)
    assert PerParty([], "").whole == ""
    with pytest.raises(ValueError, match="not pieces of anything"):
        _ = PerParty(["a", "b"]).whole


def sums(game: Game, at: Party) -> Located[int]:
    """What `at` knows when numbers have gone to the coordinator and their sum to the servers: the sum and its own."""
    mine = game.deal(SERVERS, lambda i: 10 * i)
    total = game.at(COORDINATOR, sum, game.gather(mine, COORDINATOR, NUMBER, "x"))
    totals = game.broadcast(total, SERVERS, NUMBER, "Σx")
    return list(game.each(SERVERS, lambda x, y: x + y, mine, totals))[at.index - 1]


@pytest.mark.parametrize("server", SERVERS)
def test_who_knows_the_words_that_reached_a_party_knows_what_it_knows(server: Party):
    game, known = in_one_process(lambda game: sums(game, server))
    (step,) = (step for step, entry in enumerate(game.ledger.settle()) if entry.receiver == server.name)
    frame = unseal(game.frames[step], step)
    again = play_again(server, {step: Words(frame.bits, frame.payload)}, 0, "public", lambda game: sums(game, server))
    assert again == game.output(known)
    with pytest.raises(KeyError):  # no word but its own is asked for, and that one is
        play_again(server, {}, 0, "public", lambda game: sums(game, server))


def test_what_is_announced_of_a_message_is_what_the_ledger_books_of_it():
    game, _ = in_one_process(lambda game: sums(game, SERVERS[0]))
    booked = game.ledger.settle()
    assert [(each.step, each.sender.name, each.receiver.name, each.round) for each in game.messages] == [
        (entry.step, entry.sender, entry.receiver, entry.round) for entry in booked
    ]
    assert [each.round for each in game.messages] == [1, 1, 1, 2, 2, 2]
    assert all(each.limit == NUMBER.limit for each in game.messages)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_arrays_come_out_of_a_parcel_as_they_went_in(count: int):
    arrays = [np.arange(6.0).reshape(2, 3), np.zeros(0, dtype=np.int32), np.array(True)][:count]
    again = list(unpack_arrays(pack_arrays(arrays)))
    assert len(again) == count
    for array, copy in zip(arrays, again, strict=True):
        assert (copy.dtype, copy.shape, copy.tobytes()) == (array.dtype, array.shape, array.tobytes())


def test_a_replay_says_which_message_it_is_at():
    game, _ = in_one_process(lambda game: sums(game, SERVERS[0]))
    wire = Replayed(COORDINATOR, [game.frames[step] for step in sorted(game.frames)])
    assert wire.step == 0
    for step in range(3):
        wire.pull(SERVERS[step], COORDINATOR, step, 10**6)
        assert wire.step == step
