"""Many parties: a process makes, computes and remembers what concerns those that it plays, and nothing else."""

from collections.abc import Collection, Sequence
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.game.playing import ThreadWorld, in_one_process, on_ranks
from wlra_dist.codecs.base.codec import Codec
from wlra_dist.codecs.base.integers import Count
from wlra_dist.game import Game, Parties, Party, PerParty
from wlra_dist.game.runs import Pieces, Same
from wlra_dist.game.wires import places_of, places_on
from wlra_dist.playing.settlement import Account, settle
from wlra_dist.world.world import place

BILLION = 10**9
SHARE = 100
COORDINATOR = Party("coordinator", 0)
RANK = 123_456
"""Of ten million."""


class Lonely:
    """The wire of one rank of ten million, each with a hundred servers: what it says leaves, and it is told nothing."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, int]] = []

    def rank_of(self, party: Party) -> int:
        return -(-party.index // SHARE)

    def hosts(self, party: Party) -> bool:
        return self.rank_of(party) == RANK

    def hosted(self, parties: Sequence[Party]) -> Collection[int]:
        return places_on(RANK, self.rank_of, parties)

    def push(self, sender: Party, receiver: Party, step: int, frame: bytes) -> None:  # noqa: ARG002
        self.sent.append((sender.name, step))

    def pull(self, sender: Party, receiver: Party, step: int, limit: int) -> bytes:
        raise AssertionError(f"{receiver} waits for message {step} from {sender}, of at most {limit} bytes")

    def finish(self) -> None:
        """All of it has left."""


def code(i: int) -> Codec[int]:
    return Count(BILLION + i)


def talk(game: Game, servers: Sequence[Party]) -> None:
    """Each server says to the coordinator a number of its own, by coins and a code of its own."""
    numbers = game.deal(servers, lambda i: i)
    game.shared_coins(COORDINATOR, servers, "Ω")
    drawn = game.each(servers, lambda i, coins: int(coins.integers(i + 1)), numbers, game.private_coins(servers))
    codes = PerParty(range(len(servers))).map(code)
    sums = game.each(servers, lambda a, b, c: (a + b + c.bits(a)) % BILLION, numbers, drawn, codes)
    game.gather(sums, COORDINATOR, codes, "x")


def test_a_rank_among_a_billion_servers_works_for_its_own_alone():
    wire, begun = Lonely(), process_time()
    game = Game(wire)
    talk(game, Parties("server", range(1, BILLION + 1)))
    first = (RANK - 1) * SHARE
    assert wire.sent == [(f"server {i + 1}", i) for i in range(first, first + SHARE)]
    assert [entry.step for entry in game.ledger.sent.rows()] == [step for _, step in wire.sent]
    assert len(game.messages) == BILLION
    assert (game.messages[-1].sender.name, game.messages[-1].limit) == (f"server {BILLION}", 31)
    assert process_time() - begun < 2  # to walk them all takes minutes


@pytest.mark.parametrize("ranks", [1, 3, 8])
def test_numbered_parties_play_as_those_in_a_list(ranks: int):
    parties = Parties("server", range(1, 8))
    game, _ = in_one_process(lambda game: talk(game, list(parties)))

    def on_rank(world: ThreadWorld) -> Account | None:
        apart = Game(world.wire(place(len(parties), world.size)))
        talk(apart, parties)
        apart.finish()
        return settle(world, apart)

    account = on_ranks(ranks, on_rank)[0]
    assert account is not None
    assert account.entries == game.ledger.settle()
    assert account.frames == [game.frames[step] for step in range(7)]
    assert "7 messages" in repr(game)


@given(st.integers(0, 30), st.integers(1, 9), st.integers(0, 9), st.slices(20))
def test_two_searches_find_who_is_played_here(m: int, ranks: int, rank: int, part: slice):
    servers, rank_of = Parties("server", range(1, m + 1)), place(m, ranks)
    for parties in (servers, servers[: part.stop]):
        expected = [i for i, party in enumerate(parties) if rank_of(party) == rank]
        assert list(places_on(rank, rank_of, parties)) == list(places_on(rank, rank_of, list(parties))) == expected
        for who in (Party("server 3", 3), Party("Alice", 3), COORDINATOR):
            assert list(places_of(who, parties)) == list(places_of(who, list(parties)))


def test_numbered_parties_are_as_good_as_a_list():
    parties = Parties("server", range(1, 5))
    listed = [Party(f"server {i}", i) for i in range(1, 5)]
    assert parties == listed
    assert list(parties[1:]) == listed[1:]
    assert parties[-1] == listed[-1]
    assert parties[:2] == Parties("server", range(1, 3)) != parties
    assert parties != Parties("site", range(1, 5))
    assert listed[2] in parties
    assert Party("Bob", 2) not in parties
    with pytest.raises(IndexError):
        parties[4]


def test_pieces_are_made_when_they_are_looked_at_and_once():
    made: list[int] = []
    pieces = Pieces(10**12, lambda i: made.append(i) or -i)
    assert [pieces[7], pieces[-1], pieces[7], *pieces[6:8]] == [-7, 1 - 10**12, -7, -6, -7]
    assert made == [7, 10**12 - 1, 6]
    with pytest.raises(IndexError):
        pieces[10**12]
    same = Same(10**12, "x")
    assert (same[5], len(same[2:]), same[2:][0]) == ("x", 10**12 - 2, "x")
