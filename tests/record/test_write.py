"""A record appears whole or not at all, and says what was played, bit for bit."""

import errno
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wlra_dist.errors import InputError, WlraDistError
from wlra_dist.game import Entry
from wlra_dist.game.frame import split
from wlra_dist.playing.play import Outcome, play
from wlra_dist.record.files import directory as directories
from wlra_dist.record.summary import summary
from wlra_dist.record.write import FILES, check_writable, read_solution, write_record
from wlra_dist.report.pictures.run import draw
from wlra_dist.scenario.toml import load
from wlra_dist.weights import Weights
from wlra_dist.world.world import Alone

SCENARIOS = Path(__file__).parents[2] / "scenarios"
SMALL = {
    "lower_bound": ["s=8", "r=2", "k=2"],
    "two_party": ["images=60", "k=3"],
    "servers": ["n=60", "d=32", "s=8", "k=2", "game.servers=5"],
    "raw": ["n=60", "d=32", "s=8", "k=2", "game.servers=3", "protocol.name=raw"],
}


def played(name: str) -> Outcome:
    """A new play."""
    path = SCENARIOS / f"{'servers' if name == 'raw' else name}.toml"
    outcome = play(load(path, SMALL[name]), Alone())
    assert outcome is not None
    return outcome


once = cache(played)


@pytest.fixture(scope="module")
def toy() -> Outcome:
    return once("servers")


PICTURES: dict[str, bytes] = {}


def drawn_once(facts: Mapping[str, Any], entries: Sequence[Entry], path: Path) -> None:
    """These tests write the same few runs many times."""
    key = json.dumps(facts)
    if key not in PICTURES:
        draw(facts, entries, path)
        PICTURES[key] = path.read_bytes()
    path.write_bytes(PICTURES[key])


def keep(outcome: Outcome, directory: Path) -> str:
    return write_record(outcome, directory, drawn_once)


def blocks_of_W(outcome: Outcome) -> list[Weights]:
    return [block.W for block in outcome.solution.blocks]


def content(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


@pytest.mark.parametrize("name", SMALL)
def test_a_record_says_what_was_played(tmp_path: Path, name: str):
    outcome = once(name)
    keep(outcome, tmp_path / "run")
    files = content(tmp_path / "run")
    kept = json.loads(files["record.json"])
    facts_of_run = summary(outcome)
    assert {key: kept[key] for key in facts_of_run} == facts_of_run
    assert kept["public"] == outcome.scenario.facts()
    assert kept["versions"]["numpy"] == np.__version__
    assert kept["files"] == {
        name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items()) if name != "record.json"
    }
    assert kept["files"]["transcript.bin"] == outcome.account.digest
    assert os.listdir(tmp_path) == ["run"]
    assert sorted(files) == sorted(FILES)


def test_ledger_and_transcript_tell_of_the_same_messages(tmp_path: Path, toy: Outcome):
    keep(toy, tmp_path / "run")
    rows = [json.loads(line) for line in (tmp_path / "run" / "ledger.jsonl").read_text().splitlines()]
    frames = list(split((tmp_path / "run" / "transcript.bin").read_bytes()))
    assert [(row["step"], row["bits"], row["wire_bytes"]) for row in rows] == [
        (frame.step, frame.bits, len(sealed)) for frame, sealed in frames
    ]
    assert [sum(row["parts"].values()) for row in rows] == [row["bits"] for row in rows]
    assert sum(row["bits"] for row in rows) == summary(toy)["bits"]


@pytest.mark.parametrize("name", SMALL)
def test_the_solution_comes_back_bit_for_bit(tmp_path: Path, name: str):
    outcome = once(name)
    keep(outcome, tmp_path / "run")
    again = read_solution(tmp_path / "run" / "solution.npz", blocks_of_W(outcome))
    assert again.dense().tobytes() == outcome.solution.dense().tobytes()


def test_two_equal_runs_leave_equal_files(tmp_path: Path, toy: Outcome):
    keep(toy, tmp_path / "one")
    keep(replace(played("servers"), seconds=toy.seconds), tmp_path / "two")
    one, two = content(tmp_path / "one"), content(tmp_path / "two")
    differ = {name for name in FILES if one[name] != two[name]}
    assert differ <= {"record.json"}  # it has the date


def test_a_record_replaces_that_of_an_earlier_run(tmp_path: Path, toy: Outcome):
    keep(once("lower_bound"), tmp_path / "run")
    check_writable(tmp_path / "run")
    keep(toy, tmp_path / "run")
    assert json.loads((tmp_path / "run" / "record.json").read_text())["scenario"] == "servers"
    assert os.listdir(tmp_path) == ["run"]


@pytest.mark.parametrize("there", [False, True])
def test_a_new_or_empty_directory_will_do(tmp_path: Path, toy: Outcome, there: bool):
    directory = tmp_path / "some" / "where" / "run"
    if there:
        directory.mkdir(parents=True)
    check_writable(directory)
    assert not directory.exists() or not os.listdir(directory)
    keep(toy, directory)
    assert sorted(os.listdir(directory)) == sorted(FILES)


def test_a_check_leaves_nothing(tmp_path: Path):
    check_writable(tmp_path / "some" / "where" / "run")
    assert os.listdir(tmp_path) == []


def test_the_directory_behind_a_link_is_the_one_that_is_written(tmp_path: Path, toy: Outcome):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    keep(toy, tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert sorted(os.listdir(tmp_path / "real")) == sorted(FILES)


def test_the_work_of_others_is_never_replaced(tmp_path: Path, toy: Outcome):
    (tmp_path / "thesis.tex").write_text("all of it")
    keep(toy, tmp_path / "run")
    (tmp_path / "run" / "notes.txt").write_text("what I saw")
    (tmp_path / "file").write_text("not a directory")
    before = content(tmp_path / "run")
    for directory in (tmp_path, tmp_path / "run", tmp_path / "file", tmp_path / "file" / "run"):
        with pytest.raises(InputError):
            check_writable(directory)
        with pytest.raises(WlraDistError):
            keep(toy, directory)
    assert content(tmp_path / "run") == before
    assert sorted(os.listdir(tmp_path)) == ["file", "run", "thesis.tex"]


@pytest.mark.parametrize("name", ["a\0b", "two\nlines", "x" * 300, "runs/" + "y" * 300, "/", "loop/run"])
def test_names_that_cannot_be_made_are_refused_in_one_sentence(tmp_path: Path, name: str):
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(InputError) as refusal:
        check_writable(tmp_path / name)
    assert "\n" not in str(refusal.value)
    assert os.listdir(tmp_path) == ["loop"]


def test_the_longest_name_that_can_be_made_will_do(tmp_path: Path, toy: Outcome):
    directory = tmp_path / ("x" * 255)
    check_writable(directory)
    keep(toy, directory)
    assert os.listdir(tmp_path) == [directory.name]


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no place that even root cannot write to")
def test_a_place_that_cannot_be_written_to_is_refused():
    with pytest.raises(InputError, match="cannot be made in /proc"):
        check_writable(Path("/proc/run"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_read_only_directory_is_refused(tmp_path: Path):
    (tmp_path / "closed").mkdir(mode=0o555)
    with pytest.raises(InputError, match="permission denied"):
        check_writable(tmp_path / "closed" / "run")


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("earlier", [False, True])
def test_a_failure_on_the_way_leaves_what_there_was(
    tmp_path: Path, toy: Outcome, error: type[BaseException], earlier: bool
):
    if earlier:
        keep(once("lower_bound"), tmp_path / "run")
    before = content(tmp_path / "run") if earlier else None

    def fail(*_: object) -> None:
        raise error

    with pytest.raises(error):
        write_record(toy, tmp_path / "run", fail)
    assert os.listdir(tmp_path) == ["run"] * earlier
    assert not earlier or content(tmp_path / "run") == before


def test_a_full_disk_is_told_in_one_sentence_and_keeps_the_old_record(
    tmp_path: Path, toy: Outcome, monkeypatch: pytest.MonkeyPatch
):
    keep(once("lower_bound"), tmp_path / "run")
    before = content(tmp_path / "run")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WlraDistError, match="no space left on device"):
        keep(toy, tmp_path / "run")
    assert content(tmp_path / "run") == before
    assert os.listdir(tmp_path) == ["run"]


def test_an_old_record_comes_back_if_the_new_one_cannot_take_its_place(
    tmp_path: Path, toy: Outcome, monkeypatch: pytest.MonkeyPatch
):
    keep(once("lower_bound"), tmp_path / "run")
    before = content(tmp_path / "run")
    rename = Path.rename

    def refuse(path: Path, target: Path) -> Path:
        if path.suffix == ".unfinished":
            raise KeyboardInterrupt
        return rename(path, target)

    monkeypatch.setattr(directories.Path, "rename", refuse)
    with pytest.raises(KeyboardInterrupt):
        keep(toy, tmp_path / "run")
    assert content(tmp_path / "run") == before
    assert os.listdir(tmp_path) == ["run"]
