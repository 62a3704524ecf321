"""Lines of many methods: each with the same color, mark and stroke in every panel of a picture."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from wlra_dist.report.pictures.canvas import COLORS, color, shape
from wlra_dist.studies.experiments.tables import Row, Rows

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def by_method(rows: Rows) -> dict[str, list[Row]]:
    """The rows of each method, methods and rows in the order in which they came."""
    return {method: [row for row in rows if row["method"] == method] for method in dict.fromkeys(map(_method, rows))}


def lines(
    axes: "Axes", rows: Rows, x: str, y: str, scaled: Callable[[float], float] = float, most_marks: int = 100
) -> None:
    """A line for each method through its points (x, shown(y)), with at most so many marks."""
    for i, (method, own) in enumerate(by_method(rows).items()):
        points = [(row[x], scaled(row[y])) for row in own if row[y] is not None]
        stroke = "-" if i < len(COLORS) else "--"  # colors come again
        style: dict[str, Any] = {"color": color(i), "marker": shape(i), "linestyle": stroke, "label": method}
        every = -(-len(points) // most_marks) or 1
        axes.plot(*zip(*points, strict=True), linewidth=1.5, markersize=5, fillstyle="none", markevery=every, **style)


def _method(row: Mapping[str, Any]) -> str:
    return row["method"]
