"""Listening in: whoever knows the words that a party heard, and what is public, can play that party again."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from wlra_dist.codecs.base.relayed import Words
from wlra_dist.game.frame import Frame, seal
from wlra_dist.game.game import Coins, Game
from wlra_dist.game.located import Located, Party
from wlra_dist.game.wires import places_of


def play_again(
    party: Party, words: Mapping[int, Words], seed: int, coins: Coins, body: Callable[[Game], Located[Any]]
) -> Any:
    """What `party` ends up with in a game of which it heard these words, by step.

    `seed` is that of the coins: public ones, and private ones that `party` said to all and so are known as well.
    """
    game = Game(_Retold(party, words), seed=seed, coins=coins)
    return game.output(body(game))


class _Retold:
    """The wire of a party that plays on its own: it hears what it heard, and what it says is lost."""

    def __init__(self, party: Party, words: Mapping[int, Words]) -> None:
        self._party = party
        self._words = words

    def hosts(self, party: Party) -> bool:
        return party == self._party

    def hosted(self, parties: Sequence[Party]) -> Collection[int]:
        return places_of(self._party, parties)

    def push(self, sender: Party, receiver: Party, step: int, frame: bytes) -> None:
        """Nobody listens."""

    def pull(self, sender: Party, receiver: Party, step: int, limit: int) -> bytes:  # noqa: ARG002
        return seal(Frame(step, *self._words[step]))

    def finish(self) -> None:
        """Nothing was said."""
