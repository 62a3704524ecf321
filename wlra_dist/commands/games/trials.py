"""`wlra-dist run --trials T`: one scenario, many games; a table at the end, or one JSON object."""

import argparse
import json
from pathlib import Path

from wlra_dist.commands.entry import Beat
from wlra_dist.errors import Exit, InputError
from wlra_dist.report.progress import Progress
from wlra_dist.report.screen import fitted
from wlra_dist.report.tables.trials import table
from wlra_dist.studies.sweep import Sweep
from wlra_dist.studies.trials import play_trials
from wlra_dist.world.world import World


def check_trials(sweep: Sweep, out: Path | None) -> None:
    """InputError where these are many games already, or where their results could not be kept."""
    if sweep.keys:
        raise InputError(
            f"--trials expects one game, but {sweep.name} sweeps {', '.join(sweep.keys)}: drop one of them"
        )
    if out:
        from wlra_dist.report.files.trials import check_place

        check_place(out)


def run_trials(sweep: Sweep, options: argparse.Namespace, world: World, beat: Beat) -> int:
    """Plays them and tells of all; the exit code."""
    with Progress(options.trials, noun="games") as progress:
        facts = play_trials(sweep.points[0].scenario, options.trials, world, beat, progress.tick)
    if facts is None:
        return Exit.OK
    if options.out:
        from wlra_dist.report.files.trials import write_trials

        write_trials(facts, options.out)
    if options.picture:
        from wlra_dist.report.pictures.trials import draw

        draw(facts, options.picture)
    print(json.dumps(facts) if options.json else fitted(table(facts)))
    if options.out and not options.json:
        print(f"The table, a picture and all figures are in {options.out}/")
    return Exit.VERIFICATION if facts["broken"] else Exit.OK
