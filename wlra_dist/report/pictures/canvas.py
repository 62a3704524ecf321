"""What all pictures share: the sheet, colors and marks, titles and scales of a panel, a legend and a caption below.

The module of a kind of picture says what its panels show; how a figure is made, labelled and saved is said here.
"""

import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLORS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#999999")
"""Okabe and Ito's: told apart by every kind of eye."""

SHAPES = ("o", "s", "D", "^", "P", "X", "v", "*")

GROWING = 4
"""How many sizes marks have where many may stand on one spot."""

DOTS_PER_INCH = 100
"""Sizes are given in dots."""

HEADING, TITLE, CAPTION_SIZE = 13, 11, 10
"""Points of the letters over a picture, over a panel, and below all."""

MARK, CHARACTER, LETTER, LINE = 60, 8, 8, 24
"""Pixels of a legend: of a mark with the room beside it, of a character of a name and of the caption, of a line."""

LONGEST = 60
"""Characters of a name in a legend; of a longer one both ends are there."""

LINEAR_SPAN = 20
"""Figures that differ by more are shown on a logarithmic axis."""

NARROW = 30
"""A logarithmic axis whose ends differ by less has marks between the powers of ten."""


UNDATED: dict[str, Any] = {".png": {"Software": None}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
"""By ending, what keeps a file from telling when it was made."""

STYLE: Any = {
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "text.parse_math": False,  # a scenario's name may hold a dollar sign
    "svg.fonttype": "none",  # letters stay letters: to be read aloud, found and edited
    "svg.hashsalt": "wlra_dist",
    "pdf.fonttype": 42,
}


@contextmanager
def sheet(path: Path, width: int, height: int, *, colors: int | None = None) -> Iterator["Figure"]:
    """A figure of so many pixels to draw on, which then becomes a PNG, SVG or PDF, as the file's name ends.

    The same drawing has the same bytes. Where labels do not fit beside each other, some are left out. A PNG with a
    limit on its colors is a third as large.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from wlra_dist.report.pictures.labels import untangle

    kind = path.suffix if path.suffix in UNDATED else ".png"
    with rc_context(STYLE):
        size = (width / DOTS_PER_INCH, height / DOTS_PER_INCH)
        figure = Figure(figsize=size, dpi=DOTS_PER_INCH, layout="constrained")
        FigureCanvasAgg(figure)
        yield figure
        untangle(figure)
        figure.savefig(path, format=kind[1:], metadata=UNDATED[kind])
        if colors is not None and kind == ".png":
            reduce_colors(path, colors)


def reduce_colors(path: Path, colors: int) -> None:
    """Makes a PNG one of at most so many colors."""
    from PIL import Image

    with Image.open(path) as image:
        reduced = image.convert("RGB").quantize(colors)
    reduced.save(path, format="PNG", optimize=True)


def titled(axes: "Axes", title: str, x: str = "", y: str = "", grid: Literal["both", "x", "y"] | None = "both") -> None:
    """What stands over and beside a panel, and a grid behind it."""
    axes.set_title(title, fontsize=TITLE, loc="left")
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    if grid:
        axes.grid(axis=grid, color="gainsboro", linewidth=0.8)
        axes.set_axisbelow(True)


def legend_below(
    figure: "Figure", handles: Sequence["Artist"] | None = None, *, grows: bool = False, caption: str = ""
) -> None:
    """Says below all panels what there is to see and what marks mean, in as many columns as fit.

    Without `handles` it says what panels have labels for, each label once; the sheet may grow by its lines.
    """
    found = (handle for axes in figure.axes for handle in axes.get_legend_handles_labels()[0])
    known = {_cut(str(handle.get_label())): handle for handle in (found if handles is None else handles)}
    if not (known or caption):
        return
    room = figure.get_figwidth() * DOTS_PER_INCH
    columns = max(1, min(len(known), int(room / (MARK + CHARACTER * max(map(len, known), default=1)))))
    words = textwrap.wrap(caption, int(room / LETTER))
    if grows:
        lines = -(-len(known) // columns) + len(words)
        figure.set_figheight(figure.get_figheight() + lines * LINE / DOTS_PER_INCH)
    below = figure.legend(
        list(known.values()), list(known), loc="outside lower center", ncols=columns,
        title="\n".join(words), title_fontsize=CAPTION_SIZE, alignment="left",
    )  # fmt: skip
    below.get_title().set_color("0.35")


def _cut(label: str) -> str:
    half = LONGEST // 2
    return label if len(label) <= LONGEST else f"{label[:half]}…{label[1 - half :]}"


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


def thousands(value: float, _: float = 0.0) -> str:
    """20000000 as 20,000,000."""
    return f"{value:,.0f}"


def percent(share: float, _: float = 0.0) -> str:
    """0.5 as 50%."""
    return f"{share:.0%}"


def short(value: float, _: float = 0.0) -> str:
    """20,000,000 as 20 M: marks on a logarithmic axis stand close."""
    for unit, symbol in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= unit:
            return f"{value / unit:,g} {symbol}"
    return f"{value:g}"
