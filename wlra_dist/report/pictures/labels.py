"""Texts of a picture that would stand on one another: which are drawn, where, and which of them give way.

Of the labels along an axis every second, third … is left; a figure at a point (`noted`) gives way to all else.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure
    from matplotlib.text import Annotation, Text
    from matplotlib.transforms import Bbox

NOTE = "note"
"""The mark of texts that give way."""

OVER = "note over a bar"
"""Of those that stand on a bar, and would not be read in it."""

ABOVE, FARTHER, BESIDE = 11, 24, 8
"""Points from a note's own point to the middle of it above or below, and to its end beside."""

MARK_RADIUS = 4
"""Pixels."""

POINTS_PER_INCH = 72  # the unit of sizes of fonts

TOUCH = 1.0
"""Pixels that boxes may share: each has some room around its letters."""

Placed = tuple["Text", "Bbox"]

Extents = tuple[float, float, float, float]
"""Of a box: its left, low, right and high ends."""


def noted(axes: "Axes", x: float, y: float, text: str, color: str = "black", *, over: bool = False) -> None:
    """Writes a figure at a point, where there is room for it; `over` it and nowhere else."""
    note = axes.annotate(
        text, (x, y), (0, ABOVE), textcoords="offset points", fontsize=9, color=color, ha="center", va="center"
    )
    note.set_gid(OVER if over else NOTE)
    note.set_in_layout(False)


def untangle(figure: "Figure") -> None:
    """Moves notes, or leaves them out, until no two texts overlap and all are on the sheet."""
    figure.draw_without_rendering()
    for axis in _axes(figure):
        _thin(labels(axis))
    figure.set_layout_engine("none")  # from here on nothing moves by itself
    placed = list(boxes(figure))
    notes: list[Any] = [text for text, _ in placed if text.get_gid() in (NOTE, OVER)]  # annotations: `noted` made them
    taken = [box.extents for text, box in placed if text.get_gid() not in (NOTE, OVER)] + [
        _mark(note).extents for note in notes
    ]
    for note in notes:
        _put(note, taken, figure)


def boxes(figure: "Figure") -> Iterator[Placed]:
    """Every text that is drawn, and the pixels that it takes."""
    from matplotlib.text import Text

    drawn = {label for axis in _axes(figure) for label in labels(axis)}
    ticks = {
        label
        for axes in figure.axes
        for axis in (axes.xaxis, axes.yaxis)
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks())
        for label in (tick.label1, tick.label2)
    }
    for text in figure.findobj(Text):
        if text.get_visible() and text.get_text().strip() and (text in drawn or text not in ticks):
            yield text, text.get_window_extent()


def labels(axis: "Axis") -> list["Text"]:
    """The labels along an axis that are within its view, in its order."""
    low, high = sorted(axis.get_view_interval())
    room = 1e-9 * (high - low)
    ticks = sorted((*axis.get_major_ticks(), *axis.get_minor_ticks()), key=lambda tick: tick.get_loc())
    return [
        label
        for tick in ticks
        for label in (tick.label1, tick.label2)
        if low - room <= tick.get_loc() <= high + room and label.get_visible() and label.get_text()
    ]


def overlap(one: "Bbox", other: "Bbox") -> bool:
    """Whether two texts stand on one another."""
    across = min(one.x1, other.x1) - max(one.x0, other.x0)
    return across > TOUCH and min(one.y1, other.y1) - max(one.y0, other.y0) > TOUCH


def on_sheet(box: "Bbox", figure: "Figure") -> bool:
    """Whether the whole text is on the canvas."""
    sheet = figure.bbox.padded(TOUCH)
    return box.x0 >= sheet.x0 and box.y0 >= sheet.y0 and box.x1 <= sheet.x1 and box.y1 <= sheet.y1


def _axes(figure: "Figure") -> Iterator["Axis"]:
    for axes in figure.axes:
        if axes.axison and axes.get_visible():
            yield from (axis for axis in (axes.xaxis, axes.yaxis) if axis.get_visible())


def _thin(along: Sequence["Text"]) -> None:
    """Leaves every second, third … label, so that none touches the next."""
    seen = [label.get_window_extent() for label in along]
    step = 1
    while any(overlap(one, other) for one, other in pairwise(seen[::step])):
        step += 1
    for i, label in enumerate(along):
        label.set_visible(i % step == 0)


def _mark(note: "Annotation") -> "Bbox":
    """The pixels of the mark that a note is about."""
    from matplotlib.transforms import Bbox

    assert note.axes is not None, "a note is about a point of a panel"
    return Bbox([note.axes.transData.transform(note.xy)] * 2).padded(MARK_RADIUS)


def _put(note: "Annotation", taken: list[Extents], figure: "Figure") -> None:
    """At the first place where it touches nothing; nowhere, if there is none."""
    points = POINTS_PER_INCH / figure.dpi
    note.set_position((0, 0))
    middle = note.get_window_extent()
    half = round(middle.width / 2 * points)
    for place in _over() if note.get_gid() == OVER else _around(half):
        box = middle.translated(place[0] / points, place[1] / points)
        if on_sheet(box, figure) and not _touches(box.extents, taken):
            note.set_position(place)
            taken.append(box.extents)
            return
    note.set_visible(False)


def _over() -> list[tuple[int, int]]:
    return [(0, ABOVE), (0, FARTHER), (0, 2 * FARTHER - ABOVE)]


def _around(half: int) -> list[tuple[int, int]]:
    """Places around a point for a text that is twice `half` wide."""
    straight = [(0, ABOVE), (0, -ABOVE), (0, FARTHER), (0, -FARTHER), (half + BESIDE, 0), (-half - BESIDE, 0)]
    return [*straight, (-half, ABOVE), (-half, -ABOVE), (half, ABOVE), (half, -ABOVE)]


def _touches(box: Extents, others: Sequence[Extents]) -> bool:
    """Whether it stands on any of them: `overlap`, of many at once."""
    own = np.array(box)
    ends = np.array(others).reshape(-1, 4)
    shared = np.minimum(own[2:], ends[:, 2:]) - np.maximum(own[:2], ends[:, :2])
    return bool((shared > TOUCH).all(axis=1).any())
