"""From whatever states a scenario in Python to a draft of it: a name, a file, tables, keywords or another scenario."""

from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

from wlra_dist.errors import InputError
from wlra_dist.scenario.draft import Draft
from wlra_dist.scenario.options import Scenario
from wlra_dist.scenario.plugins import with_plugins
from wlra_dist.scenario.toml import draft_of, find, read_draft

Source: TypeAlias = Scenario | Mapping[str, Any] | str | PathLike[str]

TABLES = ("instance", "game", "protocol")


def drafted(source: Source, plugins: Iterable[str | PathLike[str]] = (), settings: Mapping[str, Any] = {}) -> Draft:
    """The draft of a scenario, with settings put over it; a table as a keyword is a table, key by key.

    Raises:
        InputError: nothing of that name, a plugin that cannot be loaded, or a key that no table has.
    """
    draft = _draft(source, plugins).copy()
    for key, value in settings.items():
        if key in TABLES and isinstance(value, Mapping):
            for name, option in value.items():
                draft.put((key, name), option, f"{key}=…")
        else:
            draft.set(key, value, f"{key}=…")
    return draft


def _draft(source: Source, plugins: Iterable[str | PathLike[str]]) -> Draft:
    files = [Path(file) for file in plugins]
    match source:
        case Scenario():
            facts = source.facts()
            tables = {name: facts[name] for name in ("about", *TABLES)}
            return Draft(Path(source.name), tables, with_plugins(files, source.catalogue))
        case Mapping():
            return draft_of(source, Path("scenario"), with_plugins(files))
        case str() | PathLike():
            return read_draft(find(str(source)), (), with_plugins(files))
    raise InputError(f"expected a scenario's name, file, tables or a Scenario, got {type(source).__name__}")
