"""The picture of a compression: what the network still knows, and the loss, by the bytes of the approximation."""

from pathlib import Path

from wlra_dist.report.pictures.canvas import HEADING, legend_below, logarithmic, percent, sheet, titled
from wlra_dist.report.pictures.method_lines import lines
from wlra_dist.studies.experiments.compression import CompressionResult

WIDTH, HEIGHT = 1500, 640
"""Pixels."""

SEE = "What to see: at the same bytes, which method leaves the network most of what it knew, and the least loss."

BYTES = "bytes of the layer, logarithmic axis; W not counted"


def draw(name: str, result: CompressionResult, path: Path) -> None:
    """Writes a PNG of two panels, bytes along both."""
    facts, rows = result.facts, [*result.accuracies, *result.facts["rounded"]]
    with sheet(path, WIDTH, HEIGHT) as figure:
        known, lost = figure.subplots(1, 2)
        lines(known, rows, "bytes", "accuracy")
        lines(lost, rows, "bytes", "relative_loss")
        for axes in (known, lost):
            logarithmic(axes, "x", *axes.dataLim.intervalx)
        before = f"the layer as it is: {facts['bytes']:,} bytes"
        known.axhline(facts["accuracy"], color="black", linestyle=":", linewidth=1, label=before)
        known.yaxis.set_major_formatter(percent)
        titled(known, "Test images that the network reads right", BYTES)
        titled(lost, "loss / ‖W∘A‖²", BYTES)
        title = f"{name}: a layer of {facts['n']:,} × {facts['d']:,} gives way to its approximation"
        figure.suptitle(title, fontsize=HEADING)
        legend_below(figure, caption=SEE)
