"""What the steps of alternating minimisation bear, on the screen: a table for each of its pictures."""

from collections.abc import Iterator, Sequence

import numpy as np

from wlra_dist.report.tables.columns import Column, grid
from wlra_dist.studies.experiments.approximate_als import ApproximateALSResult
from wlra_dist.studies.experiments.tables import Rows

WIDTH = 12
"""Characters of a column."""

MARKS = (1, 3, 10, 30)
"""Iterations on the screen."""


def lines(name: str, result: ApproximateALSResult) -> Iterator[str]:
    """All of it; distances are ‖Ã − hidden‖_F over ‖hidden‖_F, medians of the trials."""
    facts = result.facts
    sizes = f"{facts['n']} × {facts['d']}, rank {facts['k']}"
    yield f"{name}: planted {sizes}, incoherence {facts['incoherence']:.2g}, spectral gap {facts['gap']:.2g}"
    yield "\ncondition numbers of rows' regressions: median and most, before and after the preconditioner"
    yield from _table(result.conditions, "condition", ("before", "before_most", "after", "after_most"))
    yield "\ndistance to what was planted, by iteration, exact regressions"
    last = max(row["iteration"] for row in result.convergence)
    for start in dict.fromkeys(row["start"] for row in result.convergence):
        own = [row for row in result.convergence if row["start"] == start]
        at = [f"{i}: {median(own, 'iteration', i, 'distance'):.1e}" for i in sorted({*MARKS, last}) if i <= last]
        yield f"  {start:8} " + "   ".join(at)
    for way, what in (("error", "error in spectral norm"), ("steps", "gradient steps")):
        yield f"\ndistance at the end, and the regressions' error, by {what}"
        yield from _table([row for row in result.errors if row["way"] == way], "level", ("distance", "error"))
    yield "\ndistance at the end, by noise, from each start"
    yield from _table(result.noise, "noise", ("distance_random", "distance_svd"))
    yield "\ndistance at the end, by the share that is missing, and the gap of the weights"
    yield from _table(result.missing, "missing", ("distance_random", "distance_svd", "gap"))


def median(rows: Rows, key: str, value: float, what: str) -> float:
    """Of the rows with this value of a key."""
    return float(np.median([row[what] for row in rows if row[key] == value]))


def _table(rows: Rows, key: str, columns: Sequence[str]) -> Iterator[str]:
    """By the values of a key, the medians of the others."""
    medians = (
        (f"{value:>{WIDTH}g}", {name: median(rows, key, value, name) for name in columns})
        for value in dict.fromkeys(row[key] for row in rows)
    )
    titled = [Column(name, name.removeprefix("distance_"), ".2g", WIDTH) for name in columns]
    return grid(medians, titled, WIDTH, f"{key:>{WIDTH}}")
