"""Parties, and values that are somewhere: a located value can be used at its party and nowhere else.

Rule 1: a located value has no public accessor. Only `Game` opens it, to compute at its party or to send it.
Rule 2: where a value is and how deep in the conversation it arose is public; every process knows both, also
for values that it does not hold. So a misuse raises on every rank alike and leaves nobody waiting.
Rule 3: a located value steers nothing: `bool()` of one raises. What decides for all must be said to all.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NoReturn, TypeAlias, TypeVar, overload

import numpy as np

from wlra_dist.game.runs import Pieces

T = TypeVar("T")
U = TypeVar("U")

ABSENT: Any = object()
"""What a process holds in place of a value of a party that it does not play."""


@dataclass(frozen=True, slots=True)
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


class Parties(Sequence[Party]):
    """Players who are told apart by their numbers: ``server 7``, number 7; each is made when it is looked at.

    Parameters
    ----------
    name
        What they all are.
    numbers
        Theirs.
    """

    def __init__(self, name: str, numbers: range) -> None:
        self.name = name
        self.numbers = numbers

    @overload
    def __getitem__(self, index: int) -> Party: ...
    @overload
    def __getitem__(self, index: slice) -> "Parties": ...
    def __getitem__(self, index: int | slice) -> "Party | Parties":
        numbers = self.numbers[index]
        return Parties(self.name, numbers) if isinstance(numbers, range) else self._party(numbers)

    def __len__(self) -> int:
        return len(self.numbers)

    def __contains__(self, party: object) -> bool:
        return isinstance(party, Party) and party.index in self.numbers and party == self._party(party.index)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Parties):
            return (self.name, self.numbers) == (other.name, other.numbers)
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # as other sequences that are equal to lists

    def __repr__(self) -> str:
        return f"<{len(self)} parties, each a {self.name}>"

    def _party(self, number: int) -> Party:
        return Party(f"{self.name} {number}", number)


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


Depths: TypeAlias = int | np.ndarray
"""The causal depths of values at several parties: one number where all are the same."""


class Facets(Sequence[Located[T]]):
    """A value at each of several parties, of which a process holds its own: all others are made when looked at.

    Parameters
    ----------
    parties
        Where they are.
    held
        By place, the values of those parties that are played here.
    depths
        How many messages each follows from.
    """

    def __init__(self, parties: Sequence[Party], held: Mapping[int, T], depths: Depths) -> None:
        self.parties = parties
        self.depths = depths
        self._held = held

    @classmethod
    def of(cls, facets: Sequence[Located[T]]) -> "Facets[T]":
        """The same values, wherever they come from."""
        if isinstance(facets, Facets):
            return facets
        held = {i: value._held for i, value in enumerate(facets) if value._held is not ABSENT}
        return cls([value.party for value in facets], held, np.array([value.depth for value in facets], dtype=int))

    @overload
    def __getitem__(self, index: int) -> Located[T]: ...
    @overload
    def __getitem__(self, index: slice) -> "Sequence[Located[T]]": ...
    def __getitem__(self, index: int | slice) -> "Located[T] | Sequence[Located[T]]":
        if isinstance(index, slice):
            return [self[i] for i in range(len(self))[index]]
        place = range(len(self))[index]
        depth = self.depths if isinstance(self.depths, int) else int(self.depths[place])
        return Located(self.parties[place], self._held.get(place, ABSENT), depth)

    def __len__(self) -> int:
        return len(self.parties)


class Faceted(Generic[T]):
    """One value at each of several parties.

    Parameters
    ----------
    facets
        A located value for each party.
    """

    __slots__ = ("facets",)

    def __init__(self, facets: Sequence[Located[T]]) -> None:
        self.facets = facets

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

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        return self.pieces[index]

    def __repr__(self) -> str:
        return f"<{len(self)} public pieces, one for each party>"

    def map(self, function: Callable[[T], U]) -> "PerParty[U]":
        """Something else that is public, made piece by piece, where and when one is looked at."""
        return PerParty(Pieces(len(self), lambda i: function(self.pieces[i])))
