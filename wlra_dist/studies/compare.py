"""Comparisons: one instance, opened once, on which every protocol plays for the same certified target."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby, product
from pathlib import Path

from wlra_dist.errors import InputError, WlraDistError
from wlra_dist.game import Stopwatch
from wlra_dist.playing.opening import open_input
from wlra_dist.playing.play import Outcome, judged, perform, seat_referee
from wlra_dist.scenario.catalogue import BUILT_IN, Catalogue
from wlra_dist.scenario.check import check
from wlra_dist.scenario.draft import Draft
from wlra_dist.scenario.options import Scenario
from wlra_dist.scenario.toml import SWEEP, read_draft
from wlra_dist.scenario.words import one_of
from wlra_dist.world.world import AgreedInputError, World, together

WITHOUT_SELECTOR = frozenset(
    {"raw", "bwz", "distinct", "svd_factors", "frequent_directions", "block_qrcp", "sketch_qrcp", "rounded", "cross"}
)
"""Protocols that choose no columns: one game does for all selectors."""


@dataclass(frozen=True)
class Comparison:
    """Games that differ in nothing but protocol, selector and number of servers.

    Attributes:
        declined: why the other protocols cannot play the scenario, by name.
    """

    name: str
    games: tuple[Scenario, ...]
    declined: dict[str, str]

    def to_json(self) -> bytes:
        return json.dumps([self.name, [game.facts() for game in self.games], self.declined]).encode()

    @classmethod
    def from_json(cls, data: bytes, catalogue: Catalogue = BUILT_IN) -> "Comparison":
        """The comparison whose `to_json` this is; it was checked when it was read."""
        name, games, declined = json.loads(data)
        return cls(name, tuple(Scenario.from_facts(game, catalogue) for game in games), declined)


def load_comparison(
    path: Path,
    settings: Iterable[str] = (),
    protocols: Sequence[str] = (),
    selectors: Sequence[str] = (),
    catalogue: Catalogue = BUILT_IN,
    servers: Sequence[int] = (),
) -> Comparison:
    """The games of a TOML file, with `key=value` settings put over it.

    Args:
        protocols: their names; all but `auto`, which is one of them, if none is given.
        selectors: their names; the scenario's own, if none is given.
        catalogue: what names mean.
        servers: how many; the scenario's own number, if none is given.

    Raises:
        InputError: a name is unknown, or no protocol can play the scenario.
    """
    return comparison_of(read_draft(path, settings, catalogue), protocols, selectors, servers)


def comparison_of(
    draft: Draft, protocols: Sequence[str] = (), selectors: Sequence[str] = (), servers: Sequence[int] = ()
) -> Comparison:
    """The games that a draft states; as `load_comparison`."""
    path = draft.path
    _require_known("--protocols", protocols, draft.catalogue.protocols)
    _require_known("--selectors", selectors, draft.catalogue.selectors)
    if SWEEP in draft.tables:
        raise InputError(f"{path}: its table [{SWEEP}] makes it many games, and a comparison has one instance")
    games: list[Scenario] = []
    declined: dict[str, str] = {}
    names = protocols or [name for name in draft.catalogue.protocols if name != "auto"]
    for among, protocol in product([_among(draft, m) for m in servers] or [draft], names):
        try:
            games += _games(among, protocol, selectors)
        except InputError as error:
            declined[protocol] = str(error).removeprefix(f"{path}: ")
    if not games:
        reasons = dict.fromkeys(declined.values())  # what is wrong for every protocol is told once
        common = [one for one in reasons if not any(other in one for other in reasons if other != one)]
        raise InputError(f"{path}: {'; '.join(common)}")
    able = {game.protocol.name for game in games}
    return Comparison(path.stem, tuple(games), {name: why for name, why in declined.items() if name not in able})


def _among(draft: Draft, m: int) -> Draft:
    """The same game among m servers."""
    changed = draft.copy()
    changed.put(("game", "servers"), m, "--among")
    return changed


def play_games(
    comparison: Comparison, world: World, tick: Callable[[str], None] = lambda _: None, *, require_rank: bool = False
) -> Iterator[tuple[Scenario, Outcome | str | None]]:
    """Plays the games in turn; outcomes are on rank 0, None elsewhere (collective).

    In place of an outcome there is a sentence where a protocol finds the instance unfit for it. A protocol may do so
    by raising InputError before it says a word, if public facts are the reason: then all ranks raise it alike.
    """
    for _, games in groupby(comparison.games, key=lambda game: game.game.servers):
        yield from _play_on_one_deal(comparison.name, list(games), world, tick, require_rank)


def _play_on_one_deal(
    name: str, games: Sequence[Scenario], world: World, tick: Callable[[str], None], require_rank: bool
) -> Iterator[tuple[Scenario, Outcome | str | None]]:
    """Games of which each server has the same columns in all."""
    opened = open_input(games[0], world, Stopwatch(tick), require_rank=require_rank)
    referee = together(world, partial(seat_referee, games[0], opened, world))  # nobody's game begins while it works
    for game in games:
        stopwatch = Stopwatch(tick)
        try:
            played = together(world, partial(perform, game, opened, world, stopwatch))
        except AgreedInputError as error:
            yield game, str(error)
            continue
        except WlraDistError as error:
            raise type(error)(f"{name}, {game.protocol.name}: {error}") from error
        yield game, together(world, partial(judged, played, referee, stopwatch))


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


def _games(draft: Draft, protocol: str, selectors: Sequence[str]) -> list[Scenario]:
    """The games of one protocol."""
    origin = f"--protocols {protocol}"
    changed = draft.with_protocol(protocol, origin)
    if not selectors or protocol in WITHOUT_SELECTOR:
        return [check(changed)]
    games: list[Scenario] = []
    for selector in selectors:
        changed.put(("protocol", "selector"), selector, origin)
        games.append(check(changed))
    return games
