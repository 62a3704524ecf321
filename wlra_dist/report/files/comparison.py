"""A comparison kept: its table as CSV, as Parquet where pyarrow is installed, its picture, and all that was public."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from wlra_dist.record.files.directory import appearing, check_replaceable
from wlra_dist.record.files.format import FORMAT
from wlra_dist.report.files.rows import write_csv, write_parquet
from wlra_dist.report.pictures.comparison import draw
from wlra_dist.report.pictures.comparison_by_servers import draw_by_servers

TABLE, EXPORT, PICTURE, RECORD = "comparison.csv", "comparison.parquet", "comparison.png", "comparison.json"
FILES = (TABLE, EXPORT, PICTURE, RECORD)


def check_place(directory: Path) -> None:
    """Before a comparison: InputError where its results could not be kept."""
    check_replaceable(directory, FILES, RECORD)


def draw_comparison(title: str, rows: Sequence[Mapping[str, Any]], path: Path) -> None:
    """The picture: bits and losses by protocol, or bits by the number of servers where that differs."""
    (draw if rows[0]["among"] is None else draw_by_servers)(title, rows, path)


def write_comparison(title: str, rows: Sequence[Mapping[str, Any]], record: Mapping[str, Any], directory: Path) -> None:
    """The directory appears whole, in place of that of an earlier comparison, or not at all.

    Args:
        title: stands over the picture.
        rows: of the table.
        record: for comparison.json.

    Raises:
        InputError: something else is in the way.
        WlraDistError: the disk is full, or something like it.
    """
    with appearing(directory, FILES, RECORD) as unfinished:
        write_csv(rows, unfinished / TABLE)
        write_parquet(rows, unfinished / EXPORT)
        draw_comparison(title, rows, unfinished / PICTURE)
        text = json.dumps({"format": FORMAT} | dict(record), indent=1, allow_nan=False)
        (unfinished / RECORD).write_text(text + "\n", encoding="utf-8")
