"""A wire between threads that play one party each: no value can pass from one to another but by `Game.send`."""

import queue
from collections import defaultdict
from collections.abc import Collection, Sequence

from wlra_dist.game.located import Party
from wlra_dist.game.wires import places_of


class Hub:
    """The frames between threads that play one party each."""

    def __init__(self) -> None:
        self.frames: dict[tuple[Party, Party], queue.SimpleQueue[bytes]] = defaultdict(queue.SimpleQueue)
        self.patience = 60.0
        """Seconds after which a thread that waits gives up."""


class Threaded:
    """One party a thread: a value smuggled past `Game.send` cannot be seen here."""

    def __init__(self, hub: Hub, party: Party) -> None:
        self._hub = hub
        self._party = party

    def hosts(self, party: Party) -> bool:
        return party == self._party

    def hosted(self, parties: Sequence[Party]) -> Collection[int]:
        return places_of(self._party, parties)

    def push(self, sender: Party, receiver: Party, step: int, frame: bytes) -> None:  # noqa: ARG002
        self._hub.frames[sender, receiver].put(frame)

    def pull(self, sender: Party, receiver: Party, step: int, limit: int) -> bytes:  # noqa: ARG002
        return self._hub.frames[sender, receiver].get(timeout=self._hub.patience)

    def finish(self) -> None:
        """Queues keep what was pushed until it is read."""
