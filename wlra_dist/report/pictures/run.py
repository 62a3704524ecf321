"""The picture of a run: who said how much of what, and what theory says about the sum.

Left, a bar for each party that spoke, stacked by part of the message, with the paper's count of the same
messages as a black line. Right, the sum beside the theorems' figures; where these differ much the axis is
logarithmic, and they are dots, since a bar on such an axis has no true length.
"""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from wlra_dist.game.ledger import Entry, charged
from wlra_dist.report.pictures.canvas import COLORS, HEADING, LINEAR_SPAN, legend_below, sheet, short, thousands, titled
from wlra_dist.report.rank_words import rank_in_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, HEIGHT = 1200, 700
"""Pixels."""

MOST_BARS = 40
"""Parties with a bar and a name; more are drawn as a profile."""

MOST_LEVEL_NAMES = 6
"""Parties whose names fit side by side."""

TITLE_CHARACTERS = 100
"""How much of the title fits on a line."""

PART_COLORS = {
    "values of C": COLORS[0],
    "coefficients": COLORS[1],
    "support of C": COLORS[2],
    "column indices": COLORS[3],
    "header": COLORS[4],
}
"""The same part has the same color in every picture; others take what is left."""


def draw(facts: Mapping[str, Any], entries: Sequence[Entry], path: Path) -> None:
    """Writes a PNG of WIDTH × HEIGHT pixels: the summary of a run and its ledger as a picture."""
    with sheet(path, WIDTH, HEIGHT) as figure:
        left, right = figure.subplots(1, 2, width_ratios=[3, 2])
        title = [textwrap.fill(line, TITLE_CHARACTERS) for line in (headline(facts), rank_in_words(facts))]
        figure.suptitle("\n".join(title), fontsize=HEADING)
        _draw_parties(left, charged(entries, facts["model"]), facts["word_bits"])
        _draw_totals(right, _totals(facts))
        legend_below(figure)


def headline(facts: Mapping[str, Any]) -> str:
    """The result in one sentence."""
    servers = f"{facts['servers']:,} server{'s' if facts['servers'] != 1 else ''}"
    sent = f"{facts['scenario']}: {facts['protocol']} with {servers} takes {facts['bits']:,} bits"
    if facts["exact"]:
        return f"{sent} and leaves no loss"
    if facts["ratio"] is None:
        return f"{sent} for a loss of {facts['loss']:.4g}"
    return f"{sent} for a loss at most {facts['ratio']:.4g} times what any rank-{facts['k']} matrix must leave"


def _draw_parties(axes: "Axes", entries: Sequence[Entry], word: int) -> None:
    """Bits by sender and part; entries are those that cost something."""
    senders, parts, bits, paper = _by_sender(entries, word)
    many = len(senders) > MOST_BARS
    if many:
        order = np.argsort(-bits.sum(axis=0), kind="stable")
        bits, paper = bits[:, order], paper[order]
    at = np.arange(1, len(senders) + 1)
    if many:
        axes.stackplot(at, *bits, labels=parts, colors=_colors(parts), step="mid")
    else:
        _draw_bars(axes, at, senders, parts, bits)
    axes.hlines(paper, at - 0.5, at + 0.5, color="black", label="paper's count")
    axes.set_ylim(0, 1.05 * max(1, bits.sum(axis=0).max(initial=0), paper.max(initial=0)))
    axes.yaxis.set_major_formatter(thousands)
    along = f"{len(senders):,} parties, by bits sent" if many else ""
    titled(axes, "Bits by party and part of the message", along, "bits", grid=None)


def _draw_bars(axes: "Axes", at: np.ndarray, senders: Sequence[str], parts: Sequence[str], bits: np.ndarray) -> None:
    floors = bits.cumsum(axis=0) - bits
    for part, color, heights, floor in zip(parts, _colors(parts), bits, floors, strict=True):
        axes.bar(at, heights, bottom=floor, label=part, color=color, width=0.7)
    upright = len(senders) > MOST_LEVEL_NAMES
    axes.set_xticks(at, senders, rotation=90 if upright else 0, fontsize=9 if upright else 11)
    margin = max(0.6, 2 - len(senders) / 2)  # a party alone shall not be as wide as the picture
    axes.set_xlim(1 - margin, len(senders) + margin)


def _by_sender(entries: Iterable[Entry], word: int) -> tuple[list[str], list[str], np.ndarray, np.ndarray]:
    """Senders in order of speaking, parts with the greatest first, bits (parts × senders), paper's bits."""
    totals: dict[tuple[str, str], int] = {}
    paper: dict[str, int] = {}
    for entry in entries:
        paper[entry.sender] = paper.get(entry.sender, 0) + entry.numbers * word
        for part, bits in entry.parts.items():
            totals[part, entry.sender] = totals.get((part, entry.sender), 0) + bits
    senders, parts = list(paper), list(dict.fromkeys(part for part, _ in totals))
    bits = np.array([[totals.get((part, sender), 0) for sender in senders] for part in parts], dtype=float)
    bits = bits.reshape(len(parts), len(senders))
    order = np.argsort(-bits.sum(axis=1), kind="stable")
    return senders, [parts[i] for i in order], bits[order], np.array(list(paper.values()), dtype=float)


def _totals(facts: Mapping[str, Any]) -> list[tuple[str, float, str]]:
    """(name, bits, color), top to bottom."""
    rows = [
        ("sent", facts["bits"], COLORS[0]),
        ("paper's count of the same messages", facts["paper_bits"], "black"),
        ("theorem's upper bound", facts["upper_bound_bits"], COLORS[7]),
        ("at least, on Thm 1.5's inputs", facts["least_bits"], COLORS[5]),
    ]
    return [row for row in rows if row[1] is not None]


def _draw_totals(axes: "Axes", rows: Sequence[tuple[str, float, str]]) -> None:
    values = [max(bits, 1) for _, bits, _ in rows]
    logarithmic = max(values) > LINEAR_SPAN * min(values)
    left = 10.0 ** np.floor(np.log10(min(values)) - 0.1) if logarithmic else 0.0
    if logarithmic:
        axes.set_xscale("log")
    for y, (name, bits, color) in zip(range(len(rows), 0, -1), rows, strict=True):
        axes.hlines(y, left, max(bits, 1), color=color, linewidth=1 if logarithmic else 9)
        axes.plot(max(bits, 1), y, marker="o", color=color, markersize=10 if logarithmic else 0)
        label = f"{name}: {bits:,.0f} bits"
        axes.annotate(
            label, (0, y), (4, 10), xycoords=("axes fraction", "data"), textcoords="offset points",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )  # fmt: skip
    for _, bits, color in rows[1:]:
        axes.axvline(max(bits, 1), color=color, linestyle=":", linewidth=1, zorder=0)
    axes.set_xlim(left, max(values) * (3 if logarithmic else 1.1))
    axes.set_ylim(0.5, len(rows) + 0.6)
    axes.set_yticks([])
    axes.xaxis.set_major_formatter(short)
    along = "bits, logarithmic axis" if logarithmic else "bits"
    titled(axes, "All bits together, and what theory says", along, grid=None)


def _colors(parts: Sequence[str]) -> list[str]:
    spare = cycle(COLORS[len(PART_COLORS) :])
    return [PART_COLORS.get(part) or next(spare) for part in parts]
