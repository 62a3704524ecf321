"""What the steps of alternating minimisation bear: a picture for each part of the experiment."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from wlra_dist.report.pictures.canvas import color, legend_below, logarithmic, shape, sheet, titled
from wlra_dist.studies.experiments.approximate_als import STARTS, ApproximateALSResult
from wlra_dist.studies.experiments.tables import Rows

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, HEIGHT = 640, 480
"""Pixels."""

COLORS = 64
"""Of the palette of its PNG."""

PANELS = ("conditions", "convergence", "errors", "noise", "missing")
"""The names of pictures, and of tables."""

DISTANCE = "‖Ã − hidden‖ / ‖hidden‖"

LEAST = 1e-16
"""What is nearer is drawn there."""


def pictures(result: ApproximateALSResult) -> Iterator[tuple[str, Callable[[Path], None]]]:
    """Names and what draws them."""
    drawers = (draw_conditions, draw_convergence, draw_errors, draw_noise, draw_missing)
    for name, draw in zip(PANELS, drawers, strict=True):
        yield f"{name}.png", lambda path, draw=draw: draw(result, path)


@contextmanager
def panel(path: Path, title: str, x: str, y: str) -> Iterator["Axes"]:
    """One panel, with a legend below it."""
    with sheet(path, WIDTH, HEIGHT, colors=COLORS) as figure:
        axes = figure.subplots()
        yield axes
        titled(axes, title, x, y)
        legend_below(figure)


def line(axes: "Axes", i: int, rows: Rows, x: str, y: str, label: str) -> None:
    """The median of the trials, and all of them behind it."""
    values = list(dict.fromkeys(row[x] for row in rows))
    trials = [[max(row[y], LEAST) for row in rows if row[x] == value] for value in values]
    style: dict[str, Any] = {"color": color(i), "marker": shape(i), "fillstyle": "none", "linewidth": 1.5}
    axes.plot(values, [float(np.median(trial)) for trial in trials], markersize=5, label=label, **style)
    for trial in zip(*trials, strict=True):
        axes.plot(values, trial, color=color(i), linewidth=0.5)


def _logarithmic(axes: "Axes", *directions: Literal["x", "y"]) -> None:
    for direction in directions:
        logarithmic(axes, direction, *(axes.dataLim.intervalx if direction == "x" else axes.dataLim.intervaly))


def draw_conditions(result: ApproximateALSResult, path: Path) -> None:
    """Condition numbers of the rows' regressions, before and after the preconditioner."""
    with panel(path, "The preconditioner", "condition number of V", "condition number of a row's problem") as axes:
        for i, when in enumerate(("before", "after")):
            line(axes, 2 * i, result.conditions, "condition", when, f"{when} it, median row")
            line(axes, 2 * i + 1, result.conditions, "condition", f"{when}_most", f"{when} it, worst row")
        _logarithmic(axes, "x", "y")


def draw_convergence(result: ApproximateALSResult, path: Path) -> None:
    """The distance after each iteration, with exact regressions."""
    with panel(path, "Exact regressions", "iteration", DISTANCE) as axes:
        for i, start in enumerate(STARTS):
            own = [row for row in result.convergence if row["start"] == start]
            line(axes, i, own, "iteration", "distance", f"{start} start")
        _logarithmic(axes, "y")


def draw_errors(result: ApproximateALSResult, path: Path) -> None:
    """Where it ends, by the error of the regressions in spectral norm."""
    with panel(path, "Regressions that are not exact", "error of a regression, ‖U − U*‖₂ / ‖U*‖₂", DISTANCE) as axes:
        for i, (way, label) in enumerate((("error", "an error is added"), ("steps", "few gradient steps"))):
            own = [row for row in result.errors if row["way"] == way]
            points = [(max(row["error"], LEAST), max(row["distance"], LEAST)) for row in own]
            axes.plot(*zip(*points, strict=True), shape(i), color=color(i), fillstyle="none", label=label)
        axes.axhline(1, color="black", linestyle=":", linewidth=1, label="as far as zero is")
        _logarithmic(axes, "x", "y")


def draw_noise(result: ApproximateALSResult, path: Path) -> None:
    """Where exact regressions end, by noise."""
    with panel(path, "Noise", "‖noise‖ / ‖hidden‖", DISTANCE) as axes:
        for i, start in enumerate(STARTS):
            line(axes, i, result.noise, "noise", f"distance_{start}", f"{start} start")


def draw_missing(result: ApproximateALSResult, path: Path) -> None:
    """Where exact regressions end, by what is missing; beside it the gap of the weights."""
    with panel(path, "Missing entries", "share that is missing", DISTANCE) as axes:
        for i, start in enumerate(STARTS):
            line(axes, i, result.missing, "missing", f"distance_{start}", f"{start} start")
        line(axes, len(STARTS), result.missing, "missing", "gap", "spectral gap γ of the weights")
        _logarithmic(axes, "y")
