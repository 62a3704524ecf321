"""A transcript and the public record give the solution, bit for bit, to a process that never sees A."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.record.recorded_runs import (
    FILES_OF_THE_USER,
    SMALL,
    figures,
    flip,
    forge,
    forge_arrays,
    record,
    refusal,
    reseal,
    undrawn,
)
from tests.scenarios import PLAYED, file_of, settings
from wlra_dist.commands.main import main
from wlra_dist.errors import Exit, InputError, VerificationError
from wlra_dist.instances import INSTANCES
from wlra_dist.record.audit import audit
from wlra_dist.record.replay import facts, replay

WITHOUT_MPI = """
import sys
from wlra_dist.commands.main import main
for run in sys.argv[1:]:
    assert main(["replay", run, "--json"]) == main(["audit", run]) == 0, run
assert "mpi4py" not in sys.modules
"""

Fresh = Callable[[str], Path]


@pytest.fixture
def fresh(recorded: Callable[[str], Path], tmp_path: Path) -> Fresh:
    """fresh(name): a copy of a small run, for a test to change."""
    return lambda name: Path(shutil.copytree(recorded(name) / "run", tmp_path / name))


def test_every_scenario_is_replayed_and_audited_without_mpi(recorded: Callable[[str], Path], tmp_path: Path):
    runs = [
        recorded(name) / "run" if name in SMALL else record(file_of(name), settings(name), tmp_path / name, undrawn)
        for name in PLAYED
    ]
    printed = subprocess.run([sys.executable, "-c", WITHOUT_MPI, *runs], capture_output=True, text=True, check=False)
    assert (printed.returncode, printed.stderr) == (Exit.OK, "")
    again = [json.loads(line) for line in printed.stdout.splitlines() if line.startswith("{")]
    assert all(facts["same"] for facts in again)
    keys = ("messages", "bits", "digest")
    assert [[facts[key] for key in keys] for facts in again] == [[figures(run)[key] for key in keys] for run in runs]
    assert sum(line.startswith("game ") for line in printed.stdout.splitlines()) == len(PLAYED)


@pytest.mark.parametrize("name", SMALL)
def test_a_is_never_asked_for(fresh: Fresh, name: str, monkeypatch: pytest.MonkeyPatch):
    run = fresh(name)

    def refuse(*_: object) -> None:
        raise AssertionError("a replay opened the instance")

    for kind in INSTANCES.values():
        monkeypatch.setattr(kind, "open", refuse)
    verdict = replay(run)
    assert verdict.same
    assert verdict.decoded.solution.shape == verdict.decoded.instance.shape
    with pytest.raises(PermissionError):
        verdict.decoded.instance.block(slice(0, 1))


def test_a_file_of_a_is_not_needed_but_that_of_w_is(users_place: Path):
    run = users_place / "run"
    (users_place / "A.safetensors").unlink()
    assert replay(run).same
    (users_place / "W.npy").unlink()
    with pytest.raises(InputError, match=r"W.npy, and it is not there; if it was moved: --data"):
        replay(run)


def test_files_that_were_moved_are_found_where_data_says(users_place: Path, tmp_path: Path):
    run = users_place / "run"
    for file in FILES_OF_THE_USER:
        (users_place / file).rename(tmp_path / file)
    assert replay(run, tmp_path).same
    assert [line.split()[0] for line in audit(run, tmp_path)][-1] == "game"
    with pytest.raises(InputError):
        replay(run, users_place)


def test_a_file_of_w_that_was_changed_is_named(users_place: Path):
    flip(users_place / "W.npy", -1)
    with pytest.raises(VerificationError, match=r"W.npy is not the file W that was played with"):
        replay(users_place / "run")


def test_the_difference_of_a_solution_is_measured(fresh: Fresh):
    run = fresh("files")

    def change(arrays: dict[str, np.ndarray]) -> None:
        arrays["X"][np.abs(arrays["X"]).argmax()] *= 1 + 2.0**-20

    forge_arrays(run, "solution.npz", change)
    verdict = replay(run)
    assert list(verdict.differences) == ["X"]
    assert verdict.sentence.startswith("the transcript does not give solution.npz")
    difference = verdict.differences["X"]
    assert difference.relative is not None
    assert difference.relative == pytest.approx(2.0**-20 / (1 + 2.0**-20), rel=1e-6)
    printed: Any = json.loads(json.dumps(facts(verdict), allow_nan=False))
    assert printed["differences"]["X"]["largest"] == difference.largest


@pytest.mark.parametrize("value", [np.nan, np.inf, -0.0, 1e308])
def test_a_difference_without_a_size_is_one_too(fresh: Fresh, value: float):
    run = fresh("quickstart")
    forge_arrays(run, "solution.npz", lambda arrays: np.put(arrays["C"], 0, value))
    verdict = replay(run)
    assert list(verdict.differences) == ["C"]
    json.dumps(facts(verdict), allow_nan=False)


@pytest.mark.parametrize("change", [{"n": np.array(7.5)}, {"more": np.zeros(2)}, {"S": np.zeros((2, 2))}])
def test_arrays_of_another_kind_differ(fresh: Fresh, change: dict[str, np.ndarray]):
    run = fresh("servers")
    forge_arrays(run, "solution.npz", lambda arrays: arrays.update(change))
    assert list(replay(run).differences) == list(change)


def test_another_machine_is_told_from_another_transcript(fresh: Fresh, capsys: pytest.CaptureFixture[str]):
    run = fresh("two_party")
    forge_arrays(run, "solution.npz", lambda arrays: np.put(arrays["X"], 0, arrays["X"].flat[0] + 2.0**-40))
    forge(run, lambda record: record["fingerprint"].update(numpy="1.0"))
    assert main(["replay", str(run)]) == Exit.VERIFICATION
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("wlra-dist: same messages, other arithmetic (numpy 1.0 then, ")
    assert "by at most 9.09e-13" in printed.err


def test_a_solution_that_was_changed_later_is_told_from_both(fresh: Fresh):
    run = fresh("files")
    digests = figures(run)["solution"]
    forge_arrays(run, "solution.npz", lambda arrays: np.put(arrays["X"], 0, 77))
    forge(run, lambda record: record.update(solution=digests))
    assert replay(run).sentence.startswith("solution.npz was changed after the run")


@pytest.mark.parametrize("command", ["replay", "audit"])
@pytest.mark.parametrize("outcome", ["nothing", "a file", "no record", "no JSON", "a list", "old", "newer"])
def test_what_is_no_run_is_an_input_error_in_one_sentence(
    fresh: Fresh, command: str, outcome: str, capsys: pytest.CaptureFixture[str]
):
    run = fresh("servers")
    record = run / "record.json"
    texts = {"no JSON": "{", "a list": "[1]", "old": '{"bits": 3}', "newer": '{"format": 99}'}
    match outcome:
        case "nothing":
            run = run / "none"
        case "a file":
            run = record
        case "no record":
            record.unlink()
        case _:
            record.write_text(texts[outcome])
    assert main([command, str(run)]) == Exit.INPUT
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1


def test_a_transcript_that_ends_or_goes_on_is_refused(fresh: Fresh):
    run = fresh("servers")
    transcript = run / "transcript.bin"
    whole = transcript.read_bytes()
    ends = [row["wire_bytes"] for row in map(json.loads, (run / "ledger.jsonl").read_text().splitlines())]
    transcript.write_bytes(whole[: sum(ends[:-1])])
    reseal(run)
    error = refusal(lambda: replay(run))
    assert isinstance(error, VerificationError)
    assert "ends before message 4" in str(error)
    transcript.write_bytes(whole + whole[: ends[0]])
    reseal(run)
    assert "message 0 stands where message 5 was due" in str(refusal(lambda: replay(run)))
