"""Tables of names whose modules are loaded when a name is looked up: eight ranks do not pay for what others play."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TypeVar

T = TypeVar("T")


class Names(Mapping[str, T]):
    """What names mean: each stands in a module of its own, ``package.module:attribute``.

    Parameters
    ----------
    places
        By name.
    """

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = places

    def __getitem__(self, name: str) -> T:
        module, _, attribute = self._places[name].partition(":")
        return getattr(import_module(module), attribute)

    def attribute(self, name: str, module: str) -> T:
        """What its module calls so; AttributeError, as of this module, if none of them is."""
        key = next((key for key, place in self._places.items() if place.endswith(f":{name}")), None)
        if key is None:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        return self[key]

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __repr__(self) -> str:
        return f"<{', '.join(self)}>"
