"""What each tensor of a model would become within so many bytes: a line a tensor, under one for all."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from wlra_dist.inputs.brief import share
from wlra_dist.models.budget import CodingOption, Piece
from wlra_dist.report.tables.columns import Column, grid

NAME = 34
"""Characters of a tensor's name at most."""

COLUMNS = (
    Column("form", "form", "", 16),
    Column("rank", "rank", "d", 6),
    Column("bytes", "bytes", ",d", 12),
    Column("loss", "loss", ".2e", 10),
)


def planned_facts(pieces: Sequence[Piece], options: Sequence[CodingOption], original: int) -> dict[str, Any]:
    """All figures; the losses are over each tensor's energy, and estimates, as the bytes are."""
    rows: dict[str, dict[str, Any]] = {}
    for piece, option in zip(pieces, options, strict=True):
        row = rows.setdefault(piece.unit.name, {"name": piece.unit.name, "bytes": 0.0, "loss": 0.0, "energy": 0.0})
        row |= {"form": option.form, "rank": option.k or None}
        row["bytes"] += option.bits / 8
        row["loss"] += option.loss
        row["energy"] += piece.energy
    tensors = [
        row | {"bytes": round(row["bytes"]), "loss": row["loss"] / (row.pop("energy") or 1.0)} for row in rows.values()
    ]
    return {"bytes": sum(row["bytes"] for row in tensors), "of": original, "tensors": tensors}


def planned_table(facts: Mapping[str, Any]) -> Iterator[str]:
    """The table, as lines."""
    size = f"about {facts['bytes']:,} B ({share(facts['bytes'], facts['of'])} of {facts['of']:,})"
    yield f"{len(facts['tensors']):,} tensors → {size}; by a look at each, before anything is encoded"
    yield from grid(((row["name"][-NAME + 1 :], row) for row in facts["tensors"]), COLUMNS, NAME, "tensor")
