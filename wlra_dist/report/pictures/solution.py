"""The picture of a solution: its loss beside the bound that no matrix of its rank can beat."""

from pathlib import Path
from typing import Any

from wlra_dist.report.pictures.canvas import color, sheet
from wlra_dist.solvers import Solution

WIDTH, HEIGHT = 800, 220
"""Pixels."""


def row(solution: Solution) -> dict[str, Any]:
    """Its figures."""
    proof = solution.certificate
    return {
        "method": solution.method,
        "k": solution.k,
        "loss": solution.loss,
        "loss / energy": solution.loss / solution.energy if solution.energy else None,
        "lower bound": proof.lower_bound_opt if proof and proof.proven else None,
        "ratio": proof.ratio if proof else None,
        "numbers": solution.parameters,
        "seconds": solution.seconds,
    }


def draw(solution: Solution, path: Path) -> None:
    """Writes a PNG: loss and lower bound as shares of ‖W∘A‖²."""
    facts, energy = row(solution), solution.energy or 1.0
    bars = [("loss", facts["loss"]), ("lower bound", facts["lower bound"])]
    known = [(name, value / energy) for name, value in bars if value is not None]
    with sheet(path, WIDTH, HEIGHT) as figure:
        axes = figure.subplots()
        for y, (name, share) in enumerate(known):
            axes.barh(y, share, color=color(y))
            axes.annotate(f" {share:.4g}", (share, y), va="center")
            axes.annotate(f"{name} ", (0, y), ha="right", va="center")
        axes.set_yticks([])
        axes.set_xlabel("share of ‖W∘A‖²")
        axes.set_title(f"{solution.method}, rank {solution.k}", fontsize=12)
