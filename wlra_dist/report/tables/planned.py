"""What each tensor of a model would become within so many bytes: a line a tensor, under one for all."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from wlra_dist.inputs.brief import share
from wlra_dist.models.budget import CodingOption, Piece

NAME = 40
"""Characters of a tensor's name at most."""


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
    yield f"{'tensor':<{NAME}}{'form':>16}{'rank':>6}{'bytes':>12}{'loss':>10}"
    for row in facts["tensors"]:
        name, rank = row["name"][-NAME + 1 :], row["rank"] or "–"
        yield f"{name:<{NAME}}{row['form']:>16}{rank:>6}{row['bytes']:>12,}{row['loss']:>10.2e}"
