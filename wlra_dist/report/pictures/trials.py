"""The picture of trials: a histogram of their bits, and as lines what they say on average and must say at least."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wlra_dist.report.pictures.canvas import color, legend_below, sheet, short, titled

WIDTH, HEIGHT = 900, 520
"""Pixels."""

BINS = 40
"""Of the histogram of bits."""

SEE = "What to see: where the games' bits lie beside the lines below which nobody's can lie, on average or at worst."

LINES = {
    "mean_bits": "mean",
    "lower_bound_bits": "N: on average, without error",
    "lower_bound_expected": "on average, if right with probability 2/3 (Fano)",
    "lower_bound_worst_case": "on some input, if so",
    "lower_bound_everyone": "on some input, if so and all output",
}
"""By figure, what its line is called."""


def draw(facts: Mapping[str, Any], path: Path) -> None:
    """Writes a PNG."""
    with sheet(path, WIDTH, HEIGHT) as figure:
        axes = figure.subplots()
        axes.hist(facts["bits"], bins=BINS, color="lightgray", edgecolor="gray")
        for i, (key, words) in enumerate(LINES.items()):
            if facts[key] is not None:
                label = f"{words}: {facts[key]:,.1f}"
                axes.axvline(facts[key], color=color(i), linestyle="-" if key == "mean_bits" else "--", label=label)
        low, high = facts["interval"]
        rate = f"right in {facts['success_rate']:.4f} of them, so with probability {low:.4f} … {high:.4f}"
        title = f"{facts['scenario']}: {facts['protocol']}, {facts['trials']:,} games; {rate}"
        titled(axes, title, "bits", "games", grid=None)
        axes.xaxis.set_major_formatter(short)
        axes.yaxis.set_major_formatter(short)
        legend_below(figure, caption=SEE)
