"""Sweeps: a scenario with lists of values for some of its keys, of which every combination is one game.

The table [sweep] names keys as `--set` does: bare where one table has them, else "instance.seed"; some by what people
call them, such as m (scenario.toml.SHORT_NAMES). All points are checked before the first is played, so that hours do
not end in a typing error.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

from wlra_dist.errors import InputError, WlraDistError
from wlra_dist.playing.play import Outcome, play
from wlra_dist.scenario.catalogue import BUILT_IN, Catalogue
from wlra_dist.scenario.check import check
from wlra_dist.scenario.draft import Draft, Place
from wlra_dist.scenario.options import Scenario
from wlra_dist.scenario.toml import SWEEP, read_draft
from wlra_dist.world.world import World, together

MOST_POINTS = 10_000
"""More of them are taken for a mistake."""


@dataclass(frozen=True)
class Point:
    """One game of a sweep, and the swept values that tell it from the others."""

    values: dict[str, Any]
    scenario: Scenario

    def __str__(self) -> str:
        return _spelled(self.values)


@dataclass(frozen=True)
class Sweep:
    """The games of a scenario file; one, without swept values, if it has no table [sweep]."""

    name: str
    points: tuple[Point, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The swept keys, as the file spells them."""
        return tuple(self.points[0].values)

    def to_json(self) -> bytes:
        return json.dumps([self.name, [[point.values, point.scenario.facts()] for point in self.points]]).encode()

    @classmethod
    def from_json(cls, data: bytes, catalogue: Catalogue = BUILT_IN) -> "Sweep":
        """The sweep whose `to_json` this is; it was checked when it was read."""
        name, points = json.loads(data)
        return cls(name, tuple(Point(values, Scenario.from_facts(facts, catalogue)) for values, facts in points))


def load_sweep(path: Path, settings: Iterable[str] = (), catalogue: Catalogue = BUILT_IN) -> Sweep:
    """All games of a TOML file, with `key=value` settings put over it; InputError if one of them cannot be played."""
    settings = list(settings)
    return sweep_of(read_draft(path, settings, catalogue), settings)


def sweep_of(draft: Draft, settings: Sequence[str] = ()) -> Sweep:
    """All games that a draft states, with those settings over it that were made; InputError as `load_sweep`."""
    path = draft.path
    axes = dict(_axes(draft.tables.pop(SWEEP, {}), path))
    if (count := prod(map(len, axes.values()))) > MOST_POINTS:
        raise InputError(f"{path}: [{SWEEP}] makes {count:,} games; expected at most {MOST_POINTS:,}")
    _forbid_settings_of(axes, settings, draft)
    combinations = (dict(zip(axes, values, strict=True)) for values in product(*axes.values()))
    return Sweep(path.stem, tuple(Point(values, _scenario(draft, values)) for values in combinations))


def play_point(
    sweep: Sweep, point: Point, world: World, tick: Callable[[str], None], require_rank: bool = False
) -> Outcome | None:
    """Plays one game of a sweep; the outcome is on rank 0, None elsewhere (collective). Errors name the point."""
    try:
        # no rank begins the next before its end
        return together(world, partial(play, point.scenario, world, tick, require_rank=require_rank))
    except WlraDistError as error:
        raise type(error)(f"{sweep.name}, at {point}: {error}") from error


def _axes(table: Any, path: Path, prefix: str = "") -> Iterator[tuple[str, list[Any]]]:
    """Each swept key with its values; `instance.s = […]` is a table inside the table."""
    if not isinstance(table, Mapping):
        raise InputError(f"{path}: [{SWEEP}] must be a table of lists, such as s = [16, 64]; got {table!r:.60}")
    for key, values in table.items():
        if isinstance(values, Mapping):
            yield from _axes(values, path, f"{prefix}{key}.")
        elif isinstance(values, list) and values:
            yield prefix + key, values
        else:
            raise InputError(f"{path}: [{SWEEP}] {prefix}{key}: expected a list of values, got {values!r:.60}")


def _forbid_settings_of(axes: Iterable[str], settings: Iterable[str], draft: Draft) -> None:
    """A swept key that `--set` gives one value: which of the two is meant?"""
    swept = _places(axes, draft)
    for setting in settings:
        key = setting.partition("=")[0].strip()
        if key.partition(".")[0] != SWEEP and draft.place_of(key, f"--set {key}=…") in swept:
            raise InputError(f"--set {setting}: {key} is swept; try --set {SWEEP}.{key}=[…]")


def _places(axes: Iterable[str], draft: Draft) -> dict[Place, str]:
    """Where each swept key stands, and under which name."""
    places: dict[Place, str] = {}
    for key in axes:
        place = draft.place_of(key, f"[{SWEEP}] {key}")
        if place[0] not in ("instance", "game", "protocol"):
            raise InputError(f"[{SWEEP}] {key}: expected a key of [instance], [game] or [protocol]")
        if place in places:
            raise InputError(f"[{SWEEP}] {key}: is the same key as {places[place]}; keep one of them")
        places[place] = key
    return places


def _scenario(draft: Draft, values: Mapping[str, Any]) -> Scenario:
    """The scenario at one point."""
    changed = draft.copy()
    for key, value in values.items():
        changed.set(key, value, f"[{SWEEP}] {key}")
    return check(changed, _spelled(values))


def _spelled(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} = {value}" for key, value in values.items())
