"""A scenario before it is checked: its tables, and keys that are set in them by the names that people use."""

import itertools
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from wlra_dist.errors import InputError
from wlra_dist.inputs.nearest import did_you_mean
from wlra_dist.scenario.catalogue import BUILT_IN, Catalogue
from wlra_dist.scenario.choices import options_of
from wlra_dist.scenario.options import GameOptions, ProtocolOptions
from wlra_dist.scenario.words import brief

T = TypeVar("T")

GAME_TABLES: Mapping[str, type] = {"game": GameOptions, "protocol": ProtocolOptions}
"""The tables of a game beside [instance], with their options."""

SHORT_NAMES = {
    "m": "game.servers",
    "ε": "protocol.epsilon",
    "eps": "protocol.epsilon",
    "protocol": "protocol.name",
    "weights": "game.weights",
}
"""What people call keys; a key of the instance with such a name goes first."""

Place = tuple[str, ...]


@dataclass(frozen=True)
class Draft:
    """What a file, or a dict, states.

    Attributes:
        path: of the file; paths in the tables are relative to it.
        tables: as they stand there.
        catalogue: what names mean.
        others: the tables beside [instance], whose keys may be named bare.
    """

    path: Path
    tables: dict[str, Any]
    catalogue: Catalogue = BUILT_IN
    others: Mapping[str, type] = field(default_factory=lambda: GAME_TABLES)

    def copy(self) -> "Draft":
        """The same, to be changed."""
        return replace(self, tables=deepcopy(self.tables))

    def with_protocol(self, name: str, origin: str) -> "Draft":
        """The same with another protocol: options that the former alone has are not the other's."""
        changed, former = self.copy(), self._stated("protocol", "name")
        table, _ = changed.put(("protocol", "name"), name, origin)
        if name != former:
            for key in options_of(named(self.catalogue.protocols, former)):
                table.pop(key, None)
        return changed

    def put(self, place: Sequence[str], value: Any, origin: str) -> tuple[dict[str, Any], str]:
        """Sets a key by its place, and returns the table and the name that it has there."""
        *path, name = place
        table = self.tables
        for step in path:
            table = table.setdefault(step, {})
            if not isinstance(table, dict):
                raise InputError(f"{origin}: {step} is no table but {brief(table)}")
        table[name] = value
        return table, name

    def place_of(self, key: str, origin: str) -> Place:
        """The place of `table.key`, or of a bare `key` that one table has; `said` begins an InputError's sentence."""
        *path, name = key.split(".")
        if path:
            return (*path, name)
        known = self._keys()
        if name in SHORT_NAMES:
            return ("instance", name) if name in known["instance"] else tuple(SHORT_NAMES[name].split("."))
        return _table_of(name, known, origin), name

    def set(self, key: str, value: Any, origin: str) -> tuple[dict[str, Any], str]:
        """`put` at `place_of`."""
        return self.put(self.place_of(key, origin), value, origin)

    def kind(self) -> type | None:
        """The kind of instance that is named, if it is one."""
        return named(self.catalogue.instances, self._stated("instance", "kind"))

    def _stated(self, table: str, key: str) -> Any:
        found = self.tables.get(table)
        return found.get(key) if isinstance(found, Mapping) else None

    def _keys(self) -> dict[str, list[str]]:
        """The keys of each table; those of an instance of the kind that is named, and of the protocol."""
        protocol = named(self.catalogue.protocols, self._stated("protocol", "name"))
        keys = {table: [*options_of(options)] for table, options in self.others.items()}
        if "protocol" in keys:
            keys["protocol"] += options_of(protocol)
        return {"instance": ["kind", *options_of(self.kind())], **keys}


def named(known: Mapping[str, T], name: object) -> T | None:
    """What has this name, if anything has."""
    return known.get(name) if isinstance(name, str) else None


def _table_of(key: str, known: Mapping[str, Sequence[str]], origin: str) -> str:
    """The one table that has a key of this name."""
    homes = [table for table, names in known.items() if key in names]
    if not homes:
        raise InputError(f"{origin}: no table has this key{did_you_mean(key, itertools.chain(*known.values()))}")
    if len(homes) > 1:
        choice = " or ".join(f"{home}.{key}" for home in homes)
        raise InputError(f"{origin}: several tables have this key; say {choice}")
    return homes[0]
