"""The picture of docs/architecture.md: the floors of the house, as pyproject's import contracts have them.

python -m benchmarks.house docs/house.png
"""

import sys
import tomllib
from pathlib import Path
from typing import Any

from wlra_dist.report.pictures.canvas import color, sheet

WIDTH, HEIGHT = 800, 700
"""Pixels."""

NUMERICS = "numerics know nothing of games and bits"
"""The contract whose rooms have a color of their own."""


def contracts() -> dict[str, dict[str, Any]]:
    """The import contracts by name."""
    pyproject = Path(__file__).parents[1] / "pyproject.toml"
    stated = tomllib.loads(pyproject.read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    return {contract["name"]: contract for contract in stated}


def floors() -> list[list[str]]:
    """The rooms of each floor, the highest first."""
    layers = next(contract["layers"] for contract in contracts().values() if contract["type"] == "layers")
    return [layer.split(" | ") for layer in layers]


def draw(path: Path) -> None:
    """Writes the picture as PNG."""
    numerics = {module.removeprefix("wlra_dist.") for module in contracts()[NUMERICS]["source_modules"]}
    with sheet(path, WIDTH, HEIGHT) as figure:
        axes = figure.subplots()
        for height, rooms in enumerate(reversed(floors())):
            share = 1 / len(rooms)
            for place, room in enumerate(rooms):
                shade = color(1) if room in numerics else color(0)
                axes.barh(height, share - 0.01, left=place * share, height=0.86, color=shade, alpha=0.35)
                axes.text((place + 0.5) * share - 0.005, height, f"{room}/", ha="center", va="center")
        axes.margins(0.01)
        axes.set_axis_off()
        axes.set_title(f"Each room uses only those on floors below it\norange: {NUMERICS}", fontsize=11)


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
