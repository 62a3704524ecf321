"""Finished points: what makes them another game, and what makes their file no longer theirs."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from wlra_dist.errors import WlraDistError
from wlra_dist.scenario.toml import load
from wlra_dist.studies import sweep_points as finished

SCENARIOS = Path(__file__).parents[2] / "scenarios"
HARD = SCENARIOS / "lower_bound.toml"

FACTS: dict[str, Any] = {"loss": 0.1 + 0.2, "bits": 2**70, "holds": True, "ratio": None, "scenario": "ε"}


@pytest.mark.parametrize(
    "setting", ["s=63", "seed=1", "epsilon=0.2", "columns=3", "game.threads=2", "model=blackboard"]
)
def test_another_game_has_another_key(setting: str):
    setting = setting.replace("seed", "instance.seed")
    assert finished.key(load(HARD, [setting])) != finished.key(load(HARD))


def test_a_name_is_no_part_of_a_game():
    scenario = load(HARD)
    assert finished.key(replace(scenario, name="x", about="y")) == finished.key(scenario)


def test_a_changed_file_or_program_is_another_game(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    W = tmp_path / "W.npy"
    W.write_bytes((SCENARIOS / "files" / "W.npy").read_bytes())
    scenario = load(SCENARIOS / "files.toml", [f"W={W}"])
    before = finished.key(scenario)
    assert finished.key(scenario) == before
    os.utime(W, ns=(0, 1))
    touched = finished.key(scenario)
    monkeypatch.setattr(finished, "_sources", lambda: "of another program")
    assert len({before, touched, finished.key(scenario)}) == 3


def test_a_missing_file_is_left_to_those_who_open_it(tmp_path: Path):
    assert finished.key(load(SCENARIOS / "files.toml", [f"W={tmp_path / 'none.npy'}"]))


def test_what_is_kept_is_recalled_bit_for_bit(tmp_path: Path):
    assert finished.recall(tmp_path, "key") is None
    finished.keep(tmp_path, "key", FACTS)
    assert finished.recall(tmp_path, "key") == FACTS
    assert [path.name for path in (tmp_path / "points").iterdir()] == ["key.json"]


@pytest.mark.parametrize("damage", ["", "{}", "[]", "null", '{"facts": 3}', "\xff", "[" * 100_000, None, "renamed"])
def test_a_damaged_file_is_no_finished_point(tmp_path: Path, damage: str | None):
    finished.keep(tmp_path, "key", FACTS)
    path = tmp_path / "points" / "key.json"
    if damage == "renamed":
        path.rename(path.with_name("other.json"))
        assert finished.recall(tmp_path, "other") is None
    elif damage is None:
        kept = json.loads(path.read_text(encoding="utf-8"))
        kept["facts"]["bits"] += 1
        path.write_text(json.dumps(kept), encoding="utf-8")
    else:
        path.write_text(damage, encoding="latin-1")
    assert finished.recall(tmp_path, "key") is None


def test_a_full_disk_keeps_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    finished.keep(tmp_path, "key", FACTS)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(finished.os, "fsync", full)
    with pytest.raises(WlraDistError, match="No space left on device"):
        finished.keep(tmp_path, "key", {"bits": 0})
    assert finished.recall(tmp_path, "key") == FACTS
