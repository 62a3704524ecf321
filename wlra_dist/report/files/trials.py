"""Trials kept: every game's bits as CSV, the picture, and all that was public and found."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wlra_dist.record.files.directory import appearing, check_replaceable
from wlra_dist.record.files.format import FORMAT
from wlra_dist.report.files.rows import write_csv
from wlra_dist.report.pictures.trials import draw

TABLE, PICTURE, RECORD = "trials.csv", "trials.png", "trials.json"
FILES = (TABLE, PICTURE, RECORD)


def check_place(directory: Path) -> None:
    """Before the first game: InputError where its results could not be kept."""
    check_replaceable(directory, FILES, RECORD)


def write_trials(facts: Mapping[str, Any], directory: Path) -> None:
    """The directory appears whole, in place of that of earlier trials, or not at all.

    Raises:
        InputError: something else is in the way.
        WlraDistError: the disk is full, or something like it.
    """
    games = zip(facts["bits"], facts["rights"], strict=True)
    with appearing(directory, FILES, RECORD) as unfinished:
        write_csv(
            [{"trial": t, "bits": bits, "right": right} for t, (bits, right) in enumerate(games)], unfinished / TABLE
        )
        draw(facts, unfinished / PICTURE)
        text = json.dumps({"format": FORMAT} | dict(facts), allow_nan=False)
        (unfinished / RECORD).write_text(text + "\n", encoding="utf-8")
