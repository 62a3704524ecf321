"""The page of a run: what was played, who said what when, what it cost beside theory, what is proven, the matrices."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import tomli_w

from wlra_dist.errors import WlraDistError
from wlra_dist.game import Entry
from wlra_dist.instances import alone
from wlra_dist.playing.deal import deal
from wlra_dist.playing.parties import parties
from wlra_dist.record.ledger import messages_of
from wlra_dist.record.public_input import PublicInput
from wlra_dist.record.read import Recorded, read_run
from wlra_dist.record.write import SOLUTION, read_solution
from wlra_dist.report.first_line import first_line
from wlra_dist.report.pages.drawing import Inset, drawing
from wlra_dist.report.pages.page import Page, PageTable, Section
from wlra_dist.report.pictures import run as picture
from wlra_dist.report.pictures import sequence, views
from wlra_dist.report.pictures.canvas import sheet
from wlra_dist.report.rank_words import rank_in_words
from wlra_dist.report.tables.columns import in_words
from wlra_dist.report.tables.run import BOUNDS, PARTS
from wlra_dist.world.blas import fix_blas_threads

PANEL = (640, 440)
"""Pixels of a panel: it stays readable on a telephone."""

MOST_MESSAGES = 200
"""In the table of messages."""

NO_MATRICES = "The A that was played with, or the solution, is not to be had here: what cannot be read is not shown."

SETTINGS = ("scenario", "protocol", "servers", "n", "d", "k", "r", "epsilon", "output", "model", "deal", "coins")


def page_of_run(directory: Path, data: Path | None = None, plugins: Iterable[Path | str] = ()) -> Page:
    """All that is to be seen of a recorded run; raises as `messages_of`."""
    plugins = list(plugins)
    run, rows = read_run(directory, data, plugins), messages_of(directory, plugins)
    facts = run.figures
    entries = [Entry(**{name: row[name] for name in Entry.__dataclass_fields__}) for row in rows]
    line, matrices = first_line(facts).words, list(_matrices(run))
    return Page(
        f"{facts['scenario']}: {facts['protocol']}, {facts['servers']:,} servers", line,
        [
            Section("What was played", rank_in_words(facts), grids=[PageTable(["what", "value"], _settings(facts))]),
            Section("The matrix and what became of it", "" if matrices else NO_MATRICES, matrices),
            Section("Who said what when", "Rest on an arrow to see the parts of its message.", [_sequence(run, rows)]),
            Section("What it cost", drawings=list(_bits(facts, entries)), grids=[_parts(facts)]),
            Section("What is proven", grids=[PageTable(["what", "value", "in words"], list(_proofs(facts)))]),
            Section("Messages", _left_out(rows), grids=[_messages(rows)]),
            Section("To play it again", _again(facts["scenario"]), text=_toml(facts["public"])),
        ],
    )  # fmt: skip


def _settings(facts: Mapping[str, Any]) -> list[list[Any]]:
    return [[key, facts[key]] for key in SETTINGS if facts.get(key) is not None]


def _matrices(run: Recorded) -> Iterator[Inset]:
    """A, W, Ã and what is lost, where A can be had and is the one that was played with."""
    try:
        fix_blas_threads(run.scenario.game.threads)  # figures of an instance that is trained depend on it
        instance = run.options.open(alone)
        if PublicInput.of(instance) != run.claims.input or SOLUTION in run.missing:
            return
        W = list(deal(instance.shape[1], run.scenario.game).weights(instance.weights))
        seen = views.views(instance, read_solution(run.directory / SOLUTION, W), run.scenario.kind)
    except WlraDistError:
        return

    def four(path: Path) -> None:
        with sheet(path, 640, 560) as figure:
            views.draw_views(list(figure.subplots(2, 2).flat), seen)

    def images(path: Path) -> None:
        with sheet(path, 640, 300) as figure:
            views.draw_images(list(figure.subplots(2, 1).flat), seen)

    yield drawing(four, picture.SEE_MATRICES, "matrices")
    if seen.side:
        yield drawing(images, "The columns that weigh most, as the images that they are, before and after.", "images")


def _sequence(run: Recorded, rows: Sequence[Mapping[str, Any]]) -> Inset:
    hub = parties(run.scenario)[1].name
    found = sequence.arrows(rows, hub)
    hints = sequence.hints(found)
    chain = f"{len(rows):,} messages, the longest chain of them {run.figures['rounds']:,} long"
    words = f"{chain}; the first is on top, {hub} on the left."
    return drawing(partial(sequence.draw, found, hub), words, "sequence", hints)


def _bits(facts: Mapping[str, Any], entries: Sequence[Entry]) -> Iterator[Inset]:
    def senders(path: Path) -> None:
        with sheet(path, *PANEL) as figure:
            picture.draw_parties(figure.subplots(), entries, facts)
            picture.legend_below(figure)

    def totals(path: Path) -> None:
        with sheet(path, *PANEL) as figure:
            picture.draw_totals(figure.subplots(), facts)

    yield drawing(senders, "Which part of the messages the bits are spent on, and by whom.", "parties")
    yield drawing(totals, "All bits beside the paper's count of the same messages and the bounds.", "totals")


def _parts(facts: Mapping[str, Any]) -> PageTable:
    whole = facts["bits"] or 1
    rows = [[part, bits, bits / whole, PARTS.get(part, "")] for part, bits in facts["bits_by_part"].items()]
    return PageTable(["part", "bits", "share", "what it is"], sorted(rows, key=lambda row: -row[1]), ".1%")


def _proofs(facts: Mapping[str, Any]) -> Iterator[list[Any]]:
    yield ["loss", facts["loss"], "‖W∘(A − Ã)‖²"]
    yield ["relative loss", facts.get("relative_loss"), "of ‖W∘A‖²"]
    proven = "proven of every matrix of rank k: " if facts["lower_bound_proven"] else ""
    yield ["LB", facts["lower_bound_opt"], f"{proven}{BOUNDS.get(facts['lower_bound_by'], facts['lower_bound_by'])}"]
    yield ["loss / LB", facts["ratio"], "the loss is at most so many times the best"]
    yield ["promise", facts["promise"] or "none", "how surely the accuracy was promised"]
    yield ["promise kept", in_words(facts["holds"], ""), "whether Ã is as accurate as promised, all checks passed"]
    yield ["upper bound", facts["upper_bound_bits"], facts["upper_bound_fails"] or "bits that the theorem allows"]
    yield ["lower bound", facts["least_bits"], facts["lower_bound_fails"] or "bits that such inputs cost at least"]
    yield ["transcript", facts["digest"], "SHA-256 of all that was said"]
    yield ["record", facts["seal"], "SHA-256 of all that the run claims"]


def _messages(rows: Sequence[Mapping[str, Any]]) -> PageTable:
    heads = ["step", "round", "sender", "receiver", "label", "bits", "parts"]
    rows = rows[:MOST_MESSAGES]
    return PageTable(heads, [[*(row[head] for head in heads[:-1]), _in_line(row["parts"])] for row in rows])


def _in_line(parts: Mapping[str, int]) -> str:
    return ", ".join(f"{part} {bits:,}" for part, bits in parts.items())


def _left_out(rows: Sequence[Any]) -> str:
    more = len(rows) - MOST_MESSAGES
    return f"The first {MOST_MESSAGES} of {len(rows):,}; ledger.jsonl has all." if more > 0 else ""


def _again(name: str) -> str:
    return f"Keep this as {name}.toml; then: wlra-dist run {name}.toml --out {name}"


def _toml(public: Mapping[str, Any]) -> str:
    """The scenario as a file that `wlra-dist run` takes: what has no value is left out, as TOML has none for it."""
    tables = {name: public[name] for name in ("about", "instance", "game", "protocol")}
    return tomli_w.dumps(_stated(tables))


def _stated(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _stated(item) for key, item in value.items() if item is not None}
    return value
