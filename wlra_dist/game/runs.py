"""Sequences as long as there are parties that take no room of that size: of one value, or made piece by piece."""

from collections.abc import Callable, Sequence
from typing import TypeVar, overload

T = TypeVar("T")


class Same(Sequence[T]):
    """One value, so many times."""

    def __init__(self, size: int, value: T) -> None:
        self.value = value
        self._places = range(size)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> "Same[T]": ...
    def __getitem__(self, index: int | slice) -> "T | Same[T]":
        places = self._places[index]
        return Same(len(places), self.value) if isinstance(places, range) else self.value

    def __len__(self) -> int:
        return len(self._places)


class Pieces(Sequence[T]):
    """Pieces that are made when they are looked at, each once."""

    def __init__(self, size: int, make: Callable[[int], T]) -> None:
        self._places = range(size)
        self._make = make
        self._made: dict[int, T] = {}

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        places = self._places[index]
        if isinstance(places, range):
            return [self[place] for place in places]
        if places not in self._made:
            self._made[places] = self._make(places)
        return self._made[places]

    def __len__(self) -> int:
        return len(self._places)
