"""What carries frames between parties. A wire counts nothing and knows no codec.

A wire hosts some of the parties. `push` is called where the sender is hosted, `pull` where the receiver is, both
in the order of the protocol, so that frames between two parties never overtake one another.
"""

from collections import defaultdict, deque
from typing import Protocol

from wlra_dist.game.located import Party


class Wire(Protocol):
    """The carrier of bytes; see MpiWire for the one between processes."""

    def hosts(self, party: Party) -> bool:
        """Whether this process plays `party`."""
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
        self._frames: dict[tuple[Party, Party], deque[bytes]] = defaultdict(deque)

    def hosts(self, party: Party) -> bool:  # noqa: ARG002  everyone is at home
        return True

    def push(self, sender: Party, receiver: Party, step: int, frame: bytes) -> None:  # noqa: ARG002
        self._frames[sender, receiver].append(frame)

    def pull(self, sender: Party, receiver: Party, step: int, limit: int) -> bytes:  # noqa: ARG002
        return self._frames[sender, receiver].popleft()

    def finish(self) -> None:
        assert not any(self._frames.values()), "a frame was sent that nobody read"
