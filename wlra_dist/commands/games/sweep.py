"""Every game of a sweep in turn, all ranks in step; a line for each as it ends: of a table, or a JSON object.

With --out a game that ended is kept at once, and a sweep that starts again goes on where it was interrupted.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from wlra_dist.commands.entry import Beat
from wlra_dist.errors import Exit
from wlra_dist.report.axis import growth
from wlra_dist.report.screen import fitted
from wlra_dist.report.tables.columns import Column
from wlra_dist.report.tables.sweep import columns, headline, line, point_facts, widths
from wlra_dist.studies import sweep_points as finished
from wlra_dist.studies.sweep import Point, Sweep, play_point
from wlra_dist.world.world import World

Facts = dict[str, Any]


def play_sweep(sweep: Sweep, options: argparse.Namespace, world: World, beat: Beat) -> int:
    """Plays what is not yet finished and tells of all; the exit code."""
    kept = _recalled(sweep, options) if world.rank == 0 else {}
    skipped = json.loads(world.broadcast(json.dumps(list(kept)).encode() if world.rank == 0 else None))
    if skipped:
        _tell(options, f"{len(skipped)} of {len(sweep.points)} games were finished before, and are not played again")
    room = widths([point.values for point in sweep.points])
    chosen: tuple[Column, ...] = ()
    points: list[Facts] = []
    for i, point in enumerate(sweep.points):
        facts = kept.get(i) if i in skipped else _played(sweep, point, options, world, beat)
        if facts is None:
            continue
        points.append(facts)
        if options.json:
            print(json.dumps(facts), flush=True)
            continue
        before, chosen = chosen, columns(points, room)
        _tell(options, *([headline(room, chosen)] if chosen != before else []), line(facts, room, chosen))
    return _report(sweep, points, options) if world.rank == 0 else Exit.OK


def _recalled(sweep: Sweep, options: argparse.Namespace) -> dict[int, Facts]:
    """The finished points by number."""
    if not options.out:
        return {}
    from wlra_dist.report.files.sweep import begin

    begin(options.out, sweep.name, sweep.keys)
    known = ((i, finished.recall(options.out, finished.key(point.scenario))) for i, point in enumerate(sweep.points))
    return {
        i: point_values(sweep.points[i], facts)
        for i, facts in known
        if facts is not None and not (options.require_rank and facts["rank_claim"] == "refuted")
    }


def point_values(point: Point, facts: Facts) -> Facts:
    """The facts under this sweep's names: an earlier one may have swept the same game by others."""
    from wlra_dist.record.summary import plain

    return facts | {"scenario": point.scenario.name, "swept": plain(point.values)}


def _played(sweep: Sweep, point: Point, options: argparse.Namespace, world: World, beat: Beat) -> Facts | None:
    """A point's facts on rank 0, where they are kept; None elsewhere (collective)."""
    outcome = play_point(sweep, point, world, beat, options.require_rank)
    if outcome is None:
        return None
    facts = point_facts(point.values, outcome)
    if options.out:
        finished.keep(options.out, finished.key(point.scenario), facts)
    return facts


def _kept(sweep: Sweep, points: list[Facts], options: argparse.Namespace) -> list[str]:
    """The names of the files that the whole sweep leaves."""
    if not options.out:
        return []
    from wlra_dist.report.files.sweep import finish

    return finish(options.out, sweep.name, points)


def _report(sweep: Sweep, points: list[Facts], options: argparse.Namespace) -> int:
    written = _kept(sweep, points, options)
    if options.picture:
        _draw(sweep.name, points, options.picture)
    _tell(options, *growth(points))
    if written:
        _tell(options, f"In {options.out}/ are {', '.join(written)}")
    return Exit.VERIFICATION if any(facts["holds"] is False for facts in points) else Exit.OK


def _draw(name: str, points: list[Facts], file: Path) -> None:
    """FILE of the only picture; FILE_by_k of several, by axis."""
    from wlra_dist.report.pictures.sweep import pictures

    drawn = pictures(name, points)
    for axis, draw in drawn.items():
        draw(file if len(drawn) == 1 else file.with_stem(f"{file.stem}_{Path(axis).stem}"))


def _tell(options: argparse.Namespace, *lines: str) -> None:
    if not options.json:
        print(*map(fitted, lines), sep="\n", end="\n" if lines else "", flush=True)
