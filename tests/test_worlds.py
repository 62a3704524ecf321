"""One story in every world: each scenario in one process, in threads and on MPI ranks."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.game.playing import on_ranks
from wlra_dist.play import play
from wlra_dist.report.summary import summary
from wlra_dist.scenario import Scenario
from wlra_dist.scenario_file import SWEEP, load, read_tables

Run = Callable[..., subprocess.CompletedProcess[str]]

CHECKOUT = Path(__file__).parent.parent
MNIST = Path(os.environ.get("WLRA_DIST_MNIST", CHECKOUT.parent / "shared" / "data" / "mnist"))
RANKS = {"quickstart": (1, 2, 3, 5), "lower_bound": (1, 2, 3, 5)}
FEW_RANKS = (2, 5)
SAME = ("digest", "bits", "bits_by_label", "bits_by_part", "wire_bytes", "loss", "lower_bound_opt", "columns", "rounds")

SCENARIOS = [
    pytest.param(
        path.stem,
        marks=pytest.mark.skipif(path.stem == "mnist" and not MNIST.exists(), reason=f"MNIST is not at {MNIST}"),
    )
    for path in sorted((CHECKOUT / "scenarios").glob("*.toml"))
    if SWEEP not in read_tables(path)  # see test_sweep.py
]


SMALLER = {
    "mnist": [f"data={MNIST}", "epochs=1", "hidden=16", "k=4"],
    "servers": ["n=200", "d=80", "s=16"],
    "two_party": ["images=100"],
    "quickstart": ["hidden=16"],
    "files": ["bounds=quick"],
    "comparison": ["n=200", "d=80"],
}
"""What a test changes, so that eleven plays of a scenario take seconds."""


def settings(name: str) -> list[str]:
    return SMALLER.get(name, [])


def told(facts: dict[str, Any]) -> dict[str, Any]:
    """What every world must agree on."""
    return {key: facts[key] for key in SAME}


def one_process(name: str) -> dict[str, Any]:
    changes = [word for setting in settings(name) for word in ("--set", setting)]
    command = [sys.executable, "-m", "wlra_dist", "run", name, *changes, "--json"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stderr
    return told(json.loads(run.stdout))


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_is_the_same_on_any_number_of_ranks(name: str, mpiexec: Run) -> None:
    alone = one_process(name)
    changes = [word for setting in settings(name) for word in ("--set", setting)]
    for ranks in RANKS.get(name, FEW_RANKS):
        job = mpiexec(ranks, "-m", "wlra_dist", "run", name, *changes, "--json", timeout=60)
        assert job.returncode == 0, job.stderr
        facts = json.loads(job.stdout)
        assert facts["ranks"] == ranks
        assert told(facts) == alone


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_is_the_same_with_one_party_a_thread(name: str) -> None:
    game: Scenario = load(CHECKOUT / "scenarios" / f"{name}.toml", settings(name))
    outcome = on_ranks(game.game.servers + 1, partial(play, game))[0]
    assert outcome is not None
    assert told(json.loads(json.dumps(summary(outcome)))) == one_process(name)
