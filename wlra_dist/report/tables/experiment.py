"""What an experiment found, on the screen: a line for each method, first at the same rank, then at the same bytes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from wlra_dist.report.tables import approximate_als, figures
from wlra_dist.studies.experiments import Experiment, Result
from wlra_dist.studies.experiments.approximate_als import ApproximateALSResult
from wlra_dist.studies.experiments.compression import CompressionResult
from wlra_dist.studies.experiments.figure_tables import FiguresResult
from wlra_dist.studies.experiments.rank_sweep import RankSweepResult
from wlra_dist.studies.experiments.tables import FLOAT_BYTES, Row, Rows

NAME, WIDTH = 24, 9
"""Characters of a method's name and of a figure."""

USUAL = (5, 10, 20)
"""The paper's tables are at these ranks."""

MOST_RANKS = 3
"""Ranks on the screen; the files have all."""


def record(asked: Experiment, result: Result) -> Row:
    """All of it as JSON values."""
    return {"scenario": asked.name, "public": asked.facts(), "facts": result.facts, **result.tables}


def table(asked: Experiment, result: Result) -> str:
    """All that is to be seen at a glance, as lines."""
    if isinstance(result, FiguresResult):
        return "\n".join(figures.lines(asked.name, result))
    if isinstance(result, ApproximateALSResult):
        return "\n".join(approximate_als.lines(asked.name, result))
    n, d = result.facts["n"], result.facts["d"]
    lines = _compression(result) if isinstance(result, CompressionResult) else _rank_sweep(result)
    return "\n".join([f"{asked.name}: A and W are {n:,} × {d:,}", *lines])


def _rank_sweep(result: RankSweepResult) -> Iterator[str]:
    rows, ranks = result.losses, table_ranks(result.losses)
    first = result.spectrum[0]
    yield f"F = W∘W has {first['mass_F']:.1%} of ‖F‖² in its first singular value, W {first['mass_W']:.1%}"
    yield f"\nloss/‖W∘A‖², mean of {rows[0]['trials']}; median seconds, and bytes of 32-bit floats, at rank {ranks[-1]}"
    yield _line("", [f"rank {k}" for k in ranks] + ["seconds", "bytes"])
    for method in by_loss(rows, ranks[-1]):
        at = {row["rank"]: row for row in rows if row["method"] == method}
        figures = [f"{at[k]['relative_loss']:.4f}" for k in ranks]
        yield _line(method, [*figures, f"{at[ranks[-1]]['seconds']:.4f}", f"{at[ranks[-1]]['bytes']:,}"])
    yield from _same_bytes(rows, {k: FLOAT_BYTES * (result.facts["n"] + result.facts["d"]) * k for k in ranks})
    yield from _refinement(result.refinement, result.facts["k"])


def _same_bytes(rows: Rows, usual: Mapping[int, int]) -> Iterator[str]:
    """The least loss of each method within the bytes of a matrix of rank k, which most methods answer with."""
    within = {k: [row for row in rows if row["bytes"] <= size] for k, size in usual.items()}
    yield "\nthe least loss/‖W∘A‖² within so many bytes: those of a matrix of these ranks"
    yield _line("", [f"{size:,}" for size in usual.values()])
    for method in by_loss(within[max(usual)], None):
        least = (
            _least(row["relative_loss"] for row in of_rank if row["method"] == method) for of_rank in within.values()
        )
        yield _line(method, ["–" if loss is None else f"{loss:.4f}" for loss in least])


def _refinement(rows: Rows, k: int) -> Iterator[str]:
    if not rows:
        return
    yield f"\nloss/‖W∘A‖² from iterate to iterate at rank {k}; a start is its own first iterate"
    marks = (1, 3, 10, 25)
    yield _line("iterate", [*map(str, marks), "last", "seconds"])
    for method in dict.fromkeys(row["method"] for row in rows):
        own = [row for row in rows if row["method"] == method]
        at = {row["iterate"]: f"{row['relative_loss']:.4f}" for row in own}
        yield _line(
            method, [*(at.get(i, "–") for i in marks), f"{own[-1]['relative_loss']:.4f}", f"{own[-1]['seconds']:.4f}"]
        )


def _compression(result: CompressionResult) -> Iterator[str]:
    facts, rows = result.facts, result.accuracies
    ranks = table_ranks(rows)
    yield f"the network as it is: {facts['accuracy']:.2%} of the test images right, {facts['bytes']:,} bytes"
    yield "\nright after the layer gave way to its approximation, and the bytes of this"
    yield _line("", [word for k in ranks for word in (f"rank {k}", "bytes")])
    for method in dict.fromkeys(row["method"] for row in rows):
        at = {row["rank"]: row for row in rows if row["method"] == method}
        yield _line(method, [word for k in ranks for word in (f"{at[k]['accuracy']:.2%}", f"{at[k]['bytes']:,}")])
    yield f"\nthe fewest bytes that leave {KEPT:.0%} of the accuracy"
    for method, size in fewest_bytes(rows, KEPT * facts["accuracy"]):
        yield _line(method, ["none" if size is None else f"{size:,}"])


KEPT = 0.95
"""Of the accuracy, for the fewest bytes."""


def fewest_bytes(rows: Rows, accuracy: float) -> list[tuple[str, int | None]]:
    """Of each method the fewest bytes with at least this accuracy, the fewest first; None for none."""
    fewest: dict[str, int | None] = {}
    for method in dict.fromkeys(row["method"] for row in rows):
        enough = [row["bytes"] for row in rows if row["method"] == method and row["accuracy"] >= accuracy]
        fewest[method] = min(enough, default=None)
    return sorted(fewest.items(), key=lambda item: (item[1] is None, item[1]))


def by_loss(rows: Rows, k: int | None) -> list[str]:
    """The methods, best first: at rank k, or by their least loss."""
    at = sorted((row for row in rows if k is None or row["rank"] == k), key=lambda row: row["relative_loss"])
    return list(dict.fromkeys(row["method"] for row in at))


def table_ranks(rows: Rows) -> list[int]:
    """The paper's ranks, if they are there, or some from the first to the last."""
    ranks = sorted({row["rank"] for row in rows})
    if set(USUAL) <= set(ranks):
        return list(USUAL)
    count = min(MOST_RANKS, len(ranks))
    return [ranks[i * (len(ranks) - 1) // max(1, count - 1)] for i in range(count)]


def _least(losses: Iterable[float]) -> float | None:
    return min(losses, default=None)


def _line(name: str, figures: Sequence[Any]) -> str:
    return f"  {name:{NAME}}" + "".join(f" {figure:>{WIDTH - 1}}" for figure in figures)
