"""`wlra-dist compare`: every protocol on one instance, a line for each as it ends, or one JSON object at last."""

import argparse
import json
from typing import Any

from wlra_dist.commands.entry import Beat, enter, read_for_all, settings
from wlra_dist.compare import Comparison, load_comparison, play_games, selector_of
from wlra_dist.errors import Exit
from wlra_dist.game.world import World
from wlra_dist.play import Outcome
from wlra_dist.report.comparison_table import figures, headline, line, title, unfit
from wlra_dist.report.summary import plain, summary
from wlra_dist.scenario import Scenario


def compare(options: argparse.Namespace) -> int:
    """Plays what the command line names; its exit code."""
    return enter(_compare, options)


def _compare(options: argparse.Namespace, world: World, beat: Beat) -> int:
    comparison = Comparison.from_json(read_for_all(world, lambda: _read(options)))
    report = Report(comparison, options)
    for game, outcome in play_games(comparison, world, beat):
        if isinstance(outcome, Outcome):
            report.add(game, outcome)
        elif isinstance(outcome, str):
            report.decline(game.protocol.name, outcome)
    return report.end() if world.rank == 0 else Exit.OK


def _read(options: argparse.Namespace) -> bytes:
    """The games; tries whether their results can be kept."""
    from wlra_dist.scenario_file import find

    comparison = load_comparison(find(options.scenario), settings(options), options.protocols, options.selectors)
    if options.out:
        from wlra_dist.report.comparison_files import check_place

        check_place(options.out)
    return comparison.to_json()


class Report:
    """What rank 0 tells: a line a game, then the rest."""

    def __init__(self, comparison: Comparison, options: argparse.Namespace) -> None:
        self._comparison, self._options = comparison, options
        self._title = ""
        self._rows: list[dict[str, Any]] = []
        self._games: list[dict[str, Any]] = []
        self._declined = dict(comparison.declined)
        self._holds = True

    def add(self, game: Scenario, outcome: Outcome) -> None:
        """A game that was played."""
        if not self._rows:
            self._title = title(outcome)
            self._tell(self._title)
            self._tell(headline())
        row = figures(outcome, selector_of(game))
        self._tell(line(row))
        self._rows.append(row)
        self._games.append(row | {"public": plain(game.facts()), "summary": summary(outcome)})
        self._holds = self._holds and outcome.holds

    def decline(self, protocol: str, reason: str) -> None:
        """A protocol that found the instance unfit."""
        self._declined[protocol] = reason

    def end(self) -> int:
        """Tells who could not play, keeps what is to be kept; the exit code."""
        for protocol, reason in self._declined.items():
            self._tell(unfit(protocol, reason))
        record = {"scenario": self._comparison.name, "games": self._games, "declined": self._declined}
        if self._options.out and self._rows:
            self._keep(record)
        if self._options.json:
            print(json.dumps(record))
        return Exit.OK if self._holds else Exit.VERIFICATION

    def _keep(self, record: dict[str, Any]) -> None:
        from wlra_dist.report.comparison_files import write_comparison

        write_comparison(self._title, self._rows, record, self._options.out)
        self._tell(f"The table and a picture are in {self._options.out}/")

    def _tell(self, text: str) -> None:
        if not self._options.json:
            print(text, flush=True)
