"""The picture of a comparison: what each game cost, and how good it was for that.

Left, a row for each game, cheapest on top: all bits, the shares of the two directions apart, the price on a
blackboard, the theorem's bound. Right, the same games under the same marks: bits against certified loss.
"""

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, HEAD, ROW, LEAST_ROWS = 1400, 260, 44, 8
"""Pixels: the picture's width, its height without rows and that of a row; rows that it is high enough for at least."""

TITLE_CHARACTERS = 120
"""Of a line of the title."""

SEE = (
    "What to see: the cheapest game is on top. Right, games below the dashed line keep what was asked; far left and "
    "low is best, and what is below LB is of a rank above k."
)

HOLLOW: dict[str, Any] = {"fillstyle": "none", "markeredgewidth": 2, "zorder": 3}

MARKS = {
    "up_bits": ("up, to the coordinator", "^", "dimgray", 0.3),
    "down_bits": ("down, from it", "v", "dimgray", 0.3),
    "blackboard_bits": ("all bits on a blackboard", "s", "none", -0.3),
    "upper_bound_bits": ("the theorem's bound", "|", "dimgray", 0.0),
}
"""By figure: its name, its mark, and how far below its row's middle it stands."""

Rows = Sequence[Mapping[str, Any]]


def draw(title: str, rows: Rows, path: Path) -> None:
    """Writes a PNG: the rows of a comparison's table as a picture."""
    ranked = cheapest_first(rows)
    with sheet(path, WIDTH, HEAD + ROW * max(LEAST_ROWS, len(ranked))) as figure:
        left, right = figure.subplots(1, 2, width_ratios=[3, 2])
        figure.suptitle(textwrap.fill(title, TITLE_CHARACTERS), fontsize=HEADING)
        draw_bits(left, ranked)
        draw_losses(right, ranked)
        legend_below(figure, caption=SEE)


def cheapest_first(rows: Rows) -> Rows:
    """The order in which games are drawn."""
    return sorted(rows, key=lambda row: row["bits"])


def draw_bits(axes: "Axes", rows: Rows) -> None:
    """A row for each game."""
    for key, (label, mark, face, below) in MARKS.items():
        points = [(row[key], y + below) for y, row in enumerate(rows) if row[key]]
        if points:
            x, y = zip(*points, strict=True)
            axes.plot(
                x, y, mark, label=label, markersize=7, markerfacecolor=face, markeredgecolor="dimgray", linestyle=""
            )
    for y, row in enumerate(rows):
        axes.plot(max(1, row["bits"]), y, shape(y), color=color(y), markersize=10)
        axes.annotate(
            f"{row['bits']:,}", (max(1, row["bits"]), y), (9, 0), textcoords="offset points", va="center", fontsize=10,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1}, zorder=3,
        )  # fmt: skip
    axes.plot([], [], "o", color="black", markersize=10, label="all bits")
    if least := max((row["least_bits"] for row in rows if row["least_bits"]), default=None):
        axes.axvline(least, color="black", linestyle=":", linewidth=1, label="at least (Thm 1.5)", zorder=0)
    axes.set_yticks(range(len(rows)), _names(rows))
    room = max(0.0, (LEAST_ROWS - len(rows)) / 2)
    axes.set_ylim(len(rows) - 0.4 + room, -0.6 - room)
    axes.margins(x=0.12)
    logarithmic(axes, "x", *axes.dataLim.intervalx)
    titled(axes, "All bits, and both directions apart", "bits, logarithmic axis", grid="y")


def draw_losses(axes: "Axes", rows: Rows) -> None:
    """Bits against certified loss."""
    floor = next((row["lower_bound_opt"] for row in rows if row["lower_bound_opt"]), None)
    losses = [row["loss"] / floor if floor else row["loss"] for row in rows]
    for i, (row, loss) in enumerate(zip(rows, losses, strict=True)):
        size = 9 + 2 * (i % GROWING)  # hollow, one around the other where games are alike
        axes.plot(max(1, row["bits"]), loss, shape(i), color=color(i), markersize=size, **HOLLOW)
    if floor:
        axes.axhline(1.0, color="black", linestyle="-", linewidth=1, label="LB")
    if floor and (target := rows[0]["target"]):
        axes.axhline(target, color="black", linestyle="--", linewidth=1, label=f"{target:g} × LB, as asked")
    axes.margins(x=0.12, y=0.12)
    if floor and max(losses) > LINEAR_SPAN:
        axes.set_yscale("symlog", linthresh=1.0)
        axes.yaxis.set_major_formatter(short)
    logarithmic(axes, "x", *axes.dataLim.intervalx)
    along, up = "all bits, logarithmic axis", "loss / LB" if floor else "loss"
    titled(axes, "Loss for these bits; marks as on the left", along, up, grid=None)


def _names(rows: Rows) -> list[str]:
    """Protocols, with their selectors where these differ."""
    several = len({row["selector"] for row in rows if row["selector"]}) > 1
    return [f"{row['protocol']}\n{row['selector']}" if several and row["selector"] else row["protocol"] for row in rows]
