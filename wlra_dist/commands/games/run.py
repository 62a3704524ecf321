"""`wlra-dist run`: a game, all games of a sweep, or many trials of one."""

import argparse
import json
from functools import partial
from pathlib import Path

from wlra_dist.commands.arguments import add_game, check_picture, size
from wlra_dist.commands.entry import Beat, catalogue_of, enter, read_for_all, settings
from wlra_dist.commands.games.sweep import play_sweep
from wlra_dist.commands.games.trials import check_trials, run_trials
from wlra_dist.errors import Exit, InputError
from wlra_dist.playing.play import Outcome, play
from wlra_dist.record.summary import summary
from wlra_dist.record.write import SEAL, ledger_row, write_record
from wlra_dist.report.progress import Progress
from wlra_dist.report.screen import fitted
from wlra_dist.report.tables.run import table
from wlra_dist.report.trace import trace
from wlra_dist.scenario.catalogue import Catalogue
from wlra_dist.scenario.options import Scenario
from wlra_dist.studies.sweep import Sweep, load_sweep
from wlra_dist.world.world import World

EXAMPLE = "wlra-dist run quickstart --set epsilon=0.2 --out runs/quickstart"


def declare(parser: argparse.ArgumentParser) -> None:
    add_game(parser, "keep the record, transcript, solution and picture here; of a sweep, all that is finished")
    parser.add_argument(
        "--trials",
        type=size,
        metavar="T",
        help="play it so often, over fresh coins and a fresh A: how often is it right?",
    )
    parser.add_argument(
        "--keep-certificate",
        action="store_true",
        help="keep the multipliers of the lower bounds too: the record then proves them in one evaluation each",
    )
    parser.add_argument("--trace", action="store_true", help="tell the game message by message: who says what to whom")


def run(options: argparse.Namespace) -> int:
    """Plays what the command line names; its exit code."""
    return enter(_run, options)


def _run(options: argparse.Namespace, world: World, beat: Beat) -> int:
    catalogue = catalogue_of(world, options)
    sweep = Sweep.from_json(read_for_all(world, lambda: _read(options, catalogue)), catalogue)
    if options.trials:
        return run_trials(sweep, options, world, beat)
    if sweep.keys:
        return play_sweep(sweep, options, world, beat)
    return _play(sweep.points[0].scenario, options, world, beat)


def _read(options: argparse.Namespace, catalogue: Catalogue) -> bytes:
    """The games; tries whether their results can be kept."""
    from wlra_dist.scenario.toml import find

    check_picture(options.picture)
    sweep = load_sweep(find(options.scenario), settings(options), catalogue)
    if options.trace and (sweep.keys or options.trials):
        raise InputError("--trace tells one game, and several were asked for: leave out [sweep] and --trials")
    if options.keep_certificate and (sweep.keys or options.trials or not options.out):
        raise InputError("--keep-certificate is for the record of one game: expected --out, no [sweep] and no --trials")
    if options.trials:
        check_trials(sweep, options.out)
    elif options.out:
        _check_place(options.out, bool(sweep.keys))
    return sweep.to_json()


def _check_place(directory: Path, of_sweep: bool) -> None:
    if of_sweep:
        from wlra_dist.report.files.sweep import check_place as check
    else:
        from wlra_dist.record.write import check_writable as check
    check(directory)


def _play(scenario: Scenario, options: argparse.Namespace, world: World, beat: Beat) -> int:
    with Progress(scenario.game.servers) as progress:

        def tick(phase: str) -> None:
            beat(phase)
            progress.tick(phase)

        outcome = play(
            scenario, world, tick, require_rank=options.require_rank, keep_multipliers=options.keep_certificate
        )
    return Exit.OK if outcome is None else _report(outcome, options)


def _report(outcome: Outcome, options: argparse.Namespace) -> int:
    facts = summary(outcome)
    rows = list(map(ledger_row, outcome.account.entries)) if options.trace else []
    if options.out or options.picture:
        from wlra_dist.report.pictures.run import draw
        from wlra_dist.report.pictures.views import views

        drawn = partial(draw, seen=views(outcome.instance, outcome.solution, outcome.scenario.kind))
        if options.out:
            facts[SEAL] = write_record(outcome, options.out, drawn)
        if options.picture:
            drawn(facts, outcome.account.entries, options.picture)
    if options.json:
        print(json.dumps(facts | ({"trace": rows} if options.trace else {})))
    else:
        print(fitted("\n\n".join([*([trace(rows)] if options.trace else []), table(facts)])))
    if options.out and not options.json:
        print(fitted(f"The record, the transcript, the solution and a picture are in {options.out}/"))
    return Exit.VERIFICATION if outcome.holds is False else Exit.OK
