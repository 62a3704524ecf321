"""One story in every world: each scenario in one process, in threads and on MPI ranks."""

import json
import subprocess
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest

from tests.game.playing import on_ranks
from tests.playing.worlds_main import claims_of
from tests.scenarios import NAMES, NO_MNIST, PLAYED, file_of, settings
from wlra_dist.playing.play import Outcome, play
from wlra_dist.scenario.options import Scenario
from wlra_dist.scenario.toml import load
from wlra_dist.world.world import Alone

Run = Callable[..., subprocess.CompletedProcess[str]]

WORLDS_MAIN = str(Path(__file__).with_name("worlds_main.py"))
SAME = (
    "digest",
    "seal",
    "bits",
    "bits_by_label",
    "bits_by_part",
    "wire_bytes",
    "loss",
    "lower_bound_opt",
    "columns",
    "rounds",
)

MANY = ["quickstart", "lower_bound", "servers", "files"]
"""Two parties, and fewer or more servers than ranks."""

ON_RANKS = {1: ["lower_bound"], 2: PLAYED, 5: MANY}
"""What commands print, and keep: tests/commands/test_ranks.py."""


def story(facts: dict[str, Any]) -> dict[str, Any]:
    """What every world must agree on."""
    return {key: facts[key] for key in SAME}


def story_of(outcome: Outcome | None) -> dict[str, Any]:
    assert outcome is not None
    return story(json.loads(json.dumps(claims_of(outcome))))


@cache
def alone(name: str) -> dict[str, Any]:
    """What one process tells, played once for all that compare themselves with it."""
    return story_of(play(load(file_of(name), settings(name)), Alone()))


@pytest.mark.parametrize("ranks", ON_RANKS)
def test_every_scenario_is_the_same_on_any_number_of_ranks(ranks: int, mpiexec: Run) -> None:
    changes = {str(file_of(name)): settings(name) for name in ON_RANKS[ranks]}
    job = mpiexec(ranks, WORLDS_MAIN, json.dumps(changes), timeout=100)
    assert job.returncode == 0, job.stderr
    for name, line in zip(ON_RANKS[ranks], job.stdout.splitlines(), strict=True):
        facts = json.loads(line)
        assert facts["ranks"] == ranks
        assert story(facts) == alone(name), name


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_is_the_same_with_one_party_a_thread(name: str) -> None:
    if name not in PLAYED:
        pytest.skip(NO_MNIST)
    game: Scenario = load(file_of(name), settings(name))
    assert story_of(on_ranks(game.game.servers + 1, partial(play, game))[0]) == alone(name)
