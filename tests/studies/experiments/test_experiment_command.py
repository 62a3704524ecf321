"""`wlra-dist experiment`: what is printed, what is kept, what is refused; and that `scenarios` lists them."""

import csv
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from wlra_dist.commands.main import main
from wlra_dist.errors import Exit
from wlra_dist.scenario.toml import find, listed
from wlra_dist.studies.experiments import load_experiment

SWEEP = ["experiment", "experiments/fisher_rank"]
COMPRESSION = ["experiment", "experiments/model_compression"]
TINY = ["hidden=12", "epochs=1", "k=4", "ranks=[1, 4]", 'methods=["svd_w", "svd_w+als"]']
ONCE = [*TINY, "trials=1", 'refine=["em"]']


def set_to(settings: list[str]) -> list[str]:
    return [word for setting in settings for word in ("--set", setting)]


@pytest.mark.parametrize(("command", "tables", "pictures"), [
    ([*SWEEP, *set_to(ONCE)], {"losses": 4, "spectrum": 12, "refinement": 25}, {"losses", "weights", "refinement"}),
    ([*COMPRESSION, *set_to([*TINY, "epsilons=[1.0]"])], {"accuracies": 6}, {"accuracies"}),
])  # fmt: skip
def test_tables_and_pictures_are_kept(
    command: list[str], tables: dict[str, int], pictures: set[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    out = tmp_path / "out"
    assert main([*command, "--out", str(out)]) == Exit.OK
    assert "svd_w+als" in capfd.readouterr().out
    assert {path.stem for path in out.glob("*.png")} == pictures
    record = json.loads((out / "experiment.json").read_text())
    for name, count in tables.items():
        with (out / f"{name}.csv").open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == len(record[name]) == count
        assert list(rows[0]) == list(record[name][0])
    assert record["public"]["instance"]["hidden"] == 12


def test_nothing_is_computed_for_a_place_that_is_taken(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    (tmp_path / "mine.txt").write_text("something else")
    assert main([*SWEEP, "--out", str(tmp_path)]) == Exit.INPUT
    assert "holds 'mine.txt'" in capfd.readouterr().err


def test_json_is_one_object(capfd: pytest.CaptureFixture[str]):
    assert main([*SWEEP, *set_to(ONCE), "--json"]) == Exit.OK
    record = json.loads(capfd.readouterr().out)
    assert record["scenario"] == "fisher_rank"
    assert {row["method"] for row in record["losses"]} == {"svd_w", "svd_w+als"}


def test_experiments_are_listed_and_load(capfd: pytest.CaptureFixture[str]):
    assert main(["scenarios"]) == Exit.OK
    printed = capfd.readouterr().out
    names = [name for name, _, _ in listed() if name.startswith("experiments/")]
    assert {"experiments/fisher_rank", "experiments/model_compression"} <= set(names)
    for name in names:
        assert name in printed
        assert 20 < len(load_experiment(find(name)).about) < 120


def test_one_scenario_reads_the_digits_or_a_directory(tmp_path: Path):
    there = load_experiment(find("experiments/fisher_rank"), [f"data={tmp_path}"])
    assert there.facts()["instance"]["data"] == str(tmp_path)
    assert load_experiment(find("experiments/fisher_rank")).facts()["instance"]["data"] is None


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ([*SWEEP, "--set", "ranks=[0]"], "[experiment] ranks: expected greater than or equal to 1, got 0"),
        ([*SWEEP, "--set", "ranks=[]"], "ranks: expected at least one, got none"),
        ([*SWEEP, "--set", "ranks=[3, 3]"], "ranks: expected each once, got 3 twice"),
        ([*SWEEP, "--set", "ranks=[21]"], "ranks: expected at most the k = 20 of [instance], got 21"),
        ([*SWEEP, "--set", "trials=0"], "[experiment] trials: expected greater than or equal to 1, got 0"),
        ([*SWEEP, "--set", "trails=3"], "no table has this key (did you mean 'trials'?)"),
        ([*SWEEP, "--set", 'methods=["emm"]'], "found method 'emm'"),
        ([*SWEEP, "--set", "methods=[7]"], "[experiment] methods: expected"),
        ([*SWEEP, "--set", 'methods=["em+svd"]'], "svd starts from nothing"),
        ([*SWEEP, "--set", 'methods=[{name="em", steps=3}]'], "em has no option steps"),
        ([*SWEEP, "--set", 'methods=[{name="em", iterations=0}]'], "iterations: expected an integer of at least 1"),
        ([*SWEEP, "--set", 'methods=[{name="em", iterations=1.5}]'], "iterations: expected an integer of at least 1"),
        ([*SWEEP, "--set", 'methods=[{name="greedy", refit="all"}]'], "expected 'step' or 'columns', found 'all'"),
        ([*SWEEP, "--set", 'refine=[{iterations=3}]'], "found method ''"),
        ([*SWEEP, "--set", "kind=fishy"], "[instance] kind is 'fishy'"),
        ([*SWEEP, "--set", "experiment.kind=race"], "[experiment] kind is 'race'; expected one of rank_sweep"),
        ([*SWEEP, "--set", "game.servers=3"], "there is no table [game]"),
        ([*SWEEP, "--set", "data=nowhere"], "nowhere"),
        ([*SWEEP, "--set", "k=64"], "the target rank k = 64 must be less than min(n, d) = 64"),
        ([*COMPRESSION, "--set", "kind=digits_fisher"], '[instance] kind: expected "fisher"'),
        (["experiment", "quickstart"], "has no table [experiment], so there is nothing to compare"),
        (["experiment", "fisher_rnk"], "there is no scenario 'fisher_rnk'"),
        (["run", "experiments/fisher_rank"], "makes it an experiment"),
        ([*SWEEP, "--out", "/proc/none"], "/proc/none"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused_in_one_sentence(
    command: list[str], says: str, capfd: pytest.CaptureFixture[str]
):
    assert main(command) == Exit.INPUT
    printed = capfd.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert says in printed.err


def test_processes_that_share_cores_measure_nothing(mpiexec: Callable[..., subprocess.CompletedProcess[str]]):
    job = mpiexec(2, "-m", "wlra_dist", *SWEEP, *set_to(ONCE), timeout=60)
    assert job.returncode == Exit.INPUT
    assert "start it without mpiexec (found 2 processes)" in job.stderr
