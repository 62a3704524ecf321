"""The picture of a small model: where its bytes are, and what each tensor lost for them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wlra_dist.report.pictures.canvas import color, logarithmic, sheet, short, titled
from wlra_dist.report.pictures.labels import noted

WIDTH, HEIGHT = 640, 480
"""Pixels."""

SEE = "What to see: a tensor far left is small in the file, one far down (from 1e-9) has lost little; some are named."

NAMED = 8
"""Tensors whose names are written."""

LONGEST = 24
"""Characters of a name; of a longer one both ends are there: the layer, and what it is in it."""

LEAST = 1e-9
"""Of its energy: a tensor that lost less is drawn there."""


def draw(facts: Mapping[str, Any], path: Path) -> None:
    """Writes a picture of `report.tables.model.model_facts`."""
    tensors = sorted((row for row in facts["tensors"] if not row["same_as"]), key=lambda row: -row["bytes"])
    with sheet(path, WIDTH, HEIGHT) as figure:
        axes = figure.subplots()
        sizes = [max(1, row["bytes"]) for row in tensors]
        losses = [max(LEAST, row["loss"] or 0.0) for row in tensors]
        axes.plot(sizes, losses, "o", color=color(0), fillstyle="none")
        named: set[tuple[float, float]] = set()
        for row, size, loss in zip(tensors[:NAMED], sizes, losses, strict=False):
            if (size, loss) not in named:
                noted(axes, size, loss, _ends(row["name"]))
            named.add((size, loss))
        if tensors:
            logarithmic(axes, "x", min(sizes), max(sizes))
            logarithmic(axes, "y", min(losses), max(losses))
            axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0e}")
        axes.xaxis.set_major_formatter(short)
        titled(axes, "Each tensor", "bytes in the file", "loss over energy")


def _ends(name: str) -> str:
    half = LONGEST // 2
    return name if len(name) <= LONGEST else f"{name[:half]}…{name[1 - half :]}"
