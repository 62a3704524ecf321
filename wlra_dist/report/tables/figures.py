"""The paper's tables on the screen, by number, and where its order of the methods comes out."""

from collections.abc import Iterator, Mapping

from wlra_dist.report.tables.columns import Column, grid
from wlra_dist.studies.experiments.figure_tables import PAPER_ORDER, FiguresResult
from wlra_dist.studies.experiments.tables import Row

NAME, WIDTH, SET = 10, 16, 26
"""Characters of a method's name, of a column, which is a set's, and of a set's name."""

SIGNS = {"as in the paper": "<", "the other way": ">", "open": "?"}
"""Of what all networks of a set say."""

NUMBERS = {20: 3, 10: 4, 5: 5}
"""The paper's table of each rank."""


def lines(name: str, result: FiguresResult) -> Iterator[str]:
    """All of it, with as many columns as there are sets."""
    facts = result.facts
    yield f"{name}: {facts['networks']} networks, {facts['cpu_seconds']:,.0f} s of processor time"
    yield "\nTable 1: images, inputs × neurons, and test images that the networks read right"
    for row in result.table1():
        accuracy = f"{row['accuracy']:.1%} ± {row['accuracy_deviation']:.1%}"
        yield f"  {row['set']:{SET}} {row['image']:>10}  {row['flattened']:>6,} × {row['neurons']:5,}  {accuracy}"
    yield "\nTable 2: ‖F‖² in the first singular value, and what the paper says"
    for row in result.table2():
        found = f"{row['fisher_mass']:.1%} ± {row['fisher_mass_deviation']:.1%}"
        yield f"  {row['set']:{SET}} {found}; {row['paper']:.1%}"
    for k in sorted({row["rank"] for row in result.losses} & NUMBERS.keys(), reverse=True):
        yield from _table(f"Table {NUMBERS[k]}: rank {k}", result, k)
    yield f"\nThe paper's order, {', '.join(PAPER_ORDER)}, in the networks of each set:"
    yield from _orders(result)
    yield "  < all lose less by the first; > all by the second; ? they differ"


def _table(title: str, result: FiguresResult, k: int) -> Iterator[str]:
    yield f"\n{title}, loss/‖W∘A‖², mean ± deviation; below it time over that of svd_w"
    at = {(row["method"], row["set"]): row for row in result.losses if row["rank"] == k}
    columns = [Column(name, name.removeprefix("drawn ")[: WIDTH - 1], width=WIDTH) for name in result.sets]
    yield from grid(_two_lines_each(result, at), columns, NAME)


def _two_lines_each(
    result: FiguresResult, at: Mapping[tuple[str, str], Row]
) -> Iterator[tuple[str, dict[str, str | None]]]:
    """Of each method the losses, and below them the ratios of time."""
    for method in result.methods:
        rows = {name: at.get((method, name)) for name in result.sets}
        yield method, {name: _loss(row) if row else None for name, row in rows.items()}
        yield "", {name: _ratio(row) if row else None for name, row in rows.items()}


def _loss(row: Row) -> str:
    return f"{row['relative_loss']:.4f} ± {row['relative_loss_deviation']:.4f}"


def _ratio(row: Row) -> str:
    return "–" if row["seconds_over_svd_w"] is None else f"{row['seconds_over_svd_w']:.3g} ×"


def _orders(result: FiguresResult) -> Iterator[str]:
    """A line for each set: "em < adam ? svd_w"."""
    rows = list(result.order())
    for name in result.sets:
        own = [row for row in rows if row["set"] == name]
        chain = "".join(f" {SIGNS[row['verdict']]} {row['more']}" for row in own)
        yield f"  {name:{SET}} {own[0]['less']}{chain}" if own else f"  {name}"
