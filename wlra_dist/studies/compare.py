"""Comparisons: one instance, opened once, on which every protocol plays for the same certified target."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from wlra_dist.css import SELECTORS
from wlra_dist.errors import InputError, WlraDistError
from wlra_dist.game import Stopwatch
from wlra_dist.playing.play import Outcome, judged, open_input, perform, seat_referee
from wlra_dist.protocols import PROTOCOLS
from wlra_dist.scenario.options import Scenario
from wlra_dist.scenario.toml import SWEEP, check, one_of, put, read_tables
from wlra_dist.world.world import AgreedInputError, World, together

WITHOUT_SELECTOR = frozenset(
    {"raw", "bwz", "distinct", "svd_factors", "frequent_directions", "block_qrcp", "sketch_qrcp"}
)
"""Protocols that choose no columns: one game does for all selectors."""


@dataclass(frozen=True)
class Comparison:
    """Games that differ in nothing but protocol and selector.

    Attributes:
        declined: why the other protocols cannot play the scenario, by name.
    """

    name: str
    games: tuple[Scenario, ...]
    declined: dict[str, str]

    def to_json(self) -> bytes:
        return json.dumps([self.name, [game.facts() for game in self.games], self.declined]).encode()

    @classmethod
    def from_json(cls, data: bytes) -> "Comparison":
        """The comparison whose `to_json` this is; it was checked when it was read."""
        name, games, declined = json.loads(data)
        return cls(name, tuple(map(Scenario.from_facts, games)), declined)


def load_comparison(
    path: Path, settings: Iterable[str] = (), protocols: Sequence[str] = (), selectors: Sequence[str] = ()
) -> Comparison:
    """The games of a TOML file, with `key=value` settings put over it.

    Args:
        protocols: their names; all of them, if none is given.
        selectors: their names; the scenario's own, if none is given.

    Raises:
        InputError: a name is unknown, or no protocol can play the scenario.
    """
    _require_known("--protocols", protocols, PROTOCOLS)
    _require_known("--selectors", selectors, SELECTORS)
    tables = read_tables(path, settings)
    if SWEEP in tables:
        raise InputError(f"{path}: its table [{SWEEP}] makes it many games, and a comparison has one instance")
    games: list[Scenario] = []
    declined: dict[str, str] = {}
    for protocol in protocols or PROTOCOLS:
        try:
            games += _games(tables, path, protocol, selectors)
        except InputError as error:
            declined[protocol] = str(error).removeprefix(f"{path}: ")
    if not games:
        reasons = dict.fromkeys(declined.values())  # what is wrong for every protocol is told once
        common = [one for one in reasons if not any(other in one for other in reasons if other != one)]
        raise InputError(f"{path}: {'; '.join(common)}")
    return Comparison(path.stem, tuple(games), declined)


def play_games(
    comparison: Comparison, world: World, tick: Callable[[str], None] = lambda _: None, *, require_rank: bool = False
) -> Iterator[tuple[Scenario, Outcome | str | None]]:
    """Plays the games in turn; outcomes are on rank 0, None elsewhere (collective).

    In place of an outcome there is a sentence where a protocol finds the instance unfit for it. A protocol may do so
    by raising InputError before it says a word, if public facts are the reason: then all ranks raise it alike.
    """
    first = comparison.games[0]
    opened = open_input(first, world, Stopwatch(tick), require_rank=require_rank)
    referee = together(world, partial(seat_referee, first, opened, world))  # nobody's game begins while he works
    for game in comparison.games:
        stopwatch = Stopwatch(tick)
        try:
            played = together(world, partial(perform, game, opened, world, stopwatch))
        except AgreedInputError as error:
            yield game, str(error)
            continue
        except WlraDistError as error:
            raise type(error)(f"{comparison.name}, {game.protocol.name}: {error}") from error
        yield game, together(world, partial(judged, played, referee, world, stopwatch))


def selector_of(game: Scenario) -> str | None:
    """The name of the selector that a game's columns are chosen by."""
    if game.protocol.name in WITHOUT_SELECTOR:
        return None
    selector = game.protocol.selector
    return selector if isinstance(selector, str) else selector["name"]


def _require_known(option: str, names: Iterable[str], known: Iterable[str]) -> None:
    for name in names:
        if name not in known:
            raise InputError(f"{option}: a name {one_of(known, name)}")


def _games(tables: dict[str, Any], path: Path, protocol: str, selectors: Sequence[str]) -> list[Scenario]:
    """The games of one protocol."""
    said = f"--protocols {protocol}"
    changed = deepcopy(tables)
    put(changed, ("protocol", "name"), protocol, said)
    if not selectors or protocol in WITHOUT_SELECTOR:
        return [check(changed, path)]
    games: list[Scenario] = []
    for selector in selectors:
        put(changed, ("protocol", "selector"), selector, said)
        games.append(check(changed, path))
    return games
