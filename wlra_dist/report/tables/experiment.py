"""What an experiment found, on the screen: a line for each method, first at the same rank, then at the same bytes."""

from collections.abc import Iterator, Mapping

from wlra_dist.report.tables import approximate_als, figures
from wlra_dist.report.tables.columns import Column, grid
from wlra_dist.studies.experiments import Experiment, Result
from wlra_dist.studies.experiments.approximate_als import ApproximateALSResult
from wlra_dist.studies.experiments.compression import CompressionResult
from wlra_dist.studies.experiments.figure_tables import FiguresResult
from wlra_dist.studies.experiments.rank_sweep import RankSweepResult
from wlra_dist.studies.experiments.tables import FLOAT_BYTES, Row, Rows

NAME, WIDTH = 24, 9
"""Characters of a method's name and of a figure."""

SECONDS = Column("seconds", "seconds", ".4f", WIDTH)
BYTES = Column("bytes", "bytes", ",d", WIDTH)

MARKS = ("1", "3", "10", "25")
"""Iterates on the screen."""

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
    first, last = result.spectrum[0], ranks[-1]
    yield f"F = W∘W has {first['mass_F']:.1%} of ‖F‖² in its first singular value, W {first['mass_W']:.1%}"
    yield f"\nloss/‖W∘A‖², mean of {rows[0]['trials']}; median seconds, and bytes of 32-bit floats, at rank {last}"
    at = {(row["method"], row["rank"]): row for row in rows}
    lines = {
        method: {str(k): at[method, k]["relative_loss"] for k in ranks} | at[method, last]
        for method in by_loss(rows, last)
    }
    yield from grid(lines.items(), [*(_loss(str(k), f"rank {k}") for k in ranks), SECONDS, BYTES], NAME)
    yield from _same_bytes(rows, {k: FLOAT_BYTES * (result.facts["n"] + result.facts["d"]) * k for k in ranks})
    yield from _refinement(result.refinement, result.facts["k"])


def _same_bytes(rows: Rows, usual: Mapping[int, int]) -> Iterator[str]:
    """The least loss of each method within the bytes of a matrix of rank k, which most methods answer with."""
    within = {k: [row for row in rows if row["bytes"] <= size] for k, size in usual.items()}
    yield "\nthe least loss/‖W∘A‖² within so many bytes: those of a matrix of these ranks"
    lines = {
        method: {
            str(k): min((row["relative_loss"] for row in of_rank if row["method"] == method), default=None)
            for k, of_rank in within.items()
        }
        for method in by_loss(within[max(usual)], None)
    }
    yield from grid(lines.items(), [_loss(str(k), f"{size:,}") for k, size in usual.items()], NAME)


def _refinement(rows: Rows, k: int) -> Iterator[str]:
    if not rows:
        return
    yield f"\nloss/‖W∘A‖² from iterate to iterate at rank {k}; a start is its own first iterate"
    lines = {}
    for method in dict.fromkeys(row["method"] for row in rows):
        own = [row for row in rows if row["method"] == method]
        at = {str(row["iterate"]): row["relative_loss"] for row in own}
        lines[method] = dict.fromkeys(MARKS) | at | {"last": own[-1]["relative_loss"], "seconds": own[-1]["seconds"]}
    yield from grid(lines.items(), [*(_loss(mark, mark) for mark in (*MARKS, "last")), SECONDS], NAME, "iterate")


def _compression(result: CompressionResult) -> Iterator[str]:
    facts, rows = result.facts, result.accuracies
    ranks = table_ranks(rows)
    yield f"the network as it is: {facts['accuracy']:.2%} of the test images right, {facts['bytes']:,} bytes"
    yield "\nright after the layer gave way to its approximation, and the bytes of this"
    lines: dict[str, Row] = {}
    for row in rows:
        k, line = row["rank"], lines.setdefault(row["method"], {})
        line |= {f"right at {k}": row["accuracy"], f"bytes at {k}": row["bytes"]}
    of_rank = (
        (Column(f"right at {k}", f"rank {k}", ".2%", WIDTH), Column(f"bytes at {k}", "bytes", ",d", WIDTH))
        for k in ranks
    )
    yield from grid(lines.items(), [column for pair in of_rank for column in pair], NAME)
    yield f"\nthe fewest bytes that leave {KEPT:.0%} of the accuracy"
    fewest = fewest_bytes(rows, KEPT * facts["accuracy"])
    yield from grid(((method, {"bytes": size}) for method, size in fewest), [BYTES], NAME)


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


def _loss(key: str, title: str) -> Column:
    return Column(key, title, ".4f", WIDTH)
