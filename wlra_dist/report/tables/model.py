"""What a small model's file says of each tensor: one line for all, then a line a tensor."""

from collections.abc import Iterator, Sequence
from typing import Any

from wlra_dist.inputs.brief import share
from wlra_dist.models.container import TensorEntry
from wlra_dist.report.tables.columns import Column, cells, on_screen, titles

COLUMNS = (
    Column("form", "form", "", 11),
    Column("rank", "rank", "d", 6, optional=True, spare=1),
    Column("bytes", "bytes", ",d", 12),
    Column("of", "of", ",d", 14, spare=3),
    Column("loss", "loss", ".2e", 10),
    Column("ratio", "ratio", ".3f", 8, optional=True, spare=2),
)

LEAST_NAME = 16
"""Characters that a name has at least; a longer one is cut in its middle."""


def model_facts(entries: Sequence[TensorEntry], nbytes: int) -> dict[str, Any]:
    """All figures of the file, for machines; `nbytes` are those of the whole file."""
    original = sum(entry.original for entry in entries)
    return {"bytes": nbytes, "of": original, "tensors": [tensor_facts(entry) for entry in entries]}


def tensor_facts(entry: TensorEntry) -> dict[str, Any]:
    """The figures of one tensor; `loss` and `bound` are over its energy in the norm, `ratio` is loss over bound."""
    forms, ranks = [block.form for block in entry.blocks], [block.k for block in entry.blocks if block.k]
    return {
        "name": entry.name, "kind": entry.kind, "shape": list(entry.shape), "same_as": entry.same_as,
        "form": f"= {entry.same_as}" if entry.same_as else forms[0] if len(set(forms)) == 1 else "several",
        "blocks": len(forms), "rank": max(ranks, default=None), "bytes": entry.nbytes, "of": entry.original,
        "norm": entry.norm, "loss": entry.loss, "bound": entry.bound, "ratio": entry.ratio,
    }  # fmt: skip


def model_table(facts: dict[str, Any], room: int) -> Iterator[str]:
    """The table in so many characters a line."""
    rows = facts["tensors"]
    size = f"{facts['bytes']:,} B ({share(facts['bytes'], facts['of'])} of {facts['of']:,})"
    yield f"{len(rows):,} tensors → {size}; losses are over energies by {_norms(rows)}"
    name = max([LEAST_NAME, *(len(row["name"]) for row in rows)])
    columns = on_screen(COLUMNS, rows, room - min(name, room // 2))
    name = max(LEAST_NAME, min(name, room - sum(column.width for column in columns)))
    yield f"{'tensor':<{name}}{titles(columns)}"
    for row in rows:
        yield f"{_cut(row['name'], name):<{name}}{cells(columns, {**row, 'form': _cut(_short(row['form']), 10)})}"


def _short(form: str) -> str:
    return {"low rank + rest": "rank+rest"}.get(form, form)


def _norms(rows: Sequence[dict[str, Any]]) -> str:
    return ", ".join(sorted({row["norm"] for row in rows})) or "plain"


def _cut(text: str, room: int) -> str:
    if len(text) < room:
        return text
    half = (room - 2) // 2
    return f"{text[:half]}…{text[len(text) - (room - 2 - half) :]}"
