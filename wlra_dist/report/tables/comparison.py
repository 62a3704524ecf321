"""The table of a comparison: a line for each game as it ends, under what all games have in common."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from wlra_dist.record.summary import summary
from wlra_dist.report.rank_words import rank_in_words
from wlra_dist.report.screen import width
from wlra_dist.report.tables.columns import Column, cells, on_screen, titles
from wlra_dist.report.tables.links import links

if TYPE_CHECKING:
    from wlra_dist.playing.play import Outcome

COLUMNS = (
    Column("among", "servers", ",d", 9, optional=True),
    Column("bits", "bits", ",d", 13),
    Column("up_bits", "up", ",d", 13, spare=4),
    Column("down_bits", "down", ",d", 11, spare=4),
    Column("between_bits"),
    Column("blackboard_bits", "blackboard", ",d", 13, spare=5),
    Column("rounds", "rounds", "d", 8, spare=2),
    Column("messages"),
    Column("wire_bytes"),
    Column("columns"),
    Column("loss"),
    Column("relative_loss", "rel. loss", ".3g", 11, spare=2),
    Column("original_bytes"),
    Column("lower_bound_opt"),
    Column("lower_bound_by"),
    Column("rank_claim"),
    Column("rank_off"),
    Column("loss_over_bound", "loss / LB", ".4f", 10),
    Column("target"),
    Column("within_target", "within", "", 8),
    Column("promise", "promised", "", 10, spare=3),
    Column("decoded"),
    Column("seconds", "seconds", ".2f", 9, spare=1),
    Column("upper_bound_bits", "theorem's", ",d", 15, spare=6),
    Column("least_bits", "at least", ",.1f", 14, optional=True, spare=5),
    Column("digest"),
)

PROTOCOL, SELECTOR = 20, 12
"""Characters of the names; a longer one pushes its line to the right."""


def figures(outcome: "Outcome", selector: str | None, among: int | None = None) -> dict[str, Any]:
    """A game's row, with the number of servers where that differs.

    Bits are those of the message-passing model; seconds those of the game itself.
    """
    facts, totals = summary(outcome), links(outcome)
    epsilon, floor = facts["epsilon"], facts["lower_bound_opt"]
    own = {
        "protocol": f"auto: {outcome.plays}" if outcome.choice else outcome.plays,
        "selector": selector,
        "among": among,
        "bits": totals["up_bits"] + totals["down_bits"] + totals["between_bits"],
        "columns": sum(facts["columns"]),
        "loss_over_bound": facts["loss"] / floor if floor else None,
        "target": None if epsilon is None else 1 + epsilon,
        "within_target": None if epsilon is None else outcome.certificate.reaches(epsilon),
        "decoded": facts["checks"].get("decoded"),
        "seconds": facts["seconds"]["play"],
    }
    return row(facts | totals | own)


def row(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What of a game's facts is in the table."""
    return {key: facts[key] for key in ("protocol", "selector", *(column.key for column in COLUMNS))}


def title(game: Mapping[str, Any]) -> str:
    """What a game has in common with the others: the instance, and the loss that all aim at."""
    facts = game["summary"]
    n, d, k, r = (f"{facts[key]:,}" for key in "ndkr")
    size = f" of {facts['original_bytes']:,} B" if facts["original_bytes"] else ""
    players = f"{facts['servers']:,} server{'s' if facts['servers'] != 1 else ''}"
    aim = "no accuracy is asked for" if game["target"] is None else f"all aim at a loss of {game['target']:g} × LB"
    bound = facts["lower_bound_opt"]
    floor = "no LB is proven" if bound is None else f"LB = {bound:.6g} ({facts['lower_bound_by']})"
    sizes = f"A is {n} × {d}{size}, k = {k}, r = {r}" + (f", {players}" if game["among"] is None else "")
    return f"{facts['scenario']}: {sizes}; {aim}, {floor}; {rank_in_words(facts)}"


def columns(games: Sequence[Mapping[str, Any]]) -> tuple[Column, ...]:
    """The columns on the screen once these games are over."""
    return on_screen(COLUMNS, games, width() - PROTOCOL - SELECTOR)


def headline(chosen: Sequence[Column]) -> str:
    """The titles of the columns."""
    return f"{'protocol':{PROTOCOL}}{'selector':{SELECTOR}}{titles(chosen)}"


def line(row: Mapping[str, Any], chosen: Sequence[Column]) -> str:
    """A game's figures, under the headline."""
    return f"{row['protocol']:{PROTOCOL}}{row['selector'] or '–':{SELECTOR}}{cells(chosen, row)}"


def unfit(protocol: str, reason: str) -> str:
    """The line of a protocol that cannot play."""
    return f"{protocol:{PROTOCOL}}  cannot play: {reason}"
