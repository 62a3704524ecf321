"""Plugins: files of the user's, and installed modules, that name protocols, selectors, instance kinds, … of their own.

Rule 1: what is named in a record by its SHA-256 is what was run: a file is read once, and these bytes are summed up
and compiled. Rule 2: a plugin is loaded here and nowhere else, and what is wrong with it is one sentence.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from hashlib import sha256
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

from wlra_dist.errors import InputError
from wlra_dist.protocols.bounds import Promise
from wlra_dist.scenario.catalogue import BUILT_IN, WHAT, Catalogue, Plugin
from wlra_dist.scenario.choices import as_class, options_of
from wlra_dist.scenario.options import ProtocolOptions

GROUP = "wlra_dist.plugins"
"""The group of the entry points by which an installed package offers a module as a plugin."""

KEY = "plugins"
"""The key of a scenario, outside all tables, that lists files; relative ones are beside the scenario."""

METHODS = {"PROTOCOLS": "__call__", "SELECTORS": "__call__", "INSTANCES": "open", "SOLVERS": "__call__"}
"""What a dataclass of a table must be able to do, and what a function in its place does."""


def with_plugins(files: Iterable[Path | str] = (), known: Catalogue = BUILT_IN) -> Catalogue:
    """The names that are known, those of installed plugins, and those of these files.

    Raises:
        InputError: a file cannot be loaded or names nothing, or one of its names is taken.
    """
    for plugin in (*map(_installed, entry_points(group=GROUP)), *map(_of_file, map(Path, files))):
        known = known.with_plugin(plugin)
    return known


def stated_files(tables: Mapping[str, Any], scenario: Path) -> list[Path]:
    """The plugin files that a scenario lists; InputError if it does so in another way."""
    stated = tables.get(KEY, [])
    if not isinstance(stated, list) or not all(isinstance(name, str) for name in stated):
        raise InputError(f'{scenario}: {KEY} must list files, such as ["mine.py"], got {stated!r:.60}')
    return [scenario.absolute().parent / name for name in stated]


def _of_file(path: Path) -> Plugin:
    try:
        source = path.read_bytes()
    except OSError as error:
        raise InputError(f"the plugin {path} cannot be read: {error.strerror}") from None
    digest = sha256(source).hexdigest()
    return _plugin(path.name, digest, _module(path, source, f"wlra_dist_plugin_{path.stem}_{digest[:16]}"))


def _module(path: Path, source: bytes, name: str) -> ModuleType:
    """The module of a file; of the same bytes the same one, so that its classes are."""
    if name in sys.modules:
        return sys.modules[name]
    module = ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module  # dataclasses look their annotations up there
    try:
        exec(compile(source, path, "exec"), vars(module))
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise InputError(f"the plugin {path} cannot be loaded: {type(error).__name__}: {error}") from error
    return module


def _installed(point: EntryPoint) -> Plugin:
    try:
        module = point.load()
        source = Path(module.__file__).read_bytes()
    except Exception as error:
        raise InputError(
            f"the installed plugin {point.name} ({point.value}) cannot be loaded: {type(error).__name__}: {error}"
        ) from error
    return _plugin(point.name, sha256(source).hexdigest(), module)


def _plugin(name: str, digest: str, module: ModuleType) -> Plugin:
    tables = {table: dict(_checked(name, table, getattr(module, table))) for table in WHAT if hasattr(module, table)}
    if not any(tables.values()):
        raise InputError(f"{name}: a plugin is expected to define {', '.join(WHAT)}, or one of them; it names nothing")
    beside = [_beside(name, module, table, tables.get("PROTOCOLS", {})) for table in ("UPPER_BOUNDS", "PROMISES")]
    return Plugin(name, digest, tables, *beside)


def _checked(plugin: str, table: str, named: Any) -> Iterator[tuple[str, Any]]:
    """What a table names, as classes; InputError for what cannot be one."""
    if not isinstance(named, Mapping) or not all(isinstance(name, str) for name in named):
        raise InputError(f"{plugin}: {table} must be a dict of names, got {named!r:.60}")
    for name, maker in named.items():
        try:
            yield name, _class(table, maker)
        except (TypeError, ValueError, NameError) as error:
            raise InputError(f"{plugin}: the {WHAT[table]} {name!r} {error}") from error


def _class(table: str, maker: Any) -> type:
    if table == "WEIGHTS":
        if not isinstance(maker, type):
            raise TypeError(f"is no class but {maker!r:.60}")
        return maker
    made = as_class(maker, METHODS[table])
    common = [field.name for field in fields(ProtocolOptions)]
    if table == "PROTOCOLS" and (twice := [name for name in options_of(made) if name in common]):
        raise ValueError(f"has an option {twice[0]}, which all protocols have: read it from its terms, or rename it")
    return made


def _beside(plugin: str, module: ModuleType, table: str, protocols: Mapping[str, Any]) -> Mapping[str, Any]:
    """A table that tells more of the plugin's own protocols."""
    entries = getattr(module, table, {})
    if not isinstance(entries, Mapping) or not entries.keys() <= protocols.keys():
        raise InputError(f"{plugin}: {table} must be a dict of names in its PROTOCOLS, got {entries!r:.60}")
    right = callable if table == "UPPER_BOUNDS" else get_args(Promise).__contains__
    if wrong := [name for name, value in entries.items() if not right(value)]:
        kind = "a function of Sizes" if table == "UPPER_BOUNDS" else " or ".join(map(repr, get_args(Promise)))
        raise InputError(f"{plugin}: {table} of {wrong[0]!r} must be {kind}, got {entries[wrong[0]]!r:.60}")
    return entries
