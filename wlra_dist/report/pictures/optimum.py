"""The picture of an optimum enclosed: both ends of the interval by the seconds it took."""

from collections.abc import Sequence
from pathlib import Path

from wlra_dist.report.pictures.canvas import color, legend_below, sheet, titled

WIDTH, HEIGHT = 800, 520
"""Pixels."""

SEE = "What to see: the optimum is in the grey; where both lines meet, it is known."


def draw(title: str, steps: Sequence[tuple[float, float, float]], seconds: float, path: Path) -> None:
    """Writes a picture; steps are seconds, lower end, upper end."""
    times, lowers, uppers = (list(column) for column in zip(*steps, (seconds, *steps[-1][1:]), strict=True))
    with sheet(path, WIDTH, HEIGHT) as figure:
        axes = figure.subplots()
        axes.step(times, uppers, where="post", color=color(1), label="the best loss found")
        axes.step(times, lowers, where="post", color=color(0), label="certified: no loss is below")
        axes.fill_between(times, lowers, uppers, step="post", color="0.9", label="where the optimum may be")
        axes.set_ylim(0, 1.05 * max(upper for upper in uppers if upper < float("inf")) or 1.0)
        titled(axes, title, "seconds", "loss ‖W∘(A − Ã)‖²")
        legend_below(figure, caption=SEE)
