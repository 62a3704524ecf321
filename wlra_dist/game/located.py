"""Parties, and values that are somewhere: a located value can be used at its party and nowhere else.

Rule 1: a located value has no public accessor. Only `Game` opens it, to compute at its party or to send it.
Rule 2: where a value is and how deep in the conversation it arose is public; every process knows both, also
for values that it does not hold. So a misuse raises on every rank alike and leaves nobody waiting.
Rule 3: a located value steers nothing: `bool()` of one raises. What decides for all must be said to all.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NoReturn, TypeVar

T = TypeVar("T")
U = TypeVar("U")

ABSENT: Any = object()
"""What a process holds in place of a value of a party that it does not play."""


@dataclass(frozen=True)
class Party:
    """A player.

    Parameters
    ----------
    name
        What tables call it.
    index
        0 for the coordinator (or Bob); servers (or Alice) follow from 1.
    """

    name: str
    index: int

    def __str__(self) -> str:
        return self.name


class Located(Generic[T]):
    """A value at one party, which `Game` alone opens.

    Parameters
    ----------
    party
        Where it is.
    held
        The value; something else in a process that does not play the party.
    depth
        How many messages it follows from, one upon the other.
    """

    __slots__ = ("_held", "depth", "party")

    def __init__(self, party: Party, held: T, depth: int) -> None:
        self.party = party
        self.depth = depth
        self._held = held

    def __bool__(self) -> NoReturn:
        raise TypeError(f"a value at {self.party} cannot steer the protocol: send it to whoever must decide")

    def __repr__(self) -> str:
        return f"<a value at {self.party}>"


class Faceted(Generic[T]):
    """One value at each of several parties.

    Parameters
    ----------
    facets
        A located value for each party.
    """

    __slots__ = ("facets",)

    def __init__(self, facets: Sequence[Located[T]]) -> None:
        self.facets = tuple(facets)

    def __iter__(self) -> Iterator[Located[T]]:
        return iter(self.facets)

    def __len__(self) -> int:
        return len(self.facets)

    def __repr__(self) -> str:
        return f"<a value at each of {len(self)} parties>"

    def __bool__(self) -> NoReturn:
        raise TypeError("values at several parties cannot steer the protocol: send them first")


class PerParty(Generic[T]):
    """Something public that comes in pieces, one for each party: W by column blocks, a codec for each link.

    Parameters
    ----------
    pieces
        One for each party.
    whole
        What they are the pieces of, if they are.
    """

    __slots__ = ("_whole", "pieces")

    def __init__(self, pieces: Sequence[T], whole: T | None = None) -> None:
        self.pieces = pieces
        self._whole = whole

    @property
    def whole(self) -> T:
        """What the pieces are pieces of, in the order of the parties."""
        if self._whole is None:
            raise ValueError("these are not pieces of anything")
        return self._whole

    def __iter__(self) -> Iterator[T]:
        return iter(self.pieces)

    def __len__(self) -> int:
        return len(self.pieces)

    def __getitem__(self, index: int) -> T:
        return self.pieces[index]

    def __repr__(self) -> str:
        return f"<{len(self)} public pieces, one for each party>"

    def map(self, function: Callable[[T], U]) -> "PerParty[U]":
        """Something else that is public, made piece by piece."""
        return PerParty([function(piece) for piece in self.pieces])
