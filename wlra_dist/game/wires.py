"""What carries frames between parties. A wire counts nothing and knows no codec.

A wire hosts some of the parties. `push` is called where the sender is hosted, `pull` where the receiver is, both
in the order of the protocol, so that frames between two parties never overtake one another.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from wlra_dist.game.located import Parties, Party


class Wire(Protocol):
    """The carrier of bytes; see MpiWire for the one between processes."""

    def hosts(self, party: Party) -> bool:
        """Whether this process plays `party`."""
        ...

    def hosted(self, parties: Sequence[Party]) -> Collection[int]:
        """The places of those parties that this process plays, in order."""
        ...

    def push(self, sender: Party, receiver: Party, step: int, frame: bytes) -> None:
        """Hands over the frame of message number `step`; does not wait for the receiver."""
        ...

    def pull(self, sender: Party, receiver: Party, step: int, limit: int) -> bytes:
        """The frame of message number `step`; a frame of more than `limit` bytes is refused."""
        ...

    def finish(self) -> None:
        """Returns when every frame that was pushed has left."""
        ...


class Loopback:
    """All parties in one process."""

    def __init__(self) -> None:
        self._frames: dict[int, bytes] = {}

    def hosts(self, party: Party) -> bool:  # noqa: ARG002  everyone is at home
        return True

    def hosted(self, parties: Sequence[Party]) -> Collection[int]:
        return range(len(parties))

    def push(self, sender: Party, receiver: Party, step: int, frame: bytes) -> None:  # noqa: ARG002
        self._frames[step] = frame

    def pull(self, sender: Party, receiver: Party, step: int, limit: int) -> bytes:  # noqa: ARG002
        return self._frames.pop(step)

    def finish(self) -> None:
        assert not self._frames, "a frame was sent that nobody read"


def places_of(party: Party, parties: Sequence[Party]) -> Collection[int]:
    """The places of a single party."""
    if isinstance(parties, Parties):
        return [parties.numbers.index(party.index)] if party in parties else []
    return [i for i, each in enumerate(parties) if each == party]


def places_on(rank: int, rank_of: Callable[[Party], int], parties: Sequence[Party]) -> Collection[int]:
    """The places of the parties that a rank plays; of numbered ones two searches find them.

    A party of a higher number is on the same rank or a higher one.
    """
    if isinstance(parties, Parties):
        return range(bisect_left(parties, rank, key=rank_of), bisect_right(parties, rank, key=rank_of))
    return dict.fromkeys(i for i, party in enumerate(parties) if rank_of(party) == rank)
