"""The picture of a plan: seconds of a game by the number of its servers, on one network."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from wlra_dist.report.pictures.canvas import HEADING, color, legend_below, logarithmic, shape, sheet, short, titled
from wlra_dist.report.pictures.labels import noted

WIDTH, HEIGHT = 800, 560
"""Pixels."""

LINES = {"star": "message passing", "tree": "a tree of coordinators", "board": "a blackboard"}
"""By figure, what its line is called."""

SEE = "What to see: where the tree's line falls below that of message passing, a tree begins to pay."


def draw(title: str, rows: Sequence[Mapping[str, Any]], pays_from: int | None, path: Path) -> None:
    """Writes a picture of rows of `servers` and the seconds of each line."""
    with sheet(path, WIDTH, HEIGHT) as figure:
        axes = figure.subplots()
        servers = [row["servers"] for row in rows]
        for i, (key, words) in enumerate(LINES.items()):
            seconds = [row[key] for row in rows]
            axes.plot(servers, seconds, shape(i), linestyle="-", color=color(i), fillstyle="none", label=words)
            noted(axes, servers[-1], seconds[-1], f"{seconds[-1]:.3g} s", color(i))
        if pays_from is not None and servers[0] <= pays_from <= servers[-1]:
            axes.axvline(pays_from, color="black", linestyle=":", linewidth=1, label=f"from {pays_from:,} servers")
        logarithmic(axes, "x", servers[0], servers[-1])
        logarithmic(axes, "y", *axes.dataLim.intervaly)
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.xaxis.set_major_formatter(short)
        titled(axes, "", "servers", "seconds of communication")
        figure.suptitle(title, fontsize=HEADING)
        legend_below(figure, caption=SEE)
