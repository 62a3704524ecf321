"""What the pictures of many games share: the sheet, and marks by which one game is told from the others."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from wlra_dist.report.pictures.run import COLORS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHAPES = ("o", "s", "D", "^", "P", "X", "v", "*")

GROWING = 4
"""How many sizes marks have where many may stand on one spot."""

DOTS_PER_INCH = 100

LINEAR_SPAN = 20
"""Figures that differ by more are shown on a logarithmic axis."""

NARROW = 30
"""A logarithmic axis whose ends differ by less has marks between the powers of ten."""


@contextmanager
def sheet(path: Path, width: int, height: int) -> Iterator["Figure"]:
    """A figure of so many pixels to draw on, which then becomes a PNG; the same bytes for the same drawing."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    style: Any = {"font.size": 11, "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False}
    style["text.parse_math"] = False  # a scenario's name may hold a dollar sign
    with rc_context(style):
        size = (width / DOTS_PER_INCH, height / DOTS_PER_INCH)
        figure = Figure(figsize=size, dpi=DOTS_PER_INCH, layout="constrained")
        FigureCanvasAgg(figure)
        yield figure
        figure.savefig(path, format="png", metadata={"Software": None})


def logarithmic(axes: "Axes", direction: Literal["x", "y"], low: float, high: float) -> None:
    """Makes an axis that shows low … high logarithmic, with marks that can be told apart."""
    from matplotlib.ticker import LogLocator, NullFormatter

    if direction == "x":
        axes.set_xscale("log")
    else:
        axes.set_yscale("log")
    axis = axes.xaxis if direction == "x" else axes.yaxis
    narrow = high < NARROW * low
    axis.set_major_locator(LogLocator(subs=(1, 2, 5) if narrow else (1,)))
    axis.set_major_formatter(short)
    axis.set_minor_formatter(NullFormatter())


def color(i: int) -> str:
    """The color of the i-th; after eight they come again."""
    return COLORS[i % len(COLORS)]


def shape(i: int) -> str:
    """The mark of the i-th, so that no two of the first 64 have both color and mark in common."""
    return SHAPES[(i + i // len(COLORS)) % len(SHAPES)]


def short(value: float, _: float = 0.0) -> str:
    """20,000,000 as 20 M: marks on a logarithmic axis stand close."""
    for unit, symbol in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= unit:
            return f"{value / unit:,g} {symbol}"
    return f"{value:g}"
