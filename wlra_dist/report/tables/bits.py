"""The table of the standard set: a line for each game as it ends."""

from collections.abc import Mapping
from typing import Any

from wlra_dist.report.tables.columns import Column, cells, titles

COLUMNS = (
    Column("bits", "bits", ",d", 10),
    Column("ratio", "loss / LB", ".5g", 11),
    Column("within", "within", "", 7),
    Column("least_bits", "at least", ",.0f", 9),
    Column("seconds", "seconds", ".2f", 8),
)

INSTANCE, PROTOCOL = 16, 19
"""Characters of the names."""


def headline() -> str:
    """The titles of the columns."""
    return f"{'instance':{INSTANCE}}{'protocol':{PROTOCOL}}{titles(COLUMNS)}"


def line(facts: Mapping[str, Any]) -> str:
    """A game's figures, or why there are none."""
    names = f"{facts['instance']:{INSTANCE}}{facts['protocol']:{PROTOCOL}}"
    return f"{names}  cannot play: {facts['why']}" if "why" in facts else names + cells(COLUMNS, facts)
