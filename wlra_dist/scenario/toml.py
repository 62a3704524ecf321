"""Reading a scenario: a TOML file, checked before anything is computed.

One process reads and checks; the others get the scenario as canonical JSON. A file system that differs between
machines then cannot make them play different games, and only one process pays for the checker.
"""

import itertools
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import MISSING, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar, get_type_hints

from wlra_dist.css import SELECTORS
from wlra_dist.errors import InputError
from wlra_dist.inputs.nearest import did_you_mean
from wlra_dist.instances import INSTANCES
from wlra_dist.protocols import PROTOCOLS
from wlra_dist.scenario.options import GameOptions, ProtocolOptions, Scenario

T = TypeVar("T")

SWEEP = "sweep"
"""The table that makes many games of a scenario (see wlra_dist.studies.sweep)."""

EXPERIMENT = "experiment"
"""The table that makes an experiment of a scenario, and the folder where they are (see studies/experiments)."""

GAME_TABLES: Mapping[str, type] = {"game": GameOptions, "protocol": ProtocolOptions}
"""The tables of a game beside [instance], with their options."""

SHORT_NAMES = {
    "m": "game.servers",
    "ε": "protocol.epsilon",
    "eps": "protocol.epsilon",
    "protocol": "protocol.name",
}
"""What people call keys that have another name; a key of the instance with such a name goes first."""

_SHOWN = 60
"""Characters of a wrong value that a message repeats."""


def find(name: str) -> Path:
    """The file of a scenario: a path, or the name of one that `listed` knows."""
    path = Path(name)
    if path.suffix == ".toml" or path.exists():
        return path
    known = {listing: file for listing, file, _ in listed()}
    if name not in known:
        raise InputError(f"there is no scenario {name!r}{did_you_mean(name, known)}; known are {', '.join(known)}")
    return known[name]


def listed() -> list[tuple[str, Path, str]]:
    """The scenarios that come with the package, experiments last: each one's name, file and one line."""
    package = Path(__file__).parents[1]
    homes = [package.parent / "scenarios", package / "scenarios"]  # a checkout, an installed wheel
    home = next((home for home in homes if any(home.glob("*.toml"))), homes[1])
    paths = [*sorted(home.glob("*.toml")), *sorted(home.glob(f"{EXPERIMENT}s/*.toml"))]
    return [(path.relative_to(home).with_suffix("").as_posix(), path, _about(path)) for path in paths]


def _about(path: Path) -> str:
    return str(_read(path).get("about", ""))


def load(path: Path, settings: Iterable[str] = ()) -> Scenario:
    """The scenario of a TOML file, with `key=value` settings put over it; InputError if it cannot be played."""
    return stated(read_tables(path, settings), path)


def stated(tables: Mapping[str, Any], path: Path, settings: Mapping[str, Any] = MappingProxyType({})) -> Scenario:
    """The scenario that these tables state, with settings put over them, as if in this file; or InputError."""
    if SWEEP in tables:
        raise InputError(f"{path}: its table [{SWEEP}] makes it many games, and one was asked for; try `wlra-dist run`")
    own = deepcopy(dict(tables))
    for key, value in settings.items():
        put(own, place_of(key, own, f"{key}=…"), value, f"{key}=…")
    return check(own, path)


def read_tables(path: Path, settings: Iterable[str] = (), others: Mapping[str, type] = GAME_TABLES) -> dict[str, Any]:
    """The tables of a TOML file, with `key=value` settings put over them; unchecked.

    `others` are the tables beside [instance], whose keys a setting may name bare.
    """
    tables = _read(path)
    for setting in settings:
        _set(tables, setting, others)
    return tables


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror}); `wlra-dist scenarios` lists what there is"
        ) from None
    except (ValueError, RecursionError) as error:  # beside TOMLDecodeError: bytes that are no text, endless integers
        raise InputError(f"{path}: is not TOML: {error}") from None


def _set(tables: dict[str, Any], setting: str, others: Mapping[str, type]) -> None:
    """Puts `table.key=value` or `key=value` into the tables; a value that is not TOML is a string."""
    key, equals, text = setting.partition("=")
    if not equals:
        raise InputError(f"--set expects key=value, got {setting!r}; try --set game.servers=8")
    said = f"--set {key}=…"
    table, name = put(tables, place_of(key.strip(), tables, said, others), _value(text), said)
    if name in getattr(_named(INSTANCES, table.get("kind")), "PATHS", ()):
        table[name] = str(Path(str(table[name])).absolute())  # typed at a prompt: relative to where that is


def put(tables: dict[str, Any], place: Sequence[str], value: Any, said: str) -> tuple[dict[str, Any], str]:
    """Sets a key by its place in the tables, and returns the table and the name that it has there."""
    *path, name = place
    table = tables
    for step in path:
        table = table.setdefault(step, {})
        if not isinstance(table, dict):
            raise InputError(f"{said}: {step} is no table but {_shown(table)}")
    table[name] = value
    return table, name


def place_of(
    key: str, tables: Mapping[str, Any], said: str, others: Mapping[str, type] = GAME_TABLES
) -> tuple[str, ...]:
    """The place of `table.key`, or of a bare `key` that one table has; `said` begins the sentence of an InputError."""
    *path, name = key.split(".")
    if path:
        return (*path, name)
    known = _keys(tables, others)
    if name in SHORT_NAMES and name not in known["instance"]:
        return tuple(SHORT_NAMES[name].split("."))
    return _table_of(name, known, said), name


def _value(text: str) -> Any:
    """The TOML value; text that is none stands for itself."""
    try:
        parsed = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    return parsed["value"] if len(parsed) == 1 else text


def _keys(tables: Mapping[str, Any], others: Mapping[str, type]) -> dict[str, list[str]]:
    """The keys of each table; those of an instance of the kind that is named."""
    instance = tables.get("instance")
    kind = _named(INSTANCES, instance.get("kind") if isinstance(instance, dict) else None)
    known = {"instance": kind, **others}
    keys = {table: [option.name for option in fields(options)] for table, options in known.items() if options}
    return {**keys, "instance": ["kind", *keys.get("instance", [])]}


def _table_of(key: str, known: Mapping[str, Sequence[str]], said: str) -> str:
    """The one table that has a key of this name."""
    homes = [table for table, names in known.items() if key in names]
    if not homes:
        raise InputError(f"{said}: no table has this key{did_you_mean(key, itertools.chain(*known.values()))}")
    if len(homes) > 1:
        choice = " or ".join(f"{home}.{key}" for home in homes)
        raise InputError(f"{said}: several tables have this key; say {choice}")
    return homes[0]


def check(tables: dict[str, Any], path: Path, point: str = "") -> Scenario:
    """The scenario that the tables of this file state; InputError with all that is wrong (at this point of a sweep)."""
    faults = strangers(tables, ["instance", *GAME_TABLES])
    if EXPERIMENT in tables:
        faults = [
            f"its table [{EXPERIMENT}] makes it an experiment, which no game is played of; try `wlra-dist experiment`"
        ]
    kind, options = checked_instance(tables.get("instance", {}), path, faults)
    game = checked(GameOptions, tables.get("game", {}), "game", faults)
    protocol = checked(ProtocolOptions, tables.get("protocol", {}), "protocol", faults)
    if protocol:
        faults += _protocol_faults(protocol, game)
    if faults or not (options and game and protocol):
        raise InputError(f"{path}{point and f', at {point}'}: {'; '.join(faults)}")
    return Scenario(path.stem, tables.get("about", ""), kind, options, game, protocol)


def strangers(tables: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    """What stands outside the tables of these names and is not the text `about`."""
    faults = [
        f"there is no table [{name}]{did_you_mean(name, names)}" if isinstance(value, Mapping)
        else f"there is no key {name!r} outside the tables {', '.join(f'[{table}]' for table in names)}"
        for name, value in tables.items()
        if name not in {"about", *names}
    ]  # fmt: skip
    about = tables.get("about", "")
    return faults if isinstance(about, str) else [*faults, f"about must be a text, got {_shown(about)}"]


def checked_instance(table: Any, path: Path, faults: list[str]) -> tuple[str, Any]:
    """The kind of instance that the table names, and its options."""
    if not isinstance(table, Mapping):
        faults.append(f"[instance] must be a table, got {_shown(table)}")
        return "", None
    kind = table.get("kind")
    known = _named(INSTANCES, kind)
    if known is None:
        faults.append(f"[instance] kind {one_of(INSTANCES, kind)}")
        return "", None
    rest = {key: value for key, value in table.items() if key != "kind"}
    return str(kind), checked(known, _paths(known, rest, path), "instance", faults)


def _paths(options: type, table: dict[str, Any], scenario: Path) -> dict[str, Any]:
    """Paths in a scenario are relative to its file; absolute ones stay."""
    names = getattr(options, "PATHS", ())
    here = scenario.resolve().parent
    return {
        key: str(here / value) if key in names and isinstance(value, str) else value for key, value in table.items()
    }


def _protocol_faults(protocol: ProtocolOptions, game: GameOptions | None) -> list[str]:
    faults: list[str] = []
    if protocol.name not in PROTOCOLS:
        faults.append(f"[protocol] name {one_of(PROTOCOLS, protocol.name)}")
    if protocol.name == "one_way" and game and game.servers != 1:
        faults.append(f"one_way is a game of two: set [game] servers = 1 (got {game.servers}), or play one_round")
    selector = {"name": protocol.selector} if isinstance(protocol.selector, str) else dict(protocol.selector)
    name = selector.pop("name", None)
    known = _named(SELECTORS, name)
    if known:
        checked(known, selector, "protocol.selector", faults)
    else:
        faults.append(f"[protocol] selector {one_of(SELECTORS, name)}")
    return faults


def checked(options: Callable[..., T], table: Any, place: str, faults: list[str]) -> T | None:
    """The options that the table states; what is wrong with it is added to `faults`."""
    from pydantic import ConfigDict, ValidationError, create_model

    if not isinstance(table, Mapping):
        faults.append(f"[{place}] must be a table, got {_shown(table)}")
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
        by_key = itertools.groupby(error.errors(), lambda fault: fault["loc"][0])
        faults += [f"[{place}] {_fault(str(key), list(found), known)}" for key, found in by_key]
    except ValueError as error:
        faults.append(f"[{place}] {error}")
    return None


def _fault(key: str, found: list[Any], known: Mapping[str, Any]) -> str:
    """What is wrong with a key; a value that may be of several types has a fault for each."""
    match found[0]["type"]:
        case "missing":
            return f"{key} is missing"
        case "extra_forbidden":
            return f"has no key {key!r}{did_you_mean(key, known)}"
    wanted = " or ".join(fault["msg"].removeprefix("Input should be ") for fault in found)
    return f"{key}: expected {wanted}, got {_shown(found[0]['input'])}"


def _named(known: Mapping[str, T], name: object) -> T | None:
    return known.get(name) if isinstance(name, str) else None


def one_of(known: Iterable[str], name: object) -> str:
    """The end of a sentence that refuses a name."""
    came = "is missing" if name is None else f"is {_shown(name)}"
    return f"{came}; expected one of {', '.join(known)}{did_you_mean(name, known)}"


def _shown(value: object) -> str:
    """The value as Python writes it, cut to what fits into a sentence."""
    try:
        text = repr(value)
    except ValueError:
        return "an integer of thousands of digits"  # Python refuses to write it
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
