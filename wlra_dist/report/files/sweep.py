"""The directory of a sweep: finished points while it goes on, and when it ends its table and its pictures.

Unlike that of a run it is there from the first point on, since it is what a sweep goes on from. Every file in it
appears whole; nothing is ever removed but the pictures of an earlier table.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from wlra_dist.record.files.format import FORMAT
from wlra_dist.report.files.placed import check_growing, placed
from wlra_dist.report.files.rows import write_csv, write_parquet
from wlra_dist.report.pictures.sweep import pictures
from wlra_dist.report.tables.sweep import row

MARK = "sweep.json"
"""What tells the directory of a sweep from others, and says which it is."""

TABLE, EXPORT, PICTURES = "sweep.csv", "sweep.parquet", "by_*.png"


def check_place(directory: Path) -> None:
    """Before a sweep: InputError where its results could not be kept."""
    check_growing(directory, MARK)


def begin(directory: Path, name: str, swept: Sequence[str]) -> None:
    """Makes the directory, if there is none, and says in it what it is."""
    mark = {"format": FORMAT, "sweep": name, "keys": list(swept)}
    placed(directory, MARK, lambda path: path.write_text(json.dumps(mark) + "\n"))


def finish(directory: Path, name: str, points: Sequence[Mapping[str, Any]]) -> list[str]:
    """Writes the table and the pictures of all points; the names of the files.

    Raises:
        WlraDistError: the disk is full, or something like it.
    """
    rows = [row(facts) for facts in points]
    files: dict[str, Callable[[Path], Any]] = {TABLE: lambda path: write_csv(rows, path)}
    files[EXPORT] = lambda path: write_parquet(rows, path)
    files |= pictures(name, points)
    written = [file for file, write in files.items() if placed(directory, file, write)]
    for stale in {path.name for path in directory.glob(PICTURES)} - set(written):
        (directory / stale).unlink()
    return written
