"""A sweep that is killed half-way and started again ends with the table of one that was not."""

import csv
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from wlra_dist.commands.games import sweep as command
from wlra_dist.commands.main import main
from wlra_dist.errors import Exit, InputError

Run = Callable[..., subprocess.CompletedProcess[str]]

GRID = str(Path(__file__).parents[2] / "scenarios" / "lower_bound_sweep.toml")
SMALL = ["--set", "sweep.s=[4, 8]", "--set", "sweep.r=[1, 3]", "--set", "sweep.k=[2, 3]"]
POINTS = 8
LIVES = 3
"""Points that are finished before the process is killed."""

MORTAL = f"""
import os, signal, sys
from wlra_dist.studies import sweep_points
from wlra_dist.commands.main import main
from wlra_dist.commands.games import sweep

def dying(work, calls=[]):
    def until_killed(*arguments):
        calls.append(1)
        if len(calls) > {LIVES}:
            os.kill(os.getpid(), signal.SIGKILL)
        return work(*arguments)
    return until_killed

match sys.argv.pop(1):
    case "playing":
        sweep.play_point = dying(sweep.play_point)
    case "keeping":
        os.replace = dying(os.replace)
sys.exit(main(sys.argv[1:]))
"""


def table(directory: Path) -> list[list[str]]:
    """The cells of the table but for seconds."""
    with (directory / "sweep.csv").open(newline="", encoding="utf-8") as file:
        titles, *rows = csv.reader(file)
    at = titles.index("seconds")
    return [[*row[:at], *row[at + 1 :]] for row in (titles, *rows)]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a sweep that nobody interrupted."""
    directory = tmp_path_factory.mktemp("undisturbed") / "sweep"
    assert main(["run", GRID, *SMALL, "--out", str(directory), "--json"]) == Exit.OK
    return directory


@pytest.mark.parametrize("moment", ["playing", "keeping"])
def test_killed_and_started_again(moment: str, undisturbed: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    out = tmp_path / "killed"
    arguments = ["run", GRID, *SMALL, "--out", str(out)]
    killed = subprocess.run([sys.executable, "-c", MORTAL, moment, *arguments], capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert not (out / "sweep.csv").exists()
    before = {path: path.read_bytes() for path in (out / "points").glob("*.json")}
    assert 0 < len(before) < POINTS

    assert main(arguments) == Exit.OK
    assert f"{len(before)} of {POINTS} games were finished before" in capfd.readouterr().out
    assert table(out) == table(undisturbed)
    assert {path: path.read_bytes() for path in before} == before
    assert not list(out.rglob("*.unfinished"))
    for picture in undisturbed.glob("by_*.png"):
        assert (out / picture.name).read_bytes() == picture.read_bytes()


def test_killed_on_two_ranks_and_finished_by_one(undisturbed: Path, tmp_path: Path, mpiexec: Run):
    out = tmp_path / "killed"
    killed = mpiexec(2, "-c", MORTAL, "playing", "run", GRID, *SMALL, "--out", str(out), timeout=60)
    assert killed.returncode != 0
    assert 0 < len(list((out / "points").glob("*.json"))) < POINTS
    assert main(["run", GRID, *SMALL, "--out", str(out), "--json"]) == Exit.OK
    assert table(out) == table(undisturbed)


def test_what_is_finished_is_not_played_again(undisturbed: Path, capfd: pytest.CaptureFixture[str]):
    before = (undisturbed / "sweep.csv").read_bytes()
    assert main(["run", GRID, *SMALL, "--out", str(undisturbed)]) == Exit.OK
    assert f"{POINTS} of {POINTS} games were finished before" in capfd.readouterr().out
    assert (undisturbed / "sweep.csv").read_bytes() == before  # seconds too


def test_a_larger_grid_plays_what_is_new_alone(
    undisturbed: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    played: list[str] = []
    really = command.play_point
    monkeypatch.setattr(command, "play_point", lambda *of: (played.append(str(of[1])), really(*of))[1])
    larger = [GRID, "--set", "sweep.s=[8, 16]", "--set", "sweep.instance.r=[3, 1]", "--set", "sweep.k=[2]"]
    assert main(["run", *larger, "--set", "sweep.r=[3]", "--out", str(undisturbed)]) == Exit.INPUT  # r is swept twice
    larger = [GRID, "--set", "sweep.s=[8, 16]", "--set", "sweep.r=[3, 1]", "--set", "sweep.k=[2]"]
    assert main(["run", *larger, "--out", str(undisturbed), "--json"]) == Exit.OK
    assert played == ["s = 16, r = 3, k = 2", "s = 16, r = 1, k = 2"]
    assert [row[:3] for row in table(undisturbed)[1:]] == [
        ["8", "3", "2"],
        ["8", "1", "2"],
        ["16", "3", "2"],
        ["16", "1", "2"],
    ]
    points = map(json.loads, capfd.readouterr().out.splitlines())
    assert [point["swept"]["s"] for point in points] == [8, 8, 16, 16]
    assert {path.name for path in undisturbed.glob("by_*")} == {"by_s.png", "by_r.png"}  # k is no axis any more


def test_a_sweep_that_stops_at_a_bad_point_keeps_the_others(tmp_path: Path):
    servers = str(Path(GRID).with_name("servers.toml"))
    sizes = [word for key in ("n=24", "d=6", "s=4", "k=2", "r=2") for word in ("--set", key)]
    swept = ["--set", "sweep.servers=[2, 7]", "--out", str(tmp_path / "out")]
    assert main(["run", servers, *sizes, *swept]) == Exit.INPUT
    assert len(list((tmp_path / "out" / "points").iterdir())) == 1
    assert not (tmp_path / "out" / "sweep.csv").exists()


def test_a_directory_that_cannot_be_written_to_is_found_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from wlra_dist.report.files import placed, sweep

    sweep.begin(tmp_path / "out", "mine", ["s"])
    sweep.check_place(tmp_path / "out")
    monkeypatch.setattr(placed.os, "access", lambda *_: False)
    with pytest.raises(InputError, match="cannot be written to"):
        sweep.check_place(tmp_path / "out")
