"""Many games in one line of Python: every protocol on one instance, or every point of a sweep."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any

from wlra_dist.errors import InputError
from wlra_dist.inputs.brief import page
from wlra_dist.playing.play import Outcome
from wlra_dist.record.summary import plain, summary
from wlra_dist.scenario.drafted import Source, drafted
from wlra_dist.studies.compare import comparison_of, play_games, selector_of
from wlra_dist.studies.sweep import play_point, sweep_of
from wlra_dist.world.world import Alone


@dataclass(frozen=True, eq=False)
class Games:
    """Games that were played side by side.

    Parameters
    ----------
    name
        Of the scenario.
    varied
        For each game what tells it from the others: its protocol and selector, or the values that were swept.
    outcomes
        Of the games, in the same order.
    declined
        By protocol, why it could not play.
    """

    name: str
    varied: tuple[dict[str, Any], ...]
    outcomes: tuple[Outcome, ...]
    declined: dict[str, str]

    def __len__(self) -> int:
        return len(self.outcomes)

    def __iter__(self) -> Iterator[Outcome]:
        return iter(self.outcomes)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """For each game what was varied and all figures of its summary: what a data frame is made of."""
        pairs = zip(self.varied, self.outcomes, strict=True)
        return [{**plain(varied), **summary(outcome)} for varied, outcome in pairs]

    def __repr__(self) -> str:
        declined = f", {len(self.declined)} declined" if self.declined else ""
        return f"<{len(self)} games of {self.name[:80]!r}{declined}>"

    def _repr_html_(self) -> str:
        return page(self)


def compare(
    scenario: Source,
    protocols: Sequence[str] = (),
    selectors: Sequence[str] = (),
    *,
    plugins: Iterable[str | PathLike[str]] = (),
    **settings: Any,
) -> Games:
    """Plays protocols side by side on one instance, for one certified target.

    Parameters
    ----------
    scenario
        As `play` takes it; its protocol's name does not matter.
    protocols
        Names; all that there are, if none is given.
    selectors
        Names, each of which every protocol plays with that chooses columns; the scenario's own, if none is given.
    plugins
        Files that name protocols and selectors of your own.
    **settings
        Keys that go over the scenario's.

    Returns
    -------
    Games
        Those that could be played, and why the others could not.

    Raises
    ------
    InputError
        A name is unknown, or no protocol can play the scenario.
    """
    comparison = comparison_of(drafted(scenario, plugins, settings), protocols, selectors)
    declined, varied, outcomes = dict(comparison.declined), [], []
    for game, outcome in play_games(comparison, Alone()):
        if isinstance(outcome, Outcome):
            varied.append({"protocol": game.protocol.name, "selector": selector_of(game)})
            outcomes.append(outcome)
        else:
            declined[game.protocol.name] = str(outcome)
    return Games(comparison.name, tuple(varied), tuple(outcomes), declined)


def sweep(
    scenario: Source,
    axes: Mapping[str, Sequence[Any]],
    *,
    plugins: Iterable[str | PathLike[str]] = (),
    **settings: Any,
) -> Games:
    """Plays every combination of values of some keys.

    Parameters
    ----------
    scenario
        As `play` takes it.
    axes
        For each key its values, in place of a scenario's own table [sweep]: ``{"servers": [1, 2, 4], "s": [8, 16]}``.
    plugins
        Files that name protocols, selectors or instance kinds of your own.
    **settings
        Keys that go over the scenario's.

    Returns
    -------
    Games
        One for each combination, the last key turning fastest.

    Raises
    ------
    InputError
        A key is none, or a combination cannot be played.
    """
    draft = drafted(scenario, plugins, settings)
    if twice := [key for key in axes if key in settings]:
        raise InputError(f"{twice[0]} is swept, and was given one value")
    draft.tables["sweep"] = {key: list(values) for key, values in axes.items()}
    games = sweep_of(draft)
    played = [(point.values, play_point(games, point, Alone(), lambda _: None)) for point in games.points]
    outcomes = tuple(outcome for _, outcome in played if outcome is not None)
    return Games(games.name, tuple(values for values, _ in played), outcomes, {})
