"""The pages of a sweep and of a comparison: all games in one table to sort, and the pictures."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from wlra_dist.errors import InputError
from wlra_dist.report.axis import growth
from wlra_dist.report.files.sweep import MARK
from wlra_dist.report.pages.drawing import Inset, drawing
from wlra_dist.report.pages.page import Page, PageTable, Section
from wlra_dist.report.pictures import comparison as picture
from wlra_dist.report.pictures.canvas import legend_below, sheet
from wlra_dist.report.pictures.comparison_by_servers import draw_by_servers
from wlra_dist.report.pictures.sweep import pictures
from wlra_dist.report.tables import comparison, sweep
from wlra_dist.report.tables.columns import Column
from wlra_dist.studies.sweep_points import POINTS, recall

PANEL, HEAD, ROW = 640, 300, 36
"""Pixels: of a comparison's panel, of its height without games and of a game."""


def page_of_sweep(directory: Path) -> Page:
    """Of the games of a sweep that are finished; InputError where none is."""
    mark = json.loads((directory / MARK).read_text(encoding="utf-8"))
    points = sorted(_points(directory, mark["keys"]), key=lambda facts: _place(facts["swept"]))
    if not points:
        raise InputError(f"{directory}: expected finished games of a sweep, found none")
    rows = [sweep.row(facts) for facts in points]
    words = f"{len(points):,} games of {mark['sweep']}, by {', '.join(mark['keys'])}"
    drawings = list(_drawings(mark["sweep"], points))
    swept = [key for key in rows[0] if key not in {column.key for column in sweep.COLUMNS}]
    grid = _grid(rows, [*swept, *_titled(sweep.COLUMNS)])
    return Page(f"{mark['sweep']}: a sweep", words, [
        Section("How bits grow", " ".join(f"{line}." for line in growth(points)), drawings),
        Section("All games", "A head sorts by its column.", grids=[grid]),
    ])  # fmt: skip


def page_of_comparison(directory: Path) -> Page:
    """Of a comparison's games, and who could not play."""
    record = json.loads((directory / "comparison.json").read_text(encoding="utf-8"))
    games = record["games"]
    rows = [comparison.row(game) for game in games]
    title = comparison.title(games[0])
    grid = _grid(rows, ["protocol", "selector", *_titled(comparison.COLUMNS)])
    declined = [[name, reason] for name, reason in record["declined"].items()]
    return Page(f"{record['scenario']}: a comparison", title, [
        _drawn(rows),
        Section("All games", "A head sorts by its column.", grids=[grid]),
        *([Section("Who cannot play", grids=[PageTable(["protocol", "why"], declined)])] if declined else []),
    ])  # fmt: skip


def _titled(columns: Sequence[Column]) -> list[str]:
    """The figures that a screen has room for; the files have all."""
    return [column.key for column in columns if column.title]


def _drawn(rows: Sequence[Mapping[str, Any]]) -> Section:
    """The pictures of the games, or the only one where they are among several numbers of servers."""
    if rows[0]["among"] is None:
        return Section("Bits and losses", picture.SEE, list(_panels(rows)))
    lines = drawing(partial(draw_by_servers, "", rows), "Bits of each protocol by the number of servers.", "lines")
    return Section("Bits by the number of servers", drawings=[lines])


def _panels(rows: Sequence[Mapping[str, Any]]) -> Iterator[Inset]:
    """Both panels of the picture, one by one: on a telephone they stand below each other."""
    games = picture.cheapest_first(rows)
    panels = {
        "bits": (picture.draw_bits, "All bits of each game, both directions apart, and the theorem's bound."),
        "losses": (picture.draw_losses, "Bits against the certified loss, under the same marks."),
    }

    for name, (draw, words) in panels.items():

        def panel(path: Path, draw: Callable[..., None] = draw) -> None:
            with sheet(path, PANEL, HEAD + ROW * len(games)) as figure:
                draw(figure.subplots(), games)
                legend_below(figure, grows=True)

        yield drawing(panel, words, name)


def _points(directory: Path, keys: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """The finished points that this sweep swept."""
    for file in sorted((directory / POINTS).glob("*.json")):
        facts = recall(directory, file.stem)
        if facts is not None and list(facts["swept"]) == list(keys):
            yield facts


def _place(swept: Mapping[str, Any]) -> list[tuple[bool, float, str]]:
    """Numbers by size, and before names."""
    return [
        (not isinstance(value, int | float), value if isinstance(value, int | float) else 0.0, str(value))
        for value in swept.values()
    ]


def _drawings(name: str, points: Sequence[Mapping[str, Any]]) -> Iterator[Inset]:
    for i, (file, draw) in enumerate(pictures(name, points).items()):
        yield drawing(draw, f"Bits along an axis of the sweep ({Path(file).stem.replace('_', ' ')}).", f"sweep{i}")


def _grid(rows: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> PageTable:
    """The columns that any row has a value for."""
    known = [key for key in keys if any(row[key] is not None for row in rows)]
    return PageTable([key.replace("_", " ") for key in known], [[_cell(row[key]) for key in known] for row in rows])


def _cell(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list) else value
