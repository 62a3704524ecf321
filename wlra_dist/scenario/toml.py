"""Reading a scenario: a TOML file, checked before anything is computed.

One process reads and checks; the others get the scenario as canonical JSON. A file system that differs between
machines then cannot make them play different games, and only one process pays for the checker.
"""

import tomllib
from collections.abc import Iterable, Mapping
from copy import deepcopy
from pathlib import Path
from types import MappingProxyType
from typing import Any

from wlra_dist.errors import InputError
from wlra_dist.inputs.nearest import did_you_mean
from wlra_dist.scenario.catalogue import BUILT_IN, Catalogue
from wlra_dist.scenario.check import EXPERIMENT, check
from wlra_dist.scenario.draft import GAME_TABLES, Draft
from wlra_dist.scenario.options import Scenario
from wlra_dist.scenario.plugins import stated_files, with_plugins

SWEEP = "sweep"
"""The table that makes many games of a scenario (see wlra_dist.studies.sweep)."""


FIRST = ("rank_sweep", "sparsity_sweep", "target_rank_sweep", "server_sweep", "accuracy_sweep")
"""The scenarios that `listed` names first: what the paper claims of each of its letters, to be seen by one command."""


def find(name: str) -> Path:
    """The file of a scenario: a path, or the name of one that `listed` knows."""
    path = Path(name)
    if path.suffix == ".toml" or (path.exists() and not path.is_dir()):
        return path
    known = {listing: file for listing, file, _ in listed()}
    name = name if name in known else f"{EXPERIMENT}s/{name}" if f"{EXPERIMENT}s/{name}" in known else name
    if name not in known:
        raise InputError(f"there is no scenario {name!r}{did_you_mean(name, known)}; known are {', '.join(known)}")
    return known[name]


def listed() -> list[tuple[str, Path, str]]:
    """The scenarios that come with the package, `FIRST` first, experiments last: each one's name, file and one line."""
    package = Path(__file__).parents[1]
    homes = [package.parent / "scenarios", package / "scenarios"]  # a checkout, an installed wheel
    home = next((home for home in homes if any(home.glob("*.toml"))), homes[1])
    games = sorted(home.glob("*.toml"), key=lambda path: ([*FIRST, path.stem].index(path.stem), path))
    paths = [*games, *sorted(home.glob(f"{EXPERIMENT}s/*.toml"))]
    return [(path.relative_to(home).with_suffix("").as_posix(), path, _about(path)) for path in paths]


def _about(path: Path) -> str:
    return str(read_tables(path).get("about", ""))


def load(path: Path, settings: Iterable[str] = (), catalogue: Catalogue = BUILT_IN) -> Scenario:
    """The scenario of a TOML file, with `key=value` settings put over it; InputError if it cannot be played."""
    return stated(read_draft(path, settings, catalogue))


def stated(draft: Draft, settings: Mapping[str, Any] = MappingProxyType({})) -> Scenario:
    """The scenario that a draft states, with settings put over its keys; or InputError."""
    if SWEEP in draft.tables:
        raise InputError(
            f"{draft.path}: its table [{SWEEP}] makes it many games, and one was asked for; try `wlra-dist run`"
        )
    draft = draft.copy()
    for key, value in settings.items():
        draft.set(key, value, f"{key}=…")
    return check(draft)


def read_draft(
    path: Path,
    settings: Iterable[str] = (),
    catalogue: Catalogue = BUILT_IN,
    others: Mapping[str, type] = GAME_TABLES,
) -> Draft:
    """What a TOML file states, with `key=value` settings put over it; unchecked. Its plugins are loaded."""
    draft = draft_of(read_tables(path), path, catalogue, others)
    for setting in settings:
        _set(draft, setting)
    return draft


def draft_of(
    tables: Mapping[str, Any],
    path: Path,
    catalogue: Catalogue = BUILT_IN,
    others: Mapping[str, type] = GAME_TABLES,
) -> Draft:
    """What these tables state, as if in this file. Their plugins are loaded."""
    files = stated_files(tables, path)
    return Draft(path, deepcopy(dict(tables)), with_plugins(files, catalogue) if files else catalogue, others)


def read_tables(path: Path) -> dict[str, Any]:
    """The tables of a TOML file as they stand there."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror}); `wlra-dist scenarios` lists what there is"
        ) from None
    except (ValueError, RecursionError) as error:  # beside TOMLDecodeError: bytes that are no text, endless integers
        remedy = "for a matrix, try `wlra-dist run files --set A=FILE --set W=FILE --set k=K`"
        raise InputError(f"{path}: expected a scenario in TOML ({error}); {remedy}") from None


def _set(draft: Draft, setting: str) -> None:
    """Puts `table.key=value` or `key=value` into the tables; a value that is not TOML is a string."""
    key, equals, text = setting.partition("=")
    if not equals:
        raise InputError(f"--set expects key=value, got {setting!r}; try --set game.servers=8")
    place = draft.place_of(key.strip(), f"--set {key}=…")
    table, name = draft.put(place, _value(text), f"--set {key}=…")
    owner = draft.kind() if place[0] == "instance" else draft.others.get(place[0])
    if len(place) == 2 and name in getattr(owner, "PATHS", ()):
        table[name] = str(Path(str(table[name])).absolute())  # typed at a prompt: relative to where that is


def _value(text: str) -> Any:
    """The TOML value; text that is none stands for itself."""
    try:
        parsed = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    return parsed["value"] if len(parsed) == 1 else text
