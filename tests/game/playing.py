"""Games for tests: all parties in one process, or one party a thread, each with a Game of its own."""

import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import Empty
from typing import Any, TypeVar

from tests.game.threads import Hub, Threaded
from wlra_dist.game import Entry, Game, Party
from wlra_dist.game.book import Booked
from wlra_dist.game.ledger import settled
from wlra_dist.game.wires import Loopback, Wire, places_on

T = TypeVar("T")

PATIENCE = 20.0
"""Seconds that a thread waits for another."""


def in_one_process(body: Callable[[Game], T], **options: Any) -> tuple[Game, T]:
    """The game and what its body returns."""
    game = Game(Loopback(), **options)
    result = body(game)
    game.finish()
    return game, result


def one_party_a_thread(body: Callable[[Game], T], parties: Sequence[Party], **options: Any) -> list[tuple[Game, T]]:
    """The same for each party: every thread runs the whole body."""
    hub = Hub()
    hub.patience = PATIENCE

    def play(party: Party) -> tuple[Game, T]:
        game = Game(Threaded(hub, party), **options)
        result = body(game)
        game.finish()
        return game, result

    return in_threads(play, parties)


def in_threads(work: Callable[[Any], T], items: Sequence[Any]) -> list[T]:
    """work(item) for all items at once; a failure is raised, rather one that others waited for than their waiting."""
    with ThreadPoolExecutor(len(items)) as pool:
        futures = [pool.submit(work, item) for item in items]
    errors = [error for future in futures if (error := future.exception()) is not None]
    if errors:
        raise min(errors, key=lambda error: isinstance(error, Empty | threading.BrokenBarrierError))
    return [future.result() for future in futures]


def merged(games: Sequence[Game]) -> tuple[list[Entry], list[bytes]]:
    """The settled ledger and the frames by step of processes that played together."""
    frames: dict[int, bytes] = {}
    for game in games:
        frames |= game.frames
    number: dict[str, int] = {}
    sent = Booked.together([game.ledger.sent.rows() for game in games], number)
    received = Booked.together([game.ledger.received.rows() for game in games], number)
    return list(settled(sent, received)), [frames[step] for step in sorted(frames)]


class Meeting:
    """Where the threads of a world meet: each leaves its bytes, then all go on."""

    def __init__(self, size: int) -> None:
        self.hub = Hub()
        self.hub.patience = PATIENCE
        self.parcels = [b""] * size
        self.parts: list[bytes] = []
        self.barrier = threading.Barrier(size, timeout=PATIENCE)

    def share(self, rank: int, data: bytes) -> list[bytes]:
        self.parcels[rank] = data
        self.barrier.wait()
        shared = list(self.parcels)
        self.barrier.wait()  # nobody speaks again before all have heard
        return shared


@dataclass(frozen=True)
class ThreadWorld:
    """A World whose ranks are threads."""

    meeting: Meeting
    rank: int

    @property
    def size(self) -> int:
        return len(self.meeting.parcels)

    def broadcast(self, data: bytes | None) -> bytes:
        return self.meeting.share(self.rank, data or b"")[0]

    def gather(self, data: bytes) -> list[bytes] | None:
        shared = self.meeting.share(self.rank, data)
        return shared if self.rank == 0 else None

    def scatter(self, parts: Iterable[bytes] | None) -> bytes:
        if parts is not None:
            self.meeting.parts = list(parts)
        self.meeting.share(self.rank, b"")
        return self.meeting.parts[self.rank]

    def wire(self, rank_of: Callable[[Party], int]) -> Wire:
        return _Shared(self.meeting.hub, self.rank, rank_of)


@dataclass(frozen=True)
class _Shared:
    """A wire of a rank that plays several parties."""

    hub: Hub
    rank: int
    rank_of: Callable[[Party], int]

    def hosts(self, party: Party) -> bool:
        return self.rank_of(party) == self.rank

    def hosted(self, parties: Sequence[Party]) -> Collection[int]:
        return places_on(self.rank, self.rank_of, parties)

    def push(self, sender: Party, receiver: Party, step: int, frame: bytes) -> None:
        Threaded(self.hub, sender).push(sender, receiver, step, frame)

    def pull(self, sender: Party, receiver: Party, step: int, limit: int) -> bytes:
        return Threaded(self.hub, receiver).pull(sender, receiver, step, limit)

    def finish(self) -> None:
        """Queues keep what was pushed until it is read."""


def on_ranks(size: int, program: Callable[[ThreadWorld], T]) -> list[T]:
    """What each rank's program returns, run as one thread a rank."""
    meeting = Meeting(size)

    def run(rank: int) -> T:
        try:
            return program(ThreadWorld(meeting, rank))
        except BaseException:
            meeting.barrier.abort()
            raise

    return in_threads(run, range(size))
