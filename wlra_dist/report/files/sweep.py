"""The directory of a sweep: finished points while it goes on, and when it ends its table and its pictures.

Unlike that of a run it is there from the first point on, since it is what a sweep goes on from. Every file in it
appears whole; nothing is ever removed but the pictures of an earlier table.
"""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from wlra_dist.errors import InputError, WlraDistError
from wlra_dist.record.files.directory import check_replaceable
from wlra_dist.record.files.format import FORMAT
from wlra_dist.report.files.rows import write_csv, write_parquet
from wlra_dist.report.pictures.sweep import pictures
from wlra_dist.report.tables.sweep import row
from wlra_dist.world.leftovers import passing

MARK = "sweep.json"
"""What tells the directory of a sweep from others, and says which it is."""

TABLE, EXPORT, PICTURES = "sweep.csv", "sweep.parquet", "by_*.png"


def check_place(directory: Path) -> None:
    """Before a sweep: InputError where its results could not be kept."""
    if not (directory / MARK).is_file():
        check_replaceable(directory, (), MARK)
    elif not os.access(directory, os.W_OK | os.X_OK):
        raise InputError(f"{directory}: cannot be written to; try another place")


def begin(directory: Path, name: str, swept: Sequence[str]) -> None:
    """Makes the directory, if there is none, and says in it what it is."""
    mark = {"format": FORMAT, "sweep": name, "keys": list(swept)}
    _placed(directory, MARK, lambda path: path.write_text(json.dumps(mark) + "\n"))


def finish(directory: Path, name: str, points: Sequence[Mapping[str, Any]]) -> list[str]:
    """Writes the table and the pictures of all points; the names of the files.

    Raises:
        WlraDistError: the disk is full, or something like it.
    """
    rows = [row(facts) for facts in points]
    files: dict[str, Callable[[Path], Any]] = {TABLE: lambda path: write_csv(rows, path)}
    files[EXPORT] = lambda path: write_parquet(rows, path)
    files |= pictures(name, points)
    written = [file for file, write in files.items() if _placed(directory, file, write)]
    for stale in {path.name for path in directory.glob(PICTURES)} - set(written):
        (directory / stale).unlink()
    return written


def _placed(directory: Path, name: str, write: Callable[[Path], Any]) -> bool:
    """Has a file written beside its place, then moved there; whether there was something to write."""
    unfinished = directory / f".{name}.unfinished"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with passing(unfinished):
            write(unfinished)
            if not unfinished.exists():
                return False
            with unfinished.open("rb") as file:
                os.fsync(file.fileno())
            os.replace(unfinished, directory / name)
    except OSError as error:
        raise WlraDistError(f"{directory / name}: could not be written ({error.strerror})") from error
    return True
