"""The paper's Figures 1 to 5: a panel for each data set."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from wlra_dist.report.pictures.canvas import HEADING, color, legend_below, logarithmic, shape, sheet, short, titled
from wlra_dist.report.pictures.method_lines import by_method, lines
from wlra_dist.studies.experiments.figure_tables import FiguresResult
from wlra_dist.studies.experiments.tables import Row, Rows

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, HEIGHT = 1100, 400
"""Pixels of a row of two panels."""

FEW = 128
"""Colors of a picture: the pages show five of them."""

FAINTEST = 1e-4
"""F is drawn down to this share of its largest mean."""

LEAST_SHARE = 0.5
"""Of the upper end of an interval that is drawn."""

MOST_MARKS = 12
"""Iterates of a method that have a mark each."""

Panels = Iterator[tuple[str, "Axes"]]


def pictures(result: FiguresResult) -> Iterator[tuple[str, Callable[[Path], None]]]:
    """Names and what draws them, figure1.png to figure5.png; those of which there is something to draw."""
    yield "figure1.png", lambda path: draw_weights(result, path)
    yield "figure2.png", lambda path: draw_losses(result, path)
    yield "figure3.png", lambda path: draw_seconds(result, path)
    if any(piece.get("refinement") for piece in result.pieces):
        yield "figure4.png", lambda path: draw_refinement(result, path)
    yield "figure5.png", lambda path: draw_spectra(result, path)


@contextmanager
def panels(result: FiguresResult, path: Path, title: str) -> Iterator[Panels]:
    """A sheet with a panel for each set, two in a row, and one legend."""
    count = len(result.sets)
    columns = min(2, count)
    rows = -(-count // columns)
    with sheet(path, WIDTH, HEIGHT * rows, colors=FEW) as figure:
        axes = np.ravel(figure.subplots(rows, columns))
        for unused in axes[count:]:
            unused.remove()
        figure.suptitle(title, fontsize=HEADING)
        yield zip(result.sets, axes, strict=False)
        legend_below(figure)


def draw_weights(result: FiguresResult, path: Path) -> None:
    """Figure 1: F as an image."""
    from matplotlib.colors import LogNorm

    with panels(result, path, "Figure 1: F over its largest entry, logarithmic; stripes as in a product") as all_panels:
        for name, axes in all_panels:
            first = result.sets[name][0]
            F = np.maximum(np.array(first["F"]), FAINTEST)
            extent = (0.5, first["d"] + 0.5, first["n"] + 0.5, 0.5)
            norm = LogNorm(FAINTEST, 1)
            drawn = axes.imshow(F, aspect="auto", norm=norm, cmap="Greys", interpolation="nearest", extent=extent)
            axes.figure.colorbar(drawn, ax=axes, pad=0.01, format=short)
            titled(axes, name, "hidden neuron", "input", grid=None)


def draw_losses(result: FiguresResult, path: Path) -> None:
    """Figure 2: loss by rank, and where the best possible loss of the first network is."""
    trials = len(next(iter(result.sets.values())))
    title = f"Figure 2: loss by rank; mean and deviation of {trials} networks"
    with panels(result, path, title) as all_panels:
        for name, axes in all_panels:
            _interval(axes, result.sets[name][0].get("optimum", ()))
            lines(axes, losses := _of(result.losses, name), "rank", "relative_loss")
            _spreads(axes, losses)
            titled(axes, name, "rank", "loss / ‖W∘A‖²")


def _interval(axes: "Axes", enclosed: Sequence[Row]) -> None:
    """What is hardly enclosed is not drawn: it would press all else together."""
    rows = [row for row in enclosed if row["relative_lower"] > LEAST_SHARE * row["relative_upper"]]
    ranks, lower, upper = ([row[end] for row in rows] for end in ("rank", "relative_lower", "relative_upper"))
    if rows:
        axes.fill_between(ranks, lower, upper, color="0.75", label="where the first network's best is, certified")
        axes.plot(ranks, lower, color="black", linewidth=1, label="no loss of the first network is below")


def _spreads(axes: "Axes", rows: Rows) -> None:
    for i, own in enumerate(by_method(rows).values()):
        ranks, means, spreads = (
            [row[key] for row in own] for key in ("rank", "relative_loss", "relative_loss_deviation")
        )
        axes.errorbar(ranks, means, spreads, fmt="none", ecolor=color(i), elinewidth=1)


def draw_seconds(result: FiguresResult, path: Path) -> None:
    """Figure 3: seconds by rank, over those of svd_w."""
    timed = [row for row in result.losses if row["seconds_over_svd_w"] is not None]
    with panels(result, path, "Figure 3: time by rank, over that of svd_w; the least of the networks") as all_panels:
        for name, axes in all_panels:
            lines(axes, _of(timed, name), "rank", "seconds_over_svd_w")
            logarithmic(axes, "y", *axes.dataLim.intervaly)
            titled(axes, name, "rank", "times the seconds of svd_w")


def draw_refinement(result: FiguresResult, path: Path) -> None:
    """Figure 4: losses from iterate to iterate at the largest rank, of the first network."""
    with panels(result, path, "Figure 4: loss by iterate at the largest rank; svd_w is its own first") as all_panels:
        for name, axes in all_panels:
            lines(axes, result.sets[name][0]["refinement"], "iterate", "relative_loss", most_marks=MOST_MARKS)
            logarithmic(axes, "x", *axes.dataLim.intervalx)
            titled(axes, name, "iterate", "loss / ‖W∘A‖²")


def draw_spectra(result: FiguresResult, path: Path) -> None:
    """Figure 5: the singular values of F, of the first network of each set."""
    with sheet(path, WIDTH, HEIGHT, colors=FEW) as figure:
        axes = figure.subplots()
        for i, (name, pieces) in enumerate(result.sets.items()):
            rows = [row for row in pieces[0]["spectrum"] if row["sigma_F"] > 0]
            label = f"{name}: {pieces[0]['fisher_mass']:.1%} of ‖F‖² in the first"
            index, sigma = ([row[key] for row in rows] for key in ("index", "sigma_F"))
            axes.plot(index, sigma, shape(i), color=color(i), linestyle="-", markersize=4, label=label)
        logarithmic(axes, "y", *axes.dataLim.intervaly)
        titled(axes, "Figure 5: singular values of F", "index", "σ / σ₁")
        legend_below(figure)


def _of(rows: Rows, name: str) -> Rows:
    return [row for row in rows if row["set"] == name]
