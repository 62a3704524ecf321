"""The pictures of a rank sweep: the weights and their spectrum, losses and seconds by rank and by bytes, iterates.

Woodruff & Yasuda draw them as Figures 1 and 5, 2 and 3, and 4.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from wlra_dist.report.pictures.canvas import (
    HEADING,
    color,
    legend_below,
    logarithmic,
    shape,
    sheet,
    short,
    thousands,
    titled,
)
from wlra_dist.report.pictures.method_lines import by_method, lines
from wlra_dist.studies.experiments.rank_sweep import RankSweepResult
from wlra_dist.studies.experiments.tables import Row

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, HEIGHT = 1500, 1050
"""Pixels of the picture with four panels; those with two are of half the height."""

SEE = "What to see: the lower a line, the better; left at the same rank, right at the same bytes, which is fair."

LEAST_EXCESS = 1e-3
"""What is nearer to the best than a thousandth is drawn there."""

FAINTEST = 1e-4
"""F is drawn down to this share of its largest mean."""

MOST_MARKS = 12
"""Iterates of a method that have a mark each."""

MOST_EQUAL = 0.01
"""Ends that differ by less, relatively, do not fill the picture."""


def pictures(name: str, result: RankSweepResult) -> Iterator[tuple[str, Callable[[Path], None]]]:
    """Names and what draws them: weights.png, losses.png and, if iterates were followed, refinement.png."""
    yield "weights.png", lambda path: draw_weights(name, result, path)
    yield "losses.png", lambda path: draw_losses(name, result, path)
    if result.refinement:
        yield "refinement.png", lambda path: draw_refinement(name, result, path)


def draw_losses(name: str, result: RankSweepResult, path: Path) -> None:
    """Writes a PNG of four panels: loss by rank, loss by bytes, over the best, seconds."""
    rows = result.losses
    with sheet(path, WIDTH, HEIGHT) as figure:
        (by_rank, by_bytes), (excess, seconds) = figure.subplots(2, 2)
        lines(by_rank, rows, "rank", "relative_loss")
        if enclosed := result.optimum:
            ends = [[row[end] for row in enclosed] for end in ("rank", "relative_lower", "relative_upper")]
            by_rank.fill_between(*ends, color="0.6", label="where the best possible is, certified")
            by_rank.plot(*ends[:2], color="black", linewidth=1, label="no loss is below")
        titled(by_rank, "At the same rank", "rank", "loss / ‖W∘A‖²")
        lines(by_bytes, rows, "bytes", "relative_loss")
        titled(by_bytes, "At the same size", "bytes of 32-bit floats, W not counted", "loss / ‖W∘A‖²")
        by_bytes.xaxis.set_major_formatter(thousands)
        lines(excess, rows, "stored_rank", "over_best", lambda ratio: 100 * max(ratio - 1, LEAST_EXCESS))
        titled(
            excess, "Above the best of the same size; 0.1 % and less at the bottom", "rank of the stored factors", "%"
        )
        logarithmic(excess, "y", *excess.dataLim.intervaly)
        lines(seconds, rows, "rank", "seconds")
        titled(seconds, "Seconds of the solver, median", "rank", "seconds")
        logarithmic(seconds, "y", *seconds.dataLim.intervaly)
        for axes in (by_rank, excess, seconds):
            _whole_marks(axes)
        figure.suptitle(f"{name}: {_sizes(result.facts)}; trials: {rows[0]['trials']}", fontsize=HEADING)
        legend_below(figure, caption=SEE)


def draw_weights(name: str, result: RankSweepResult, path: Path) -> None:
    """Writes a PNG: F as an image, and the singular values of F and W."""
    from matplotlib.colors import LogNorm

    with sheet(path, WIDTH, HEIGHT // 2) as figure:
        image, values = figure.subplots(1, 2, width_ratios=[3, 2])
        largest = float(result.F.max()) or 1.0
        shares = np.maximum(result.F / largest, FAINTEST)
        n, d = result.facts["n"], result.facts["d"]
        drawn = image.imshow(
            shares, aspect="auto", norm=LogNorm(FAINTEST, 1), cmap="viridis", interpolation="nearest",
            extent=(0.5, d + 0.5, n + 0.5, 0.5),
        )  # fmt: skip
        figure.colorbar(drawn, ax=image, label="F / its largest entry", pad=0.01, format=short)
        titled(image, "F = W∘W: stripes across and down, as in a product", "hidden neuron", "input")
        image.grid(visible=False)
        for i, matrix in enumerate(("F", "W")):
            index, sigma = (np.array([row[key] for row in result.spectrum]) for key in ("index", f"sigma_{matrix}"))
            seen = sigma > 0
            share = f"{matrix}: {result.spectrum[0][f'mass_{matrix}']:.1%} of ‖{matrix}‖² in the first"
            values.plot(index[seen], sigma[seen], shape(i), color=color(i), linestyle="-", markersize=4, label=share)
        logarithmic(values, "y", *values.dataLim.intervaly)
        titled(values, "Singular values", "index", "σ / σ₁")
        values.legend(loc="upper right")
        figure.suptitle(f"{name}: the weights, {n:,} × {d:,}", fontsize=HEADING)


def draw_refinement(name: str, result: RankSweepResult, path: Path) -> None:
    """Writes a PNG: the loss of each iterate, by number and by seconds."""
    rows = result.refinement
    with sheet(path, WIDTH, HEIGHT // 2) as figure:
        by_number, by_seconds = figure.subplots(1, 2, sharey=True)
        for axes, key in ((by_number, "iterate"), (by_seconds, "seconds")):
            lines(axes, rows, key, "relative_loss", most_marks=MOST_MARKS)
            logarithmic(axes, "x", *axes.dataLim.intervalx)
        last = [own[-1]["relative_loss"] for own in by_method(rows).values()]
        by_number.set_ylim(ends_in_sight(min(last), max(last)))  # where methods end: the first iterates are far above
        titled(by_number, "By iterate; a start is the first", "iterate", "loss / ‖W∘A‖²")
        titled(by_seconds, "By seconds", "seconds", "")
        figure.suptitle(f"{name}: iterates of rank {result.facts['k']}, {_sizes(result.facts)}", fontsize=HEADING)
        legend_below(figure)


def ends_in_sight(low: float, high: float) -> tuple[float, float]:
    """The limits of an axis on which both are seen apart, or as one where they are about equal."""
    room = max(high - low, MOST_EQUAL * high)
    return low - 0.1 * room, high + room


def _whole_marks(axes: "Axes") -> None:
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 5, 10]))


def _sizes(facts: Row) -> str:
    return f"A is {facts['n']:,} × {facts['d']:,}, {facts['fisher_mass']:.1%} of ‖F‖² in its first singular value"
