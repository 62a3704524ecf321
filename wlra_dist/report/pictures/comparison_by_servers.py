"""The picture of a comparison among several numbers of servers: bits by their number, log–log, a line a protocol.

Lines are dashed where the promise goes by an estimate; the lower bound is dotted. A mark that is filled is a game that
was within its target.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wlra_dist.report.pictures.canvas import HEADING, color, legend_below, logarithmic, shape, sheet, titled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, HEIGHT = 1100, 760
"""Pixels."""

SEE = "Dashed: promised by an estimate; filled: within the target"

Rows = Sequence[Mapping[str, Any]]


def draw_by_servers(title: str, rows: Rows, path: Path) -> None:
    """Writes a PNG."""
    with sheet(path, WIDTH, HEIGHT) as figure:
        axes = figure.subplots()
        rows = [dict(row) | {"protocol": row["protocol"].partition(":")[0]} for row in rows]  # auto's choice may change
        names = list(dict.fromkeys((row["protocol"], row["selector"]) for row in rows))
        for i, name in enumerate(names):
            _draw_line(axes, i, name, [row for row in rows if (row["protocol"], row["selector"]) == name], names)
        _draw_bound(axes, rows)
        counts = sorted({row["among"] for row in rows})
        logarithmic(axes, "x", counts[0], counts[-1])
        logarithmic(axes, "y", *axes.dataLim.intervaly)
        axes.set_xticks(counts, [f"{count:,}" for count in counts], minor=False)
        titled(axes, SEE, "servers", "all bits")
        figure.suptitle(title, fontsize=HEADING, wrap=True)
        legend_below(figure, grows=True)


def _draw_line(axes: "Axes", i: int, name: tuple[str, str | None], rows: Rows, names: Sequence[Any]) -> None:
    protocol, selector = name
    alone = sum(other == protocol for other, _ in names) == 1
    x, y = [row["among"] for row in rows], [max(1, row["bits"]) for row in rows]
    style = "--" if rows[0]["promise"] == "estimate" else "-"
    label = protocol if alone or not selector else f"{protocol}, {selector}"
    axes.plot(x, y, style + shape(i), color=color(i), fillstyle="none", markersize=8, label=label)
    within = [(a, b) for a, b, row in zip(x, y, rows, strict=True) if row["within_target"]]
    if within:
        axes.plot(*zip(*within, strict=True), shape(i), color=color(i), markersize=8)


def _draw_bound(axes: "Axes", rows: Rows) -> None:
    least = sorted({(row["among"], row["least_bits"]) for row in rows if row["least_bits"]})
    if least:
        axes.plot(*zip(*least, strict=True), color="black", linestyle=":", linewidth=1, label="at least (Thm 1.5)")
