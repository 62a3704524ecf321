"""An experiment kept: each table as CSV (and Parquet where pyarrow is installed), pictures, and all that was public.

One that is made of pieces grows in its directory, so that it can go on after an interruption.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from wlra_dist.record.files.directory import appearing, check_replaceable
from wlra_dist.record.files.format import FORMAT
from wlra_dist.report.files.placed import check_growing, placed
from wlra_dist.report.files.rows import write_csv, write_parquet
from wlra_dist.report.pictures import approximate_als, compression, figures, rank_sweep
from wlra_dist.report.tables.experiment import record
from wlra_dist.studies.experiments import Experiment, Result
from wlra_dist.studies.experiments.approximate_als import ApproximateALSResult
from wlra_dist.studies.experiments.compression import CompressionResult
from wlra_dist.studies.experiments.figure_tables import FiguresResult
from wlra_dist.studies.experiments.figures import Figures
from wlra_dist.studies.experiments.pieces import Keep, KeptIn, unkept

RECORD = "experiment.json"
TABLES = ("losses", "spectrum", "refinement", "accuracies", "optimum", *approximate_als.PANELS)
PICTURES = ("losses", "weights", "refinement", "accuracies", *approximate_als.PANELS)
FILES = (
    RECORD,
    *(f"{picture}.png" for picture in PICTURES),
    *(f"{table}.{ending}" for table in TABLES for ending in ("csv", "parquet")),
)


def check_place(asked: Experiment, directory: Path) -> None:
    """Before an experiment: InputError where its results could not be kept."""
    if isinstance(asked.options, Figures):
        check_growing(directory, RECORD)
    else:
        check_replaceable(directory, FILES, RECORD)


def keeping(asked: Experiment, directory: Path | None) -> Keep:
    """Where the pieces of an experiment go as they are finished, if it has any."""
    if directory is None or not isinstance(asked.options, Figures):
        return unkept
    if not (directory / RECORD).is_file():
        begun = json.dumps({"format": FORMAT, "scenario": asked.name, "public": asked.facts()}) + "\n"
        placed(directory, RECORD, lambda path: path.write_text(begun, encoding="utf-8"))
    return KeptIn(directory)


def write_experiment(asked: Experiment, result: Result, directory: Path) -> None:
    """Its files, each of which appears whole; all together in place of an earlier experiment, if it has no pieces.

    Raises:
        InputError: something else is in the way.
        WlraDistError: the disk is full, or something like it.
    """
    if isinstance(asked.options, Figures):
        for name, write in _files(asked, result):
            placed(directory, name, write)
        return
    with appearing(directory, FILES, RECORD) as unfinished:
        for name, write in _files(asked, result):
            write(unfinished / name)


def _files(asked: Experiment, result: Result) -> Iterator[tuple[str, Callable[[Path], Any]]]:
    """The name of each file, and what writes it."""
    for name, rows in result.tables.items():
        if rows:
            yield f"{name}.csv", lambda path, rows=rows: write_csv(rows, path)
            yield f"{name}.parquet", lambda path, rows=rows: write_parquet(rows, path)
    yield from _pictures(asked.name, result)
    text = json.dumps({"format": FORMAT} | dict(record(asked, result)), indent=1, allow_nan=False)
    yield RECORD, lambda path: path.write_text(text + "\n", encoding="utf-8")


def _pictures(name: str, result: Result) -> Iterator[tuple[str, Callable[[Path], None]]]:
    match result:
        case CompressionResult():
            yield "accuracies.png", lambda path: compression.draw(name, result, path)
        case FiguresResult():
            yield from figures.pictures(result)
        case ApproximateALSResult():
            yield from approximate_als.pictures(result)
        case _:
            yield from rank_sweep.pictures(name, result)
