"""What a notebook shows of a result: its figures as a table, and its picture."""

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from wlra_dist.playing.play import Outcome
from wlra_dist.record.summary import summary
from wlra_dist.report.pictures import comparison, run, solution
from wlra_dist.report.tables.comparison import figures
from wlra_dist.solvers import Solution
from wlra_dist.studies.compare import selector_of
from wlra_dist.studies.simply import Games

MOST_ROWS = 30
"""Of a table; the value itself has all."""

OUTCOME = ("protocol", "servers", "n", "d", "k", "bits", "rounds", "loss", "lower_bound_opt", "ratio", "holds")
GAMES = ("bits", "rounds", "loss", "loss_over_bound", "within_target")


def page_of(value: Any) -> str:
    """HTML of an Outcome, a Solution or Games; TypeError for anything else."""
    match value:
        case Outcome():
            facts = summary(value)
            row = {name: facts[name] for name in OUTCOME}
            return page(run.headline(facts), [row], partial(run.draw, facts, value.account.entries))
        case Solution():
            return page(repr(value), [solution.row(value)], partial(solution.draw, value))
        case Games():
            drawn = [figures(outcome, selector_of(outcome.scenario)) for outcome in value]
            pairs = zip(value.varied, drawn, strict=True)
            rows = [{**varied, **{name: row[name] for name in GAMES}} for varied, row in pairs]
            return page(repr(value), rows, partial(comparison.draw, value.name, drawn) if drawn else None)
    raise TypeError(f"there is no page of {type(value).__name__}")


def page(title: str, rows: Sequence[Mapping[str, Any]], draw: Callable[[Path], None] | None = None) -> str:
    """HTML of a title, of rows that have the same keys, and of the PNG that `draw` makes of them."""
    heads = "".join(f"<th>{escape(str(name))}</th>" for name in (rows[0] if rows else ()))
    lines = ["".join(f"<td>{escape(_cell(value))}</td>" for value in row.values()) for row in rows[:MOST_ROWS]]
    more = f"<p>{len(rows) - MOST_ROWS} more</p>" if len(rows) > MOST_ROWS else ""
    table = f"<table><tr>{heads}</tr>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>{more}"
    return f"<p><b>{escape(title)}</b></p>{table}{_image(draw) if draw else ''}"


def _image(draw: Callable[[Path], None]) -> str:
    with TemporaryDirectory() as directory:
        path = Path(directory) / "picture.png"
        draw(path)
        return f'<img style="max-width:100%" src="data:image/png;base64,{b64encode(path.read_bytes()).decode()}">'


def _cell(value: Any) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:.6g}"
    return str(value)
