"""Edits of a record, by three kinds of people, and which command is taken in by them.

The hasty one changes record.json and no more; the careful one makes its checksum right; the forger makes checksum, seal
and all sums right, and is only found by computing again.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from copy import deepcopy
from io import StringIO
from itertools import combinations
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from tests.record.recorded_runs import forge, write_figures
from wlra_dist.commands.main import main
from wlra_dist.errors import Exit
from wlra_dist.playing.play import play
from wlra_dist.record.summary import summary
from wlra_dist.record.write import CHECKSUM, CIRCUMSTANCES, RECORD, UNSEALED
from wlra_dist.scenario.options import Scenario
from wlra_dist.world.world import Alone

Field = tuple[str, ...]
"""Where a value stands in record.json."""

Who = Literal["hasty", "careful", "forger"]
WHO: tuple[Who, ...] = ("hasty", "careful", "forger")
COMMANDS = ("replay", "expand", "audit")


class Answer(NamedTuple):
    """What a command said: its exit code, its standard output, and the file that it wrote."""

    code: int
    output: str
    wrote: bytes = b""


class Asked(NamedTuple):
    """A command, what it answers, and what it answered before the record was edited."""

    command: str
    answer: Answer
    honest: Answer


def fields(record: Mapping[str, Any], above: Field = ()) -> Iterator[Field]:
    """Every field once; a list is one, and so is an empty table."""
    for key, value in record.items():
        if isinstance(value, dict) and value:
            yield from fields(value, (*above, key))
        else:
            yield (*above, key)


def edits(record: Mapping[str, Any], count: int, seed: int = 0) -> list[tuple[Field, ...]]:
    """Each field once; then pairs, first those that say the same thing in two places."""
    found = [field for field in fields(record) if field != (CHECKSUM,)]  # which all but the hasty make right
    pairs = list(combinations(found, 2))
    twins = [(a, b) for a, b in pairs if a[-1] == b[-1] and value_at(record, a) == value_at(record, b)]
    drawn = np.random.default_rng(seed).permutation(len(pairs))
    return [*((field,) for field in found), *twins, *(pairs[at] for at in drawn)][:count]


def value_at(record: Mapping[str, Any], field: Field) -> Any:
    for key in field:
        record = record[key]
    return record


def edited(record: Mapping[str, Any], edit: tuple[Field, ...]) -> dict[str, Any]:
    """The record with another value in each field: the same one where the fields said the same."""
    changed = deepcopy(dict(record))
    for *above, key in edit:
        table: dict[str, Any] = value_at(changed, tuple(above))
        table[key] = other(table[key])
    return changed


def other(value: Any) -> Any:
    """A value of the same type, where there is one."""
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case float():
            return 1.5 * value + 2.0**-20
        case str():
            return ("0" if value[:1] != "0" else "1") + value[1:]
        case list():
            return [other(value[0]), *value[1:]] if value else [1]
    return 1


def apply(run: Path, honest: Mapping[str, Any], edit: tuple[Field, ...], who: Who) -> None:
    """Leaves the run with an edited record."""
    changed = edited(honest, edit)
    match who:
        case "hasty":
            (run / RECORD).write_text(json.dumps(changed), encoding="utf-8")
        case "careful":
            write_figures(run, changed)
        case "forger":
            forge(run, lambda record: (record.clear(), record.update(changed)))


def ask(command: str, run: Path) -> Answer:
    """What the command answers of a run."""
    matrix = run.with_name("A.npy")
    words = {"replay": [run, "--json"], "expand": [run, matrix], "audit": [run]}[command]
    with redirect_stdout(StringIO()) as output, redirect_stderr(StringIO()):
        code = main([command, *map(str, words)])
    wrote = matrix.read_bytes() if matrix.exists() else b""
    matrix.unlink(missing_ok=True)
    return Answer(code, output.getvalue(), wrote)


def taken_in(who: Who, edit: tuple[Field, ...], record: Mapping[str, Any], asked: Asked) -> bool:
    """Whether a command ends with 0 on an edited record though what it says, or an audit vouches for, is not so."""
    if asked.answer.code != Exit.OK:
        return False
    if who != "forger":
        return who == "hasty" or any(field[0] not in CIRCUMSTANCES for field in edit)
    return not is_so(record) if asked.command == "audit" else asked.answer != asked.honest


def is_so(record: Mapping[str, Any]) -> bool:
    """Whether the game that the record's scenario is has the figures that it states: played, not audited."""
    outcome = play(Scenario.from_facts(record["public"]), Alone())
    assert outcome is not None
    played = json.loads(json.dumps(summary(outcome)))
    return all(record[key] == played[key] for key in played if key not in UNSEALED)
