"""The pictures of a sweep: for each axis of numbers, bits along it, a line for each choice of the other values.

The first of the other axes gives the color of a line, the second its mark, and each choice of all further ones has a
panel of its own. A dotted line in the same color is what these inputs cost at least, where they are those of
Thm 1.5: m(N − 1.17) bits if all must output, else N. An axis of positive numbers that is alone shows more: all that
theory says along it, log–log, with slopes. Where there is such a bound, a panel of its own has the bits over it, from
.99 up, with the figures at the points.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import product
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wlra_dist.report.axis import FIGURES, Axis, Points, axes_of, exponents
from wlra_dist.report.pictures.canvas import (
    GROWING,
    HEADING,
    LINEAR_SPAN,
    color,
    legend_below,
    logarithmic,
    shape,
    sheet,
    short,
    titled,
)
from wlra_dist.report.pictures.labels import noted

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.gridspec import SubplotSpec

PANEL_WIDTH, PANEL_HEIGHT, RATIO_HEIGHT = 800, 520, 300
"""Pixels of a panel, and of that below it which has bits over a bound."""

FROM = 0.99
"""Where the axis of bits over a bound begins: nothing is below 1."""

SEE = "What to see: how near the lines stay to the dotted ones, which are what such inputs cost at least."
SEE_ALONE = "What to see: parallel lines grow alike; the slopes are powers, fitted."
SEE_RATIOS = "Below: the same bits over that bound, which is met at 1."

MOST_PANELS, PANELS_IN_A_ROW = 6, 2  # as many as a page shows at a readable size

MOST_TICKS = 10
"""Values of an axis that are all marked on it."""


def pictures(name: str, points: Points) -> dict[str, Callable[[Path], None]]:
    """By file name, what draws a picture of the sweep; of axes without numbers, if there are no others."""
    axes = [axis for axis in axes_of(points) if len(axis.values) > 1]
    if len(axes) == 1 and axes[0].grows:
        return {f"by_{axes[0].word}.png": partial(draw_alone, name, points, axes[0])}
    along = [axis for axis in axes if axis.numeric] or axes[:1]
    return {
        f"by_{axis.word}.png": partial(draw, name, points, axis, [other for other in axes if other != axis])
        for axis in along
    }


def draw(name: str, points: Points, along: Axis, others: Sequence[Axis], path: Path) -> None:
    """Writes a PNG: bits along one axis."""
    colored, marked, *further = [*others, Axis("", (None,)), Axis("", (None,))][: max(2, len(others))]
    choices = list(product(*(axis.values for axis in further)))
    drawn = choices[:MOST_PANELS]
    columns = min(len(drawn), PANELS_IN_A_ROW)
    rows = -(-len(drawn) // columns)
    bounded = any(point["least_bits"] for point in points)
    height = PANEL_HEIGHT + (RATIO_HEIGHT if bounded else 0)
    with sheet(path, PANEL_WIDTH * columns, height * rows) as figure:
        grid = figure.add_gridspec(rows, columns)
        for place, choice in enumerate(drawn):
            panel, ratios = _panels(grid[place // columns, place % columns], bounded)
            fixed = dict(zip((axis.key for axis in further), choice, strict=True))
            own = [point for point in points if _has(point, fixed)]
            _draw_panel(panel, own, along, colored, marked)
            words = (axis.words(value) for axis, value in zip(further, choice, strict=True))
            titled(panel, ", ".join(words), "" if ratios else along.title, "bits")
            if ratios:
                _draw_ratios(ratios, own, along, colored, marked)
        left_out = f" (the first {len(drawn)} of {len(choices)} panels)" if len(choices) > len(drawn) else ""
        figure.suptitle(f"{name}: bits by {along.title}{left_out}", fontsize=HEADING)
        see = f"{SEE} {SEE_RATIOS}" if bounded else ""
        legend_below(figure, _legend(points, colored, marked), grows=True, caption=see)


def draw_alone(name: str, points: Points, along: Axis, path: Path) -> None:
    """Writes a PNG: along the only axis, the bits and all that theory says of them."""
    bounded = any(point["least_bits"] for point in points)
    with sheet(path, PANEL_WIDTH, PANEL_HEIGHT + (RATIO_HEIGHT if bounded else 0)) as figure:
        axes, ratios = _panels(figure.add_gridspec(1, 1)[0], bounded)
        for i, (key, words) in enumerate(FIGURES.items()):
            known = [(along.place(point["swept"][along.key]), point[key]) for point in points if point[key]]
            if known:
                style = ("-" if key == "bits" else "--") + shape(i)
                slopes = exponents(points, [along], key) if along.is_size else None
                label = f"{words}: slope {slopes[0]:.3f}" if slopes else words
                axes.plot(*zip(*known, strict=True), style, color=color(i), fillstyle="none", label=label)
        titled(axes, "", "" if ratios else along.title, "bits")
        if ratios:
            _draw_ratios(ratios, points, along, Axis("", (None,)), Axis("", (None,)))
        _scale(axes, along, [point[key] for key in FIGURES for point in points if point[key]])
        figure.suptitle(f"{name}: bits by {along.title}", fontsize=HEADING)
        legend_below(figure, grows=True, caption=f"{SEE_ALONE} {SEE_RATIOS if bounded else ''}")


def _panels(place: "SubplotSpec", bounded: bool) -> "tuple[Axes, Axes | None]":
    """The panel of bits, and below it, where there is a bound, that of bits over it."""
    if not bounded:
        return place.subgridspec(1, 1).subplots(squeeze=False)[0, 0], None
    halves = place.subgridspec(2, 1, height_ratios=[PANEL_HEIGHT, RATIO_HEIGHT])
    upper, lower = halves.subplots(squeeze=False).flat
    return upper, lower


def _draw_ratios(axes: "Axes", points: Points, along: Axis, colored: Axis, marked: Axis) -> None:
    """Bits over the least that anybody must say, the figures at the points."""
    ratios: list[float] = []
    written: set[tuple[float, str]] = set()
    for (i, hue), (j, mark) in product(enumerate(colored.values), enumerate(marked.values)):
        line = [point for point in points if _has(point, {colored.key: hue, marked.key: mark}) and point["least_bits"]]
        if not line:
            continue
        x = [along.place(point["swept"][along.key]) for point in line]
        y = [point["bits"] / point["least_bits"] for point in line]
        axes.plot(x, y, shape(j), color=color(i), fillstyle="none", linestyle="-" if along.numeric else "")
        fresh = dict.fromkeys(zip(x, map("{:.4f}".format, y), strict=True)).keys() - written
        for place, figure in sorted(fresh):
            noted(axes, place, float(figure), figure, color(i))
        ratios, written = ratios + y, written | fresh
    titled(axes, "", along.title, "bits / bound")
    _scale(axes, along, [])
    top = max(ratios, default=1.0)
    if top > LINEAR_SPAN:
        logarithmic(axes, "y", FROM, top)
    axes.set_ylim(FROM, FROM + 1.2 * (top - FROM) if top <= LINEAR_SPAN else 2 * top)


def _has(point: Mapping[str, Any], fixed: Mapping[str, Any]) -> bool:
    swept = point["swept"]
    return all(key == "" or swept[key] == value or str(swept[key]) == value for key, value in fixed.items())


def _draw_panel(axes: "Axes", points: Points, along: Axis, colored: Axis, marked: Axis) -> None:
    for (i, hue), (j, mark) in product(enumerate(colored.values), enumerate(marked.values)):
        line = [point for point in points if _has(point, {colored.key: hue, marked.key: mark})]
        x = [along.place(point["swept"][along.key]) for point in line]
        for key, style, width in (("least_bits", ":", 1.0), ("bits", "-", 1.5)):
            y = [point[key] or float("nan") for point in line]
            if not all(map(isnan, y)):
                dots = shape(j) if key == "bits" else ""
                joined = style if along.numeric else "" if dots else style
                size = 6 + 2 * (i % GROWING)  # hollow, one around the other where games cost the same
                axes.plot(
                    x,
                    y,
                    color=color(i),
                    marker=dots,
                    linestyle=joined,
                    linewidth=width,
                    markersize=size,
                    fillstyle="none",
                )
    _scale(axes, along, [point["bits"] for point in points if point["bits"]])


def _scale(axes: "Axes", along: Axis, bits: Sequence[int]) -> None:
    """Logarithmic where the figures differ much; marked at the values that were played, if these are few."""
    if bits and max(bits) > LINEAR_SPAN * min(bits):
        logarithmic(axes, "y", min(bits), max(bits))
    if bits:
        axes.yaxis.set_major_formatter(short)
    if not along.numeric:
        axes.set_xticks(range(len(along.values)), [str(value) for value in along.values], rotation=20)
        axes.margins(x=0.1)
        return
    places = [along.place(value) for value in along.values]
    if min(places) > 0 and max(places) >= LINEAR_SPAN / 2 * min(places):
        logarithmic(axes, "x", min(places), max(places))
        axes.xaxis.set_minor_locator(_nowhere())
    if len(places) <= MOST_TICKS:
        axes.set_xticks(places, [f"{place:.4g}" for place in places])


def _nowhere() -> Any:
    from matplotlib.ticker import NullLocator

    return NullLocator()


def _legend(points: Points, colored: Axis, marked: Axis) -> list[Any]:
    """Colors, marks, and the dotted line."""
    from matplotlib.lines import Line2D

    hues = [Line2D([], [], color=color(i), label=colored.words(hue)) for i, hue in enumerate(colored.values)]
    marks = [
        Line2D([], [], color="black", marker=shape(j), linestyle="", fillstyle="none", label=marked.words(mark))
        for j, mark in enumerate(marked.values)
    ]
    known = any(point["least_bits"] for point in points)
    bound = [Line2D([], [], color="black", linestyle=":", linewidth=1, label="at least (Thm 1.5)")] if known else []
    return [*(hues if colored.key else []), *(marks if marked.key else []), *bound]
