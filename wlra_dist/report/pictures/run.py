"""The picture of a run: the matrix and what became of it, who said how much of what, and what theory says of the sum.

Above, where the matrices can be had: A, W, Ã and the weighted error. Below left, a bar for each party that spoke,
stacked by part of the message, on an axis of its own; of many parties a profile by rank of size. Right, the sum beside
the theorems' figures, with their ratios to it.
"""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from wlra_dist.game.book import Entry
from wlra_dist.game.ledger import charged
from wlra_dist.report.pictures.canvas import (
    COLORS,
    HEADING,
    LINEAR_SPAN,
    legend_below,
    sheet,
    short,
    thousands,
    titled,
)
from wlra_dist.report.pictures.labels import noted
from wlra_dist.report.pictures.views import Views, draw_views
from wlra_dist.report.rank_words import rank_in_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, HEIGHT, MATRICES = 1200, 700, 300
"""Pixels: of the picture, and what the row of matrices adds to its height."""

MOST_BARS = 16
"""Parties with a bar and a name; more are drawn as a profile."""

MOST_STEPS = 300
"""Of a profile; of more parties some, evenly by rank."""

MOST_LEVEL_NAMES = 6
"""Parties whose names fit side by side."""

TITLE_CHARACTERS = 110
"""How much of the title fits on a line."""

PART_COLORS = {
    "values of C": COLORS[0],
    "coefficients": COLORS[1],
    "support of C": COLORS[2],
    "column indices": COLORS[3],
    "header": COLORS[4],
}
"""The same part has the same color in every picture; others take what is left."""

SEE = "What to see: which part of the messages the bits are spent on, and how far below the theorem's count they stay."
SEE_MATRICES = "A and Ã share their colors, and so do W∘A and what is lost of it: the paler the last panel, the better."


def draw(facts: Mapping[str, Any], entries: Sequence[Entry], path: Path, seen: Views | None = None) -> None:
    """Writes the summary of a run, its ledger and its matrices, if they are known, as a picture."""
    with sheet(path, WIDTH, HEIGHT + (MATRICES if seen else 0)) as figure:
        heights = [MATRICES, HEIGHT] if seen else [HEIGHT]
        grid = figure.add_gridspec(len(heights), 1, height_ratios=heights)
        if seen:
            draw_views(list(grid[0].subgridspec(1, 4).subplots(squeeze=False).flat), seen)
        left, right = grid[-1].subgridspec(1, 2, width_ratios=[3, 2]).subplots(squeeze=False).flat
        title = [textwrap.fill(line, TITLE_CHARACTERS) for line in (headline(facts), rank_in_words(facts))]
        figure.suptitle("\n".join(title), fontsize=HEADING)
        draw_parties(left, entries, facts)
        draw_totals(right, facts)
        legend_below(figure, caption=f"{SEE} {SEE_MATRICES}" if seen else SEE)


def headline(facts: Mapping[str, Any]) -> str:
    """The result in one sentence."""
    servers = f"{facts['servers']:,} server{'s' if facts['servers'] != 1 else ''}"
    sent = f"{facts['scenario']}: {facts['protocol']} with {servers} takes {facts['bits']:,} bits"
    if facts["exact"]:
        return f"{sent} and leaves no loss"
    if facts["ratio"] is None:
        return f"{sent} for a loss of {facts['loss']:.4g}"
    return f"{sent} for a loss at most {facts['ratio']:.4g} × that of any rank-{facts['k']} matrix"


def draw_parties(axes: "Axes", entries: Sequence[Entry], facts: Mapping[str, Any]) -> None:
    """Bits by sender and part, of the messages that cost something."""
    senders, parts, bits = _by_sender(charged(entries, facts["model"]))
    many = len(senders) > MOST_BARS
    at = np.arange(1, len(senders) + 1)
    if many:
        ranked = bits[:, np.argsort(-bits.sum(axis=0), kind="stable")]
        few = np.unique(np.linspace(0, len(senders) - 1, MOST_STEPS).astype(int))
        at, bits = at[few], ranked[:, few]
        axes.stackplot(at, *bits, labels=parts, colors=_colors(parts), step="mid")
        axes.set_xlim(1, len(senders))
    else:
        _draw_bars(axes, at, senders, parts, bits)
    axes.set_ylim(0, 1.12 * max(1, bits.sum(axis=0).max(initial=0)))
    axes.yaxis.set_major_formatter(thousands)
    along = f"{len(senders):,} parties, by rank of what they sent" if many else ""
    titled(axes, "Bits by party and part of the message", along, "bits", grid=None)


def _draw_bars(axes: "Axes", at: np.ndarray, senders: Sequence[str], parts: Sequence[str], bits: np.ndarray) -> None:
    floors = bits.cumsum(axis=0) - bits
    for part, color, heights, floor in zip(parts, _colors(parts), bits, floors, strict=True):
        axes.bar(at, heights, bottom=floor, label=part, color=color, width=0.7, edgecolor="white", linewidth=0.5)
    for x, total in zip(at, bits.sum(axis=0), strict=True):
        noted(axes, float(x), float(total), thousands(total), over=True)
    upright = len(senders) > MOST_LEVEL_NAMES
    axes.set_xticks(at, senders, rotation=90 if upright else 0, fontsize=9 if upright else 11)
    margin = max(0.6, 2 - len(senders) / 2)  # a party alone shall not be as wide as the picture
    axes.set_xlim(1 - margin, len(senders) + margin)


def _by_sender(entries: Iterable[Entry]) -> tuple[list[str], list[str], np.ndarray]:
    """Senders in order of speaking, parts with the greatest first, bits (parts × senders)."""
    totals: dict[tuple[str, str], int] = {}
    senders: dict[str, None] = {}
    for entry in entries:
        senders[entry.sender] = None
        for part, bits in entry.parts.items():
            totals[part, entry.sender] = totals.get((part, entry.sender), 0) + bits
    parts = list(dict.fromkeys(part for part, _ in totals))
    bits = np.array([[totals.get((part, sender), 0) for sender in senders] for part in parts], dtype=float)
    bits = bits.reshape(len(parts), len(senders))
    order = np.argsort(-bits.sum(axis=1), kind="stable")
    return list(senders), [parts[i] for i in order], bits[order]


def draw_totals(axes: "Axes", facts: Mapping[str, Any]) -> None:
    """All bits beside what theory says: a dot each, its figure and its ratio to what was sent beside its name."""
    rows = _totals(facts)
    sent, values = max(1, facts["bits"]), [max(bits, 1) for _, bits, _ in rows]
    spread = max(values) > LINEAR_SPAN * min(values)
    left = 10.0 ** np.floor(np.log10(min(values)) - 0.1) if spread else 0.0
    if spread:
        axes.set_xscale("log")
    for y, (_, bits, color) in zip(range(len(rows), 0, -1), rows, strict=True):
        axes.hlines(y, left, max(bits, 1), color=color, linewidth=2)
        axes.plot(max(bits, 1), y, marker="o", color=color, markersize=10)
    names = [
        f"{name}\n{bits:,.0f} bits{'' if i == 0 else _ratio(bits, sent)}" for i, (name, bits, _) in enumerate(rows)
    ]
    axes.set_yticks(range(len(rows), 0, -1), names)
    axes.set_xlim(left, max(values) * (3 if spread else 1.1))
    axes.set_ylim(0.4, len(rows) + 0.6)
    axes.xaxis.set_major_formatter(short)
    titled(axes, "All bits, and what theory says", "bits, logarithmic axis" if spread else "bits", grid=None)


def _totals(facts: Mapping[str, Any]) -> list[tuple[str, float, str]]:
    """(name, bits, color), top to bottom."""
    original = 8 * (facts.get("original_bytes") or 0)
    rows = [
        ("sent", facts["bits"], COLORS[0]),
        ("at least (Thm 1.5)", facts["least_bits"], COLORS[5]),
        ("paper's count\nof these messages", facts["paper_bits"], "black"),
        ("theorem's upper bound", facts["upper_bound_bits"], COLORS[7]),
        ("A as it is", original or None, COLORS[2]),
    ]
    return [row for row in rows if row[1] is not None]


def _ratio(bits: float, sent: float) -> str:
    return f", {bits / sent:,.3g} ×"


def _colors(parts: Sequence[str]) -> list[str]:
    spare = cycle(COLORS[len(PART_COLORS) :])
    return [PART_COLORS.get(part) or next(spare) for part in parts]
