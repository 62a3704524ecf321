"""`wlra-dist compare`: every protocol on one instance, a line for each as it ends, or one JSON object at last."""

import argparse
import json
from typing import Any

from wlra_dist.commands.arguments import add_game, check_picture, counts, names
from wlra_dist.commands.entry import Beat, catalogue_of, enter, read_for_all, settings
from wlra_dist.errors import Exit
from wlra_dist.playing.play import Outcome
from wlra_dist.record.summary import plain, summary
from wlra_dist.report.screen import fitted
from wlra_dist.report.tables.columns import Column
from wlra_dist.report.tables.comparison import columns, figures, headline, line, row, title, unfit
from wlra_dist.scenario.catalogue import Catalogue
from wlra_dist.scenario.options import Scenario
from wlra_dist.studies.compare import Comparison, load_comparison, play_games, selector_of
from wlra_dist.world.world import World

Facts = dict[str, Any]


EXAMPLE = "wlra-dist compare comparison --protocols one_round,bwz"


def declare(parser: argparse.ArgumentParser) -> None:
    add_game(parser, "keep the table and a picture here")
    parser.add_argument("--protocols", type=names, default=[], metavar="A,B,…", help="these alone")
    parser.add_argument("--among", type=counts, default=[], metavar="M,N,…", help="each game among so many servers")
    parser.add_argument("--selectors", type=names, default=[], metavar="A,B,…", help="each protocol with each of them")


def run(options: argparse.Namespace) -> int:
    """Plays what the command line names; its exit code."""
    return enter(_compare, options)


def _compare(options: argparse.Namespace, world: World, beat: Beat) -> int:
    catalogue = catalogue_of(world, options)
    comparison = Comparison.from_json(read_for_all(world, lambda: _read(options, catalogue)), catalogue)
    games: list[Facts] = []
    chosen: tuple[Column, ...] = ()
    declined = dict(comparison.declined)
    for game, outcome in play_games(comparison, world, beat, require_rank=options.require_rank):
        if isinstance(outcome, str):
            declined[game.protocol.name] = outcome
        elif outcome is not None:
            games.append(_facts(game, outcome, several=len(options.among) > 1))
            before, chosen = chosen, columns(games)
            heads = [headline(chosen)] if chosen != before else []
            _tell(options, *([] if games[1:] else [title(games[0])]), *heads, line(row(games[-1]), chosen))
    return _report(comparison.name, games, declined, options) if world.rank == 0 else Exit.OK


def _read(options: argparse.Namespace, catalogue: Catalogue) -> bytes:
    """The games; tries whether their results can be kept."""
    from wlra_dist.scenario.toml import find

    check_picture(options.picture)
    path = find(options.scenario)
    comparison = load_comparison(
        path, settings(options), options.protocols, options.selectors, catalogue, options.among
    )
    if options.out:
        from wlra_dist.report.files.comparison import check_place

        check_place(options.out)
    return comparison.to_json()


def _facts(game: Scenario, outcome: Outcome, *, several: bool) -> Facts:
    """A game's figures, and all that was public; with the number of servers where that differs."""
    return figures(outcome, selector_of(game), game.game.servers if several else None) | {
        "summary": summary(outcome),
        "public": plain(game.facts()),
    }


def _report(name: str, games: list[Facts], declined: dict[str, str], options: argparse.Namespace) -> int:
    """Tells who could not play, and keeps what is to be kept; the exit code."""
    _tell(options, *(unfit(protocol, reason) for protocol, reason in declined.items()))
    record = {"scenario": name, "games": games, "declined": declined}
    if options.out and games:
        from wlra_dist.report.files.comparison import write_comparison

        write_comparison(title(games[0]), list(map(row, games)), record, options.out)
        _tell(options, f"The table and a picture are in {options.out}/")
    if options.picture and games:
        from wlra_dist.report.files.comparison import draw_comparison

        draw_comparison(title(games[0]), list(map(row, games)), options.picture)
    if options.json:
        print(json.dumps(record))
    return Exit.VERIFICATION if any(game["summary"]["holds"] is False for game in games) else Exit.OK


def _tell(options: argparse.Namespace, *lines: str) -> None:
    if not options.json:
        print(*map(fitted, lines), sep="\n", end="\n" if lines else "", flush=True)
