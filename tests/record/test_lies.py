"""No command says yes to a record that lies: a slice of benchmarks/records.py."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.record.lies import COMMANDS, WHO, Asked, Who, apply, ask, edited, edits, taken_in
from tests.record.recorded_runs import figures

ALL, EACH = 300, 25
"""Edits of the benchmark, and every how many of them one is tried here."""


@pytest.mark.parametrize("who", WHO)
def test_no_command_is_taken_in(recorded: Callable[[str], Path], tmp_path: Path, who: Who):
    run = Path(shutil.copytree(recorded("quickstart") / "run", tmp_path / "run"))
    honest = figures(run)
    answers = {command: ask(command, run) for command in COMMANDS}
    assert {answer.code for answer in answers.values()} == {0}
    loss = (("loss",), ("certificate", "loss"))
    for edit in [loss, *edits(honest, ALL)[::EACH]]:
        apply(run, honest, edit, who)
        for command in COMMANDS:
            asked = Asked(command, ask(command, run), answers[command])
            assert not taken_in(who, edit, edited(honest, edit), asked), (edit, command)
