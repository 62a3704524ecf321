"""verifier/verify.py as a module, and runs for it with the A that they were played on."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from wlra_dist.linalg.matrix import dense
from wlra_dist.playing.play import play
from wlra_dist.record.write import write_record
from wlra_dist.scenario.options import Scenario
from wlra_dist.world.world import Alone

CHECKOUT = Path(__file__).parents[2]
FILE = CHECKOUT / "verifier" / "verify.py"


def verifier() -> ModuleType:
    """The file, loaded from where it lies."""
    spec = importlib.util.spec_from_file_location("verify", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def recorded(scenario: str, place: Path, **settings: Any) -> tuple[Path, Path]:
    """(run, A) of a game that is played for it."""
    return recorded_scenario(Scenario.of(scenario, **settings), place)


def recorded_scenario(scenario: Scenario, place: Path) -> tuple[Path, Path]:
    """The same, of a scenario that is at hand."""
    place.mkdir(parents=True, exist_ok=True)
    outcome = play(scenario, Alone(), keep_multipliers=True)
    assert outcome is not None
    write_record(outcome, place / "run", lambda _claims, _entries, file: file.touch())
    np.save(place / "A.npy", dense(outcome.instance.columns(slice(None))))
    return place / "run", place / "A.npy"
