"""The wire of a replay: the coordinator hears what it heard, and is held to what it said."""

from collections.abc import Callable

import pytest

from tests.game.playing import in_one_process
from wlra_dist.codecs.base.bits import DecodeError
from wlra_dist.codecs.base.integers import Count
from wlra_dist.errors import VerificationError
from wlra_dist.game import Game, Located, Party
from wlra_dist.game.book import Booked
from wlra_dist.game.frame import Frame, seal, unseal
from wlra_dist.game.replayed import Replayed

SERVERS = [Party(f"server {i}", i) for i in range(1, 4)]
COORDINATOR = Party("coordinator", 0)
NUMBER = Count(10_000)


def talk(game: Game, secret: Callable[[int], int] = lambda i: 10 + i) -> Located[int]:
    """Numbers go to the coordinator, it tells everyone their sum, and hears each one's difference to it."""
    mine = game.deal(SERVERS, secret)
    total = game.at(COORDINATOR, sum, game.gather(mine, COORDINATOR, NUMBER, "x"))
    totals = game.broadcast(total, SERVERS, NUMBER, "Σx")
    apart = game.gather(game.each(SERVERS, lambda x, y: y - x, mine, totals), COORDINATOR, NUMBER, "Σx − x")
    return game.at(COORDINATOR, sum, apart)


def recorded() -> list[bytes]:
    game, _ = in_one_process(talk)
    return [game.frames[step] for step in sorted(game.frames)]


def again(frames: list[bytes]) -> tuple[Game, int | None]:
    def refuse(i: int) -> int:
        raise AssertionError(f"server {i} was asked for its secret")

    game = Game(Replayed(COORDINATOR, frames))
    result = game.output(talk(game, refuse))
    game.finish()
    return game, result


def books(game: Game) -> list[Booked]:
    return [game.ledger.received.rows(), game.ledger.sent.rows()]


def test_the_coordinator_says_and_concludes_the_same():
    game, result = again(recorded())
    assert result == 3 * 33 - 33
    assert sorted(entry.step for book in books(game) for entry in book) == list(range(9))
    assert [entry.step for entry in game.ledger.sent.rows()] == [3, 4, 5]


def test_its_rows_are_those_of_the_game():
    played, _ = in_one_process(talk)
    game, _ = again(recorded())
    assert played.ledger.sent.rows() == played.ledger.received.rows() == Booked.together(books(game), {})


def test_a_word_that_it_would_not_say_is_named():
    frames = recorded()
    message = unseal(frames[0], 0)
    frames[0] = seal(replace_payload(message, message.payload[0] ^ 16))
    with pytest.raises(VerificationError, match=r"message 3: coordinator tells server 1 something else"):
        again(frames)


def replace_payload(message: Frame, first: int) -> Frame:
    return message._replace(payload=bytes([first]) + message.payload[1:])


def test_too_few_too_many_and_too_long():
    frames = recorded()
    with pytest.raises(VerificationError, match="ends before message 8"):
        again(frames[:-1])
    with pytest.raises(VerificationError, match=r"message 9 of the transcript is none"):
        again([*frames, frames[0]])
    with pytest.raises(DecodeError, match="at most"):
        again([seal(Frame(0, 80, bytes(10))), *frames[1:]])


def test_frames_are_damaged_for_it_as_for_anyone():
    frames = recorded()
    frames[1] = frames[1][:-1] + bytes([frames[1][-1] ^ 128])
    with pytest.raises(DecodeError, match="damaged"):
        again(frames)
