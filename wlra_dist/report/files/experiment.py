"""An experiment kept: each table as CSV (and Parquet where pyarrow is installed), pictures, and all that was public."""

import json
from pathlib import Path

from wlra_dist.record.files.directory import appearing, check_replaceable
from wlra_dist.record.files.format import FORMAT
from wlra_dist.report.files.rows import write_csv, write_parquet
from wlra_dist.report.pictures import compression, rank_sweep
from wlra_dist.report.tables.experiment import record
from wlra_dist.studies.experiments import Experiment, Result
from wlra_dist.studies.experiments.compression import CompressionResult

RECORD = "experiment.json"
TABLES = ("losses", "spectrum", "refinement", "accuracies")
PICTURES = ("losses.png", "weights.png", "refinement.png", "accuracies.png")
FILES = (RECORD, *PICTURES, *(f"{table}.{ending}" for table in TABLES for ending in ("csv", "parquet")))


def check_place(directory: Path) -> None:
    """Before an experiment: InputError where its results could not be kept."""
    check_replaceable(directory, FILES, RECORD)


def write_experiment(asked: Experiment, result: Result, directory: Path) -> None:
    """The directory appears whole, in place of that of an earlier experiment, or not at all.

    Raises:
        InputError: something else is in the way.
        WlraDistError: the disk is full, or something like it.
    """
    with appearing(directory, FILES, RECORD) as unfinished:
        for name, rows in result.tables.items():
            if rows:
                write_csv(rows, unfinished / f"{name}.csv")
                write_parquet(rows, unfinished / f"{name}.parquet")
        if isinstance(result, CompressionResult):
            compression.draw(asked.name, result, unfinished / "accuracies.png")
        else:
            rank_sweep.draw_all(asked.name, result, unfinished)
        text = json.dumps({"format": FORMAT} | dict(record(asked, result)), indent=1, allow_nan=False)
        (unfinished / RECORD).write_text(text + "\n", encoding="utf-8")
