"""The pages of an optimum and of a small model."""

import json
from functools import partial
from math import inf
from pathlib import Path

from wlra_dist.errors import InputError
from wlra_dist.models.container import open_small
from wlra_dist.report.pages.drawing import drawing
from wlra_dist.report.pages.page import Page, PageTable, Section
from wlra_dist.report.pictures import model, optimum
from wlra_dist.report.tables.model import model_facts, model_table


def page_of_optimum(file: Path) -> Page:
    """Of what `wlra-dist optimum --out` wrote; InputError where the file holds something else."""
    try:
        facts = json.loads(file.read_text(encoding="utf-8"))
        k, lower, upper, steps = facts["k"], facts["lower"], facts["upper"], facts["steps"]
        words = f"the best loss of rank {k} is in {lower:.6g} … {upper:.6g}, a gap of {facts['gap']:.2g}"
        rows = [
            ["at least", lower, f"certified: {facts['how']['lower']}"],
            ["at most", upper, f"a loss that was found: {facts['how']['upper']}"],
            ["gap", facts["gap"], "what is not known, as a share of the loss"],
            ["seconds", facts["seconds"], ""],
        ]
        draw = partial(
            optimum.draw,
            f"rank {k}",
            [(time, low, inf if high is None else high) for time, low, high in steps],
            facts["seconds"],
        )
        closing = drawing(draw, "Between which losses the optimum is known to be, by seconds.", "optimum")
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise InputError(f"{file}: expected what `wlra-dist optimum --out` wrote, found otherwise ({error})") from error
    return Page(f"{file.stem}: an optimum enclosed", words, [
        Section("How it closed", drawings=[closing]),
        Section("What is known", grids=[PageTable(["end", "value", "how"], rows)]),
    ])  # fmt: skip


def page_of_model(file: Path) -> Page:
    """Of what `wlra-dist compress` wrote."""
    small = open_small(file)
    facts = model_facts(list(small.entries.values()), small.nbytes)
    heads = ("name", "kind", "shape", "form", "rank", "bytes", "of", "norm", "loss", "bound", "ratio")
    rows = [[str(row[head]) if head == "shape" else row[head] for head in heads] for row in facts["tensors"]]
    drawn = drawing(partial(model.draw, facts), model.SEE, "model")
    return Page(f"{file.name}: a small model", next(model_table(facts, 80)), [
        Section("Bytes and losses", drawings=[drawn]),
        Section("Tensors", "Losses and bounds are over energies in each tensor's norm. A head sorts by its column.",
                grids=[PageTable(heads, rows, ".3g")]),
    ])  # fmt: skip
