"""Commands that play nothing: bad words end in one sentence, and neither Ctrl-C nor a closed pipe in a traceback."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from wlra_dist.commands.main import main
from wlra_dist.errors import Exit
from wlra_dist.instances import LowerBound
from wlra_dist.protocols import bounds
from wlra_dist.record import audit
from wlra_dist.weights import BlockMask


def interrupted(*_: object) -> Iterator[str]:
    yield "record       whole"
    raise KeyboardInterrupt


def test_an_interrupted_command_ends_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(audit, "audit", interrupted)
    assert main(["audit", str(tmp_path)]) == 128 + signal.SIGINT
    assert capsys.readouterr() == ("record       whole\n", "")


def test_a_reader_who_has_seen_enough_is_no_error():
    reads, writes = os.pipe()
    os.close(reads)
    with os.fdopen(writes, "w") as pipe:
        listing = [sys.executable, "-m", "wlra_dist", "scenarios"]
        job = subprocess.run(listing, stdout=pipe, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert (job.returncode, job.stderr) == (128 + signal.SIGPIPE, "")


@pytest.mark.parametrize("size", ["n", "d", "s", "r", "k", "m"])
@pytest.mark.parametrize("value", ["0", "-5", "2.5", "many"])
def test_bounds_are_of_whole_sizes(size: str, value: str, capsys: pytest.CaptureFixture[str]):
    assert main(["bounds", f"--{size}={value}"]) == Exit.INPUT
    printed = capsys.readouterr()
    expected = f"wlra-dist: argument --{size}: expected a whole number from 1 up, got {value!r}; try"
    assert printed.out == ""
    assert printed.err.startswith(expected)
    assert printed.err.count("\n") == 1


@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "small"])
def test_bounds_are_of_accuracies_that_a_game_may_have(value: str, capsys: pytest.CaptureFixture[str]):
    assert main(["bounds", f"--epsilon={value}"]) == Exit.INPUT
    printed = capsys.readouterr()
    assert printed.out == ""
    assert f"expected a number from 1e-09 to 1000, got {value!r}" in printed.err


@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "soon"])
def test_nobody_waits_for_no_time_or_for_ever(value: str, capsys: pytest.CaptureFixture[str]):
    assert main(["run", "quickstart", f"--stall-limit={value}"]) == Exit.INPUT
    assert f"expected a number of seconds above 0 and at most a year, got {value!r}" in capsys.readouterr().err


def test_a_protocol_whose_bound_names_no_source_has_its_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.delitem(bounds.SOURCES, "raw")
    assert main(["bounds"]) == Exit.OK
    assert any(line.split()[:3] == ["raw", "the", "theorem"] for line in capsys.readouterr().out.splitlines())


def test_bounds_are_one_json_object(capsys: pytest.CaptureFixture[str]):
    sizes = ["--n=1024", "--d=1024", "--s=16", "--r=4", "--k=4", "--bound=1048576"]
    assert main(["bounds", *sizes, "--json"]) == Exit.OK
    facts = json.loads(capsys.readouterr().out)
    assert facts["N"] == facts["lower_bound_bits"] == 16 * 4 * 4
    assert round(facts["families"]["scattered"]) == 6705
    assert facts["families"]["chain"] == pytest.approx(0.469 * 256, rel=1e-3)
    D = facts["families"]["weight"]
    assert LowerBound(s=16, r=4, k=4, weight=D).kappa > 1.1 >= LowerBound(s=16, r=4, k=4, weight=D - 1).kappa


def test_a_w_in_a_file_forces_bits_on_somebody(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    np.save(tmp_path / "W.npy", BlockMask.even(12, 9, 3).dense(slice(None)))
    asked = ["bounds", "--weights", str(tmp_path / "W.npy"), "--s", "2", "--k", "2"]
    assert main(asked) == Exit.OK
    printed = capsys.readouterr().out
    assert printed.startswith("this W forces at least N = 12 bits on somebody's A: 3 blocks")
    assert 'kind = "matching"' in printed
    assert main([*asked, "--json"]) == Exit.OK
    assert json.loads(capsys.readouterr().out)["lower_bound_bits"] == 12


def test_the_smallest_games_have_their_exact_cost(capsys: pytest.CaptureFixture[str]):
    assert main(["bounds", "--n=6", "--d=6", "--s=3", "--r=2", "--k=1"]) == Exit.OK
    assert "12 bits" in capsys.readouterr().out
    assert main(["bounds", "--n=6", "--d=6", "--s=3", "--r=2", "--k=1", "--json"]) == Exit.OK
    facts = json.loads(capsys.readouterr().out)
    assert (facts["N"], facts["exact_inputs"], facts["exact_bits"]) == (6, 2500, 12)
