"""The table of a sweep: a line for each game as it ends, on the screen and in sweep.csv."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from wlra_dist.report.run_directory import appearing, check_replaceable

FILE = "sweep.csv"

STAGES = ("open", "load", "play", "settle", "referee")
"""The phases of a run that follow one another; all others are parts of them."""

NARROWEST = 6
"""Characters of a swept value's column, if its name is not longer."""


class Column(NamedTuple):
    """A figure of the table: its key in sweep.csv, its title and format on the screen, and its width there."""

    key: str
    title: str
    style: str
    width: int


COLUMNS = (
    Column("bits", "bits", ",d", 11),
    Column("lower_bound_bits", "N = srk", ",d", 10),
    Column("bits_beyond_lower_bound", "bits − N", "+,d", 10),
    Column("bits_over_lower_bound", "bits / N", ".5f", 10),
    Column("lower_bound_worst_case", "N − log2 3", ",.1f", 12),
    Column("lower_bound_expected", "(2/3)N − .918", ",.1f", 14),
    Column("loss", "loss", ".4g", 10),
    Column("decoded", "decoded", "", 9),
    Column("seconds", "seconds", ".2f", 9),
)


def figures(facts: Mapping[str, Any]) -> dict[str, Any]:
    """A game's line: the figures of COLUMNS from its summary, None for what it does not have."""
    bits, N = facts["bits"], facts["lower_bound_bits"]
    spent = facts["seconds"]
    own = {
        "bits_beyond_lower_bound": None if N is None else bits - N,
        "decoded": facts["checks"].get("decoded"),
        "seconds": sum(spent.get(stage, 0.0) for stage in STAGES),
    }
    return {column.key: own[column.key] if column.key in own else facts[column.key] for column in COLUMNS}


def headline(swept: Sequence[str]) -> str:
    """The titles of the columns."""
    return "".join([*(f"{key:>{_width(key)}}" for key in swept), *(f"{c.title:>{c.width}}" for c in COLUMNS)])


def line(values: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    """A game's swept values and figures, under the headline."""
    row = figures(facts)
    swept = (f"{_cell(value):>{_width(key)}}" for key, value in values.items())
    return "".join([*swept, *(f"{_shown(row[c.key], c.style):>{c.width}}" for c in COLUMNS)])


def check_place(directory: Path) -> None:
    """Before a sweep: InputError where its table could not be kept."""
    check_replaceable(directory, (FILE,), FILE)


def write_table(points: Iterable[Mapping[str, Any]], directory: Path) -> None:
    """DIRECTORY/sweep.csv, which appears whole or not at all; each point is a summary with its "swept" values.

    Raises:
        InputError: something else is in the way.
        WlraDistError: the disk is full, or something like it.
    """
    rows = [{key: _cell(value) for key, value in facts["swept"].items()} | figures(facts) for facts in points]
    with appearing(directory, (FILE,), FILE) as unfinished, (unfinished / FILE).open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _width(key: str) -> int:
    return max(NARROWEST, len(key) + 2)


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _shown(value: Any, style: str) -> str:
    match value:
        case None:
            return "–"
        case bool():
            return "yes" if value else "no"
    return format(value, style)
