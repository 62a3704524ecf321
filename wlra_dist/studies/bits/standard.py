"""The standard set: frozen games by whose bits protocols are compared, and what is kept of each that was played."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

from wlra_dist.errors import InputError
from wlra_dist.playing.play import Outcome
from wlra_dist.record.summary import summary
from wlra_dist.scenario.catalogue import BUILT_IN, Catalogue
from wlra_dist.scenario.choices import options_of
from wlra_dist.scenario.draft import Draft
from wlra_dist.scenario.options import Scenario
from wlra_dist.scenario.toml import draft_of, read_tables
from wlra_dist.scenario.words import one_of
from wlra_dist.studies import sweep_points as finished
from wlra_dist.studies.compare import comparison_of, play_games
from wlra_dist.world.world import Alone

STANDARD = Path(__file__).with_name("standard.toml")

VERSION = "version"
"""The key of the set's number; all else in the file are instances."""

Facts = dict[str, Any]


def version() -> int:
    """The number of the set."""
    return read_tables(STANDARD)[VERSION]


def standard_games(
    names: Sequence[str] = (), catalogue: Catalogue = BUILT_IN, fresh: int = 0, file: Path = STANDARD
) -> dict[str, Draft]:
    """The instances by name, all if none is named; InputError for a name that is none.

    Args:
        names: of instances.
        catalogue: what names in them mean.
        fresh: added to the seeds of what is drawn: the same kinds of instances, which nobody can have written down.
        file: of the set.
    """
    instances = {name: tables for name, tables in read_tables(file).items() if name != VERSION}
    for name in names:
        if name not in instances:
            raise InputError(f"--instances: a name {one_of(instances, name)}")
    return {
        name: draft_of(_drawn_again(instances[name], fresh, catalogue), file.with_name(f"{name}.toml"), catalogue)
        for name in names or instances
    }


def _drawn_again(tables: Mapping[str, Any], fresh: int, catalogue: Catalogue) -> Mapping[str, Any]:
    """With another seed, where the kind of instance has one."""
    changed = deepcopy(dict(tables))
    instance = changed["instance"]
    if fresh and "seed" in options_of(catalogue.instances[instance["kind"]]):
        instance["seed"] = instance.get("seed", 0) + fresh
    return changed


def played(draft: Draft, protocols: Sequence[str] = (), kept: Path | None = None) -> Iterator[Facts]:
    """What each protocol says on one instance; games that are finished in the directory `kept` are not played again."""
    try:
        comparison = comparison_of(draft, protocols)
    except InputError as error:  # none of them can play it
        yield from (_declined(draft.path.stem, protocol, str(error)) for protocol in protocols)
        return
    known = {game: _recalled(game, kept) for game in map(finished.key, comparison.games)} if kept else {}
    yield from (facts for facts in known.values() if facts)
    due = [game for game in comparison.games if not kept or not known[finished.key(game)]]
    if due:
        for game, outcome in play_games(replace(comparison, games=tuple(due)), Alone()):
            facts = _facts(game, outcome)
            if kept:
                finished.keep(kept, finished.key(game), facts)
            yield facts
    yield from (_declined(draft.path.stem, protocol, why) for protocol, why in comparison.declined.items())


def _recalled(game: str, kept: Path | None) -> Facts | None:
    return finished.recall(kept, game) if kept else None


def _declined(instance: str, protocol: str, why: str) -> Facts:
    return {"instance": instance, "protocol": protocol, "why": why}


def _facts(game: Scenario, outcome: Outcome | str | None) -> Facts:
    """A game's figures; or why it was not played."""
    if not isinstance(outcome, Outcome):
        return _declined(game.name, game.protocol.name, str(outcome))
    facts = summary(outcome)
    figures = ("bits", "ratio", "epsilon", "loss", "lower_bound_opt", "lower_bound_by", "least_bits", "digest")
    return {
        "instance": game.name,
        "protocol": game.protocol.name,
        **{name: facts[name] for name in figures},
        "within": outcome.right,
        "integer": outcome.instance.integer,
        "seconds": facts["seconds"]["play"],
    }


def fewest(games: Iterable[Facts]) -> dict[str, Facts]:
    """By instance the game with the fewest bits, of those whose accuracy is certified."""
    best: dict[str, Facts] = {}
    for facts in games:
        held = best.get(facts["instance"])
        if facts.get("within") and (held is None or facts["bits"] < held["bits"]):
            best[facts["instance"]] = facts
    return best
