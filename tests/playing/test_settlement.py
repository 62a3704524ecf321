"""The end of a game: books and transcripts meet on rank 0, and lies come out."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.game.playing import ThreadWorld, in_one_process, on_ranks
from wlra_dist.codecs.base.integers import Count, Indices
from wlra_dist.errors import VerificationError
from wlra_dist.game import Game, Party, PerParty
from wlra_dist.game.book import Book, Booked
from wlra_dist.game.frame import Frame, seal
from wlra_dist.playing.settlement import Account, settle
from wlra_dist.world.world import Alone, place

servers = [Party(f"server {i}", i) for i in range(1, 5)]
coordinator = Party("coordinator", 0)


def body(game: Game) -> None:
    """Everybody says something, and is answered."""
    values = game.each(servers, lambda own: np.full(3, own), PerParty([1, 2, 3, 4]))
    received = game.gather(values, coordinator, Indices(3, 9), "own")
    most = game.at(coordinator, lambda arrays: max(int(array[0]) for array in arrays), received)
    game.broadcast(most, servers, Count(9), "most")


def played(world: ThreadWorld) -> Account | None:
    game = Game(world.wire(place(len(servers), world.size)))
    body(game)
    game.finish()
    return settle(world, game)


def settled(game: Game) -> Account:
    account = settle(Alone(), game)
    assert account is not None
    return account


@pytest.mark.parametrize("ranks", [1, 2, 3, 5, 7])
def test_every_number_of_ranks_gives_the_same_account(ranks: int):
    alone = settled(in_one_process(body)[0])
    first, *others = on_ranks(ranks, played)
    assert others == [None] * (ranks - 1)
    assert first is not None
    assert (first.digest, first.entries, first.frames) == (alone.digest, alone.entries, alone.frames)
    assert len(first.seconds) == ranks


def test_the_digest_is_that_of_the_frames_in_order():
    game, _ = in_one_process(body)
    account = settled(game)
    assert account.frames == [game.frames[step] for step in range(8)]
    assert replace(account, frames=account.frames[::-1]).digest != account.digest


def test_the_slowest_process_counts():
    account = Account(Booked.of([]), [], [{"play": 1.0, "open": 5.0}, {"play": 3.0}, {"referee": 2.0}])
    assert account.slowest() == {"play": 3.0, "open": 5.0, "referee": 2.0}


def rewritten(book: Book, step: int, **change: Any) -> Book:
    """The same rows, but for one figure of one message."""
    other = Book()
    for entry in book.rows():
        other.append(replace(entry, **change) if entry.step == step else entry)
    return other


def cheat_in_a_book(game: Game) -> None:
    game.ledger.received = rewritten(game.ledger.received, 2, numbers=17)


def cheat_in_both_books(game: Game) -> None:
    for side in ("sent", "received"):
        setattr(game.ledger, side, rewritten(getattr(game.ledger, side), 2, parts={"header": 1}))


def another_payload_of_the_same_size(game: Game) -> None:
    game.frames[2] = seal(Frame(2, 12, b"\x00\x00"))


def forget_a_frame(game: Game) -> None:
    del game.frames[2]


@pytest.mark.parametrize(
    "cheat", [cheat_in_a_book, cheat_in_both_books, another_payload_of_the_same_size, forget_a_frame]
)
def test_books_and_transcript_that_disagree_are_noticed(cheat: Callable[[Game], None]):
    game, _ = in_one_process(body)
    cheat(game)
    with pytest.raises(VerificationError, match="message 2"):
        settle(Alone(), game)


def test_a_lie_on_another_rank_is_noticed_on_the_first():
    def lying(world: ThreadWorld) -> str | None:
        game = Game(world.wire(place(len(servers), world.size)))
        body(game)
        if world.rank == 1:
            first = game.ledger.sent.rows()[0].step
            game.ledger.sent = rewritten(game.ledger.sent, first, label="nothing much")
        if world.rank:
            assert settle(world, game) is None
            return None
        with pytest.raises(VerificationError) as caught:
            settle(world, game)
        return str(caught.value)

    first, *_ = on_ranks(3, lying)
    assert first is not None
    assert "nothing much" in first
