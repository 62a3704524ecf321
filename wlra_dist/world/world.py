"""The processes that a game runs on: how many there are, and how they talk beside the game.

What passes here is the referee's: scenario, agreement on errors, ledgers, the loss. No party hears it and
nobody counts it; the game's own messages go through a `Wire`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from wlra_dist.errors import InputError
from wlra_dist.game.located import Party
from wlra_dist.game.wires import Loopback, Wire

T = TypeVar("T")


class World(Protocol):
    """A group of processes that run the same program; rank 0 plays the coordinator."""

    @property
    def rank(self) -> int: ...

    @property
    def size(self) -> int: ...

    def broadcast(self, data: bytes | None) -> bytes:
        """Rank 0's bytes, on every rank (collective)."""
        ...

    def gather(self, data: bytes) -> list[bytes] | None:
        """Everyone's bytes in rank order on rank 0, None elsewhere (collective)."""
        ...

    def scatter(self, parts: Iterable[bytes] | None) -> bytes:
        """The part of rank 0's that is this rank's, of one for each in rank order (collective)."""
        ...

    def wire(self, rank_of: Callable[[Party], int]) -> Wire:
        """The carrier of the game's messages, parties placed by `rank_of`."""
        ...


@dataclass(frozen=True)
class Alone:
    """The world of a single process; needs no MPI."""

    rank: int = 0
    size: int = 1

    def broadcast(self, data: bytes | None) -> bytes:
        assert data is not None, "rank 0 has something to say"
        return data

    def gather(self, data: bytes) -> list[bytes]:
        return [data]

    def scatter(self, parts: Iterable[bytes] | None) -> bytes:
        assert parts is not None, "rank 0 has something to say"
        (own,) = parts
        return own

    def wire(self, rank_of: Callable[[Party], int]) -> Wire:  # noqa: ARG002  everyone is at home
        return Loopback()


def place(servers: int, ranks: int) -> Callable[[Party], int]:
    """Who plays whom: a pure function of the two counts.

    The coordinator (party 0) is on rank 0. With ranks to spare every server has one of its own and the
    rest look on; with too few, all ranks, 0 included, take equal runs of servers.
    """
    if ranks > servers:
        return lambda party: party.index
    return lambda party: 0 if party.index == 0 else (party.index - 1) * ranks // servers


class AgreedInputError(InputError):
    """An input error that every rank raises alike: all may leave in peace, and one tells the user."""


def agree(world: World, error: InputError | None) -> None:
    """Raises the first rank's input error on every rank alike (collective)."""
    errors = world.gather(str(error).encode() if error else b"")
    first = next(filter(None, errors), b"") if errors is not None else None
    sentence = world.broadcast(first)
    if sentence:
        raise AgreedInputError(sentence.decode())


def together(world: World, work: Callable[[], T]) -> T:
    """work() on every rank; an input error on one becomes the same on all."""
    error, result = None, None
    try:
        result = work()
    except InputError as caught:
        error = caught
    agree(world, error)
    return result  # type: ignore[return-value]  # agree raised unless work returned
