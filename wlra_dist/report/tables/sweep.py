"""The table of a sweep: a line for each game as it ends, and all of it in a file at the end."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from wlra_dist.record.summary import plain, summary
from wlra_dist.record.theory import LOWER_BOUNDS
from wlra_dist.report.screen import width
from wlra_dist.report.tables.columns import Column, cells, on_screen, titles
from wlra_dist.report.tables.links import links

if TYPE_CHECKING:
    from wlra_dist.playing.play import Outcome

STAGES = ("open", "load", "play", "settle", "referee")
"""The phases of a run that follow one another; all others are parts of them."""

NARROWEST, GAP = 6, 2
"""Characters of a swept key's column at least, and between two of them."""

COLUMNS = (
    Column("bits", "bits", ",d", 11),
    Column("up_bits"),
    Column("down_bits"),
    Column("between_bits"),
    Column("blackboard_bits"),
    Column("paper_bits"),
    Column("upper_bound_bits"),
    Column("least_bits", "at least", ",.1f", 14, optional=True, spare=2),
    Column("bits_beyond_lower_bound", "bits − least", "+,.1f", 14, optional=True, spare=4),
    Column("bits_over_lower_bound", "bits / least", ".5f", 14, optional=True, spare=1),
    Column("lower_bound_bits", "N", ",.10g", 14, optional=True, spare=8),
    Column("lower_bound_worst_case", "2/3, worst", ",.1f", 14, optional=True, spare=9),
    Column("lower_bound_expected", "2/3, average", ",.1f", 15, optional=True, spare=9),
    Column("lower_bound_everyone", "m(N − 1.17)", ",.1f", 13, optional=True, spare=8),
    Column("rounds"),
    Column("messages"),
    Column("wire_bytes"),
    Column("loss", "loss", ".4g", 10, spare=3),
    Column("relative_loss", "rel. loss", ".3g", 11, spare=3),
    Column("original_bytes"),
    Column("lower_bound_opt"),
    Column("ratio", "loss / LB", ".4f", 10),
    Column("holds", "holds", "", 7),
    Column("promise", "promised", "", 10, spare=6),
    Column("rank_claim", "rank", "", 9, spare=2),
    Column("rank_off"),
    Column("decoded", "decoded", "", 9, spare=5),
    Column("seconds", "seconds", ".2f", 9, spare=1),
    Column("digest"),
)


def point_facts(swept: Mapping[str, Any], outcome: "Outcome") -> dict[str, Any]:
    """A game's swept values, its figures and all that was public, as JSON values."""
    return {"swept": plain(swept), **summary(outcome), **links(outcome), "public": plain(outcome.scenario.facts())}


def row(facts: Mapping[str, Any]) -> dict[str, Any]:
    """A game's swept values, then its figures; None for what it does not have."""
    least, spent = facts["least_bits"], facts["seconds"]
    own = {
        "bits_beyond_lower_bound": None if least is None else facts["bits"] - least,
        "decoded": facts["checks"].get("decoded"),
        "seconds": sum(spent.get(stage, 0.0) for stage in STAGES),
    }
    if least is None:  # of other inputs than this one
        own |= dict.fromkeys(LOWER_BOUNDS)
    figures = {column.key: own[column.key] if column.key in own else facts[column.key] for column in COLUMNS}
    return {**_swept_titles(facts["swept"]), **figures}


def widths(swept: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Characters of each swept key's column, given the values of all games."""
    return {
        key: max(NARROWEST, *(GAP + len(text) for text in (key, *(_cell(values[key]) for values in swept))))
        for key in swept[0]
    }


def columns(points: Sequence[Mapping[str, Any]], widths: Mapping[str, int]) -> tuple[Column, ...]:
    """The columns after those of swept keys once these games are over: of Thm 1.5 where its inputs were played."""
    return on_screen(COLUMNS, [row(facts) for facts in points], width() - sum(widths.values()))


def headline(widths: Mapping[str, int], chosen: Sequence[Column]) -> str:
    """The titles of the columns."""
    return "".join(f"{key:>{width}}" for key, width in widths.items()) + titles(chosen)


def line(facts: Mapping[str, Any], widths: Mapping[str, int], chosen: Sequence[Column]) -> str:
    """A game's swept values and figures, under the headline."""
    swept = (f"{_cell(facts['swept'][key]):>{width}}" for key, width in widths.items())
    return "".join(swept) + cells(chosen, row(facts))


def _swept_titles(swept: Mapping[str, Any]) -> dict[str, Any]:
    """The swept values under names that no figure has."""
    taken = {column.key for column in COLUMNS}
    return {f"swept {key}" if key in taken else key: value for key, value in swept.items()}


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
