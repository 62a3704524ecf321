"""What a killed process left is told and removed; what a living one makes is left alone."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from wlra_dist.record.files.directory import check_replaceable
from wlra_dist.record.files.unfinished import in_the_making, remove_left

FILES, MARK = ("record.json", "notes"), "record.json"

MAKER = """
import sys, time
from pathlib import Path
from wlra_dist.record.files.unfinished import in_the_making
with in_the_making(Path(sys.argv[1])) as unfinished:
    (unfinished / "record.json").write_text("half of it")
    print(unfinished.name, flush=True)
    time.sleep(60)
"""


def earlier_run(directory: Path) -> Path:
    directory.mkdir()
    (directory / MARK).write_text("an earlier run")
    return directory


def test_a_living_process_is_left_alone_and_a_dead_one_is_cleared_away(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    with subprocess.Popen([sys.executable, "-c", MAKER, tmp_path / "run"], stdout=subprocess.PIPE, text=True) as maker:
        assert maker.stdout is not None
        name = maker.stdout.readline().strip()
        check_replaceable(tmp_path / "run", FILES, MARK)
        assert os.listdir(tmp_path) == [name]
        maker.send_signal(signal.SIGKILL)
    assert (tmp_path / name / MARK).exists()
    check_replaceable(tmp_path / "run", FILES, MARK)
    assert os.listdir(tmp_path) == []
    printed = capsys.readouterr().err
    assert printed.count("\n") == 1
    assert f"removed {tmp_path / name}" in printed


def test_a_run_that_was_moved_aside_comes_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    earlier_run(tmp_path / ".run.0123abcd.replaced")
    (tmp_path / ".run.4567cdef.unfinished").mkdir()
    check_replaceable(tmp_path / "run", FILES, MARK)
    assert os.listdir(tmp_path) == ["run"]
    assert (tmp_path / "run" / MARK).read_text() == "an earlier run"
    assert "the earlier run is back" in capsys.readouterr().err


def test_one_that_was_replaced_is_removed(tmp_path: Path):
    earlier_run(tmp_path / "run")
    earlier_run(tmp_path / ".run.0123abcd.replaced")
    remove_left(tmp_path / "run")
    assert os.listdir(tmp_path) == ["run"]


@pytest.mark.parametrize(
    "name", [".other.0123abcd.unfinished", ".run.0123abc.unfinished", ".run.0123abcd.finished", "run.0123abcd.probe"]
)
def test_what_bears_another_name_is_no_business_of_ours(tmp_path: Path, name: str):
    (tmp_path / name).mkdir()
    remove_left(tmp_path / "run")
    assert os.listdir(tmp_path) == [name]


def test_nothing_is_removed_behind_a_link(tmp_path: Path):
    earlier_run(tmp_path / "kept")
    (tmp_path / ".run.0123abcd.unfinished").symlink_to("kept")
    remove_left(tmp_path / "run")
    assert (tmp_path / "kept" / MARK).exists()


def test_what_is_made_goes_when_it_fails(tmp_path: Path):
    with pytest.raises(KeyboardInterrupt), in_the_making(tmp_path / "run"):
        raise KeyboardInterrupt
    assert os.listdir(tmp_path) == []
