"""Reading a scenario: a TOML file, checked before anything is computed.

One process reads and checks; the others get the scenario as canonical JSON. A file system that differs between
machines then cannot make them play different games, and only one process pays for the checker.
"""

import difflib
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from wlra_dist.css import SELECTORS
from wlra_dist.errors import InputError
from wlra_dist.instances import INSTANCES
from wlra_dist.protocols import PROTOCOLS
from wlra_dist.scenario import GameOptions, ProtocolOptions, Scenario

T = TypeVar("T")


def load(path: Path, settings: Iterable[str] = ()) -> Scenario:
    """The scenario of a TOML file, with `key=value` settings put over it; InputError if it cannot be played."""
    tables = _read(path)
    for setting in settings:
        _set(tables, setting)
    return _check(tables, path)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); `wlra-dist scenarios` lists what there is") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: is not TOML: {error}") from None


def _set(tables: dict[str, Any], setting: str) -> None:
    """Puts `table.key=value` or `key=value` into the tables; a value that is not TOML is a string."""
    key, equals, text = setting.partition("=")
    if not equals:
        raise InputError(f"--set expects key=value, got {setting!r}; try --set game.servers=8")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text
    table, dot, name = key.strip().rpartition(".")
    tables.setdefault(table if dot else _table_of(name, tables), {})[name] = value


def _table_of(key: str, tables: Mapping[str, Any]) -> str:
    """The one table that has a key of this name."""
    known = {"game": GameOptions, "protocol": ProtocolOptions}
    kind = tables.get("instance", {}).get("kind")
    if kind in INSTANCES:
        known["instance"] = INSTANCES[kind]
    homes = [table for table, options in known.items() if key in {option.name for option in fields(options)}]
    if len(homes) != 1:
        where = " and ".join(f"{home}.{key}" for home in homes) or "no table"
        raise InputError(f"--set {key}=…: {where} has this key; name it in full, as in --set instance.{key}=…")
    return homes[0]


def _check(tables: dict[str, Any], path: Path) -> Scenario:
    faults: list[str] = []
    unknown = tables.keys() - {"about", "instance", "game", "protocol"}
    faults += [f"there is no table [{name}]{_nearest(name, ['instance', 'game', 'protocol'])}" for name in sorted(unknown)]
    instance = dict(tables.get("instance", {}))
    kind = instance.pop("kind", None)
    if kind not in INSTANCES:
        faults.append(f"[instance] kind must be one of {', '.join(INSTANCES)}; got {kind!r}{_nearest(kind, INSTANCES)}")
    else:
        instance = _paths(INSTANCES[kind], instance, path)
    options = _checked(INSTANCES[kind], instance, "instance", faults) if kind in INSTANCES else None
    game = _checked(GameOptions, tables.get("game", {}), "game", faults)
    protocol = _checked(ProtocolOptions, tables.get("protocol", {}), "protocol", faults)
    if protocol:
        faults += _protocol_faults(protocol, game)
    if faults or not (options and game and protocol):
        raise InputError(f"{path}: {'; '.join(faults)}")
    return Scenario(path.stem, str(tables.get("about", "")), str(kind), options, game, protocol)


def _paths(options: type, table: dict[str, Any], scenario: Path) -> dict[str, Any]:
    """Paths in a scenario are relative to its file."""
    names = getattr(options, "PATHS", ())
    here = scenario.resolve().parent
    return {key: str(here / value) if key in names and isinstance(value, str) else value for key, value in table.items()}


def _protocol_faults(protocol: ProtocolOptions, game: GameOptions | None) -> list[str]:
    faults: list[str] = []
    if protocol.name not in PROTOCOLS:
        known = ", ".join(PROTOCOLS)
        faults.append(f"[protocol] name must be one of {known}; got {protocol.name!r}{_nearest(protocol.name, PROTOCOLS)}")
    if protocol.name == "one_way" and game and game.servers != 1:
        faults.append(f"one_way is a game of two: set [game] servers = 1 (got {game.servers}), or play one_round")
    selector = {"name": protocol.selector} if isinstance(protocol.selector, str) else dict(protocol.selector)
    name = selector.pop("name", None)
    if name in SELECTORS:
        _checked(SELECTORS[name], selector, "protocol.selector", faults)
    else:
        faults.append(f"[protocol] selector must be one of {', '.join(SELECTORS)}; got {name!r}{_nearest(name, SELECTORS)}")
    return faults


def _checked(options: Callable[..., T], table: Any, place: str, faults: list[str]) -> T | None:
    """The options that the table states; what is wrong with it is added to `faults`."""
    from pydantic import ConfigDict, ValidationError, create_model

    if not isinstance(table, Mapping):
        faults.append(f"[{place}] must be a table, got {table!r}")
        return None
    hints = get_type_hints(options, include_extras=True)
    known = {option.name: option for option in fields(options)}  # pyright: ignore[reportArgumentType]
    definitions: dict[str, Any] = {
        name: (hints[name], ... if option.default is MISSING and option.default_factory is MISSING else None)
        for name, option in known.items()
    }
    model = create_model("Options", __config__=ConfigDict(strict=True, extra="forbid"), **definitions)
    try:
        model.model_validate(dict(table))
        return options(**table)
    except ValidationError as error:
        faults += [_fault(fault, place, known) for fault in error.errors()]
    except ValueError as error:
        faults.append(f"[{place}] {error}")
    return None


def _fault(fault: Any, place: str, known: Mapping[str, Any]) -> str:
    key = fault["loc"][0]
    match fault["type"]:
        case "missing":
            return f"[{place}] {key} is missing"
        case "extra_forbidden":
            return f"[{place}] has no key {key!r}{_nearest(str(key), known)}"
    return f"[{place}] {key}: {fault['msg'][0].lower()}{fault['msg'][1:]}, got {fault['input']!r}"


def _nearest(name: object, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(str(name), list(known), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""
