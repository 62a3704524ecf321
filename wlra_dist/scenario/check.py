"""A draft checked: the scenario that it states, or one sentence with all that is wrong."""

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from wlra_dist.errors import InputError
from wlra_dist.inputs.nearest import did_you_mean
from wlra_dist.protocols.weights_sent import OWN_WEIGHTS
from wlra_dist.scenario.choices import StatedKey, options_of
from wlra_dist.scenario.draft import GAME_TABLES, Draft, named
from wlra_dist.scenario.options import GameOptions, ProtocolOptions, Scenario, parted
from wlra_dist.scenario.plugins import KEY
from wlra_dist.scenario.words import brief, one_of

T = TypeVar("T")

EXPERIMENT = "experiment"
"""The table that makes an experiment of a scenario, and the folder where they are (see studies/experiments)."""

OTHER_PARTITIONS = ("rows", "summands")
"""Of A among servers, that others have looked at: they are asked for, and not played."""


def check(draft: Draft, point: str = "") -> Scenario:
    """The scenario that the tables state; InputError with all that is wrong (at this point of a sweep)."""
    tables = draft.tables
    faults = strangers(tables, ["instance", *GAME_TABLES])
    if EXPERIMENT in tables:
        faults = [
            f"its table [{EXPERIMENT}] makes it an experiment, which no game is played of; try `wlra-dist experiment`"
        ]
    kind, options = checked_instance(draft, faults)
    game = checked(GameOptions, tables.get("game", {}), "game", faults)
    protocol, own = _checked_protocol(draft, game, faults)
    if faults or not (options and game and protocol):
        raise InputError(f"{draft.path}{point and f', at {point}'}: {'; '.join(faults)}")
    return Scenario(draft.path.stem, tables.get("about", ""), kind, options, game, protocol, own, draft.catalogue)


def strangers(tables: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    """What stands outside the tables of these names and is neither the text `about` nor the list of plugins."""
    faults = [
        f"there is no table [{name}]{did_you_mean(name, names)}" if isinstance(value, Mapping)
        else f"there is no key {name!r} outside the tables {', '.join(f'[{table}]' for table in names)}"
        for name, value in tables.items()
        if name not in {"about", KEY, *names}
    ]  # fmt: skip
    about = tables.get("about", "")
    return faults if isinstance(about, str) else [*faults, f"about must be a text, got {brief(about)}"]


def checked_instance(draft: Draft, faults: list[str]) -> tuple[str, Any]:
    """The kind of instance that the tables name, and its options."""
    table = draft.tables.get("instance", {})
    if not isinstance(table, Mapping):
        faults.append(f"[instance] must be a table, got {brief(table)}")
        return "", None
    known = draft.kind()
    if known is None:
        faults.append(f"[instance] kind {one_of(draft.catalogue.instances, table.get('kind'))}")
        return "", None
    rest = {key: value for key, value in table.items() if key != "kind"}
    return str(table["kind"]), checked(known, with_paths(known, rest, draft.path), "instance", faults)


def with_paths(options: type, table: dict[str, Any], scenario: Path) -> dict[str, Any]:
    """Paths in a scenario are relative to its file; absolute ones stay."""
    names = getattr(options, "PATHS", ())
    here = scenario.resolve().parent
    return {
        key: str(here / value) if key in names and isinstance(value, str) else value for key, value in table.items()
    }


def _checked_protocol(
    draft: Draft, game: GameOptions | None, faults: list[str]
) -> tuple[ProtocolOptions | None, dict[str, Any]]:
    """The options of [protocol], and those that are this protocol's own, defaults among them."""
    table = draft.tables.get("protocol", {})
    name = table.get("name") if isinstance(table, Mapping) else None
    maker = named(draft.catalogue.protocols, name)
    known = {**options_of(ProtocolOptions), **options_of(maker)}
    if not valid(known, table, "protocol", faults):
        return None, {}
    common, stated = parted(table)
    protocol = made(ProtocolOptions, common, "protocol", faults)
    own = made(maker, stated, "protocol", faults) if isinstance(maker, type) else None
    if protocol:
        faults += _protocol_faults(draft, protocol, game)
    return protocol, dict(vars(own)) if own else {}


def _protocol_faults(draft: Draft, protocol: ProtocolOptions, game: GameOptions | None) -> list[str]:
    faults: list[str] = []
    protocols, selectors = draft.catalogue.protocols, draft.catalogue.selectors
    if protocol.name not in protocols:
        faults.append(f"[protocol] name {one_of(protocols, protocol.name)}")
    elif fault := _too_much_asked(protocol, draft):
        faults.append(fault)
    if protocol.name == "one_way" and game and game.servers != 1:
        faults.append(f"one_way is a game of two: set [game] servers = 1 (got {game.servers}), or play one_round")
    if game and game.weights == "sent" and game.servers > 1 and protocol.name not in OWN_WEIGHTS:
        faults.append(
            f"{protocol.name} has servers look at others' columns, and so at others' weights: with weights = \"sent\" "
            f"set [game] servers = 1, or play one of {', '.join(sorted(OWN_WEIGHTS - {'one_way'}))}"
        )
    selector = protocol.selector_options
    name = selector.pop("name", None)
    known = named(selectors, name)
    if known:
        checked(known, selector, "protocol.selector", faults)
    else:
        faults.append(f"[protocol] selector {one_of(selectors, name)}")
    return faults


def _too_much_asked(protocol: ProtocolOptions, draft: Draft) -> str | None:
    """Whether the protocol cannot promise what is asked of it: then, which can."""
    asked, promises = protocol.promise, draft.catalogue.promises
    given = promises.get(protocol.name)
    if asked is None or given == "certain" or given == asked:
        return None
    able = [name for name, promise in promises.items() if promise in ("certain", asked)]
    kind = {"certain": "keeps its accuracy for certain", "estimate": "promises an accuracy"}[asked]
    return f"[protocol] promise = {asked!r} expects a protocol that {kind}, not {protocol.name}; try {', '.join(able)}"


def checked(maker: type[T], table: Any, place: str, faults: list[str]) -> T | None:
    """The options that the table states; what is wrong with it is added to `faults`."""
    return made(maker, table, place, faults) if valid(options_of(maker), table, place, faults) else None


def made(maker: type[T], table: Mapping[str, Any], place: str, faults: list[str]) -> T | None:
    """The options, unless they do not fit each other."""
    try:
        return maker(**table)
    except ValueError as error:
        faults.append(f"[{place}] {error}")
    return None


def valid(options: Mapping[str, StatedKey], table: Any, place: str, faults: list[str]) -> bool:
    """Whether each key is an option and of its type, and none is missing; what is not so is added to `faults`."""
    from pydantic import ConfigDict, ValidationError, create_model

    if not isinstance(table, Mapping):
        faults.append(f"[{place}] must be a table, got {brief(table)}")
        return False
    definitions: dict[str, Any] = {name: (hint, ... if needed else None) for name, (hint, needed) in options.items()}
    model = create_model("Options", __config__=ConfigDict(strict=True, extra="forbid"), **definitions)
    try:
        model.model_validate(dict(table))
    except ValidationError as error:
        by_key = itertools.groupby(error.errors(), lambda fault: fault["loc"][0])
        faults += [f"[{place}] {_fault(str(key), list(found), options)}" for key, found in by_key]
        return False
    return True


def _fault(key: str, found: list[Any], known: Mapping[str, Any]) -> str:
    """What is wrong with a key; a value that may be of several types has a fault for each."""
    match found[0]["type"]:
        case "missing":
            return f"{key} is missing"
        case "extra_forbidden":
            return f"has no key {key!r}{did_you_mean(key, known)}"
    if key == "deal" and found[0]["input"] in OTHER_PARTITIONS:
        asked = found[0]["input"]
        elsewhere = "docs/lower-bounds.md says what is known of such games"
        return f"deal: whole columns are dealt here, no {asked}; {elsewhere}; try 'in order' or 'at random'"
    wanted = " or ".join(fault["msg"].removeprefix("Input should be ") for fault in found)
    return f"{key}: expected {wanted}, got {brief(found[0]['input'])}"
