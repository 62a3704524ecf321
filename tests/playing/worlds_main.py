"""Scenarios played one after another by the ranks of one job; test_worlds compares what they tell.

`mpiexec -n N python worlds_main.py CHANGES`: CHANGES are, as JSON, the settings by scenario file.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from wlra_dist.commands.entry import read_for_all
from wlra_dist.instances.kept_weights import keep_weights
from wlra_dist.playing.play import Outcome, play
from wlra_dist.record.write import claimed
from wlra_dist.scenario.options import Scenario
from wlra_dist.studies.sweep import Sweep, load_sweep
from wlra_dist.world.guard import guarded
from wlra_dist.world.world import World


def main(world: World, beat: Callable[[str], None]) -> int:
    for path, changes in json.loads(sys.argv[1]).items():
        beat(path)
        outcome = play(read(world, Path(path), changes), world)
        if outcome is not None:
            assert outcome.holds is not False, path  # None where the rank that W is said to have is refuted
            print(json.dumps(claims_of(outcome)), flush=True)
    return 0


def claims_of(outcome: Outcome) -> dict[str, Any]:
    """All that a record would claim, the seal among it."""
    return claimed(outcome, keep_weights(outcome.instance.weights, outcome.scenario.instance))


def read(world: World, path: Path, changes: list[str]) -> Scenario:
    """As `wlra-dist run` does: one rank reads the file and tells the others."""
    sweep = Sweep.from_json(read_for_all(world, lambda: load_sweep(path, changes).to_json()))
    return sweep.points[0].scenario


if __name__ == "__main__":
    sys.exit(guarded(main, stall_limit=60))
