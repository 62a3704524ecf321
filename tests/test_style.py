"""What is imported when: eight ranks on two cores pay for every heavy import eight times."""

import subprocess
import sys

import pytest

HEAVY = {"scipy", "matplotlib", "sklearn", "mpi4py", "pydantic"}

DENSE_GAME = """
from wlra_dist.world.world import Alone
from wlra_dist.instances import Synthetic
from wlra_dist.playing.play import play
from wlra_dist.scenario.options import GameOptions, Scenario
game = Scenario("dense", "", "synthetic", Synthetic(n=20, d=30, k=2, noise=0.5), GameOptions(servers=2))
assert play(game, Alone()).certificate.loss > 0
"""


def imported_by(program: str) -> set[str]:
    """The packages that a fresh interpreter has loaded after the program."""
    names = "import sys; print(*{name.partition('.')[0] for name in sys.modules})"
    child = subprocess.run([sys.executable, "-c", f"{program}\n{names}"], capture_output=True, text=True, check=True)
    return set(child.stdout.split())


@pytest.mark.parametrize(
    "module", ["wlra_dist", "wlra_dist.commands.main", "wlra_dist.__main__", "wlra_dist.world.world"]
)
def test_the_start_imports_nothing_heavy(module: str):
    assert not imported_by(f"import {module}") & HEAVY


def test_neither_does_what_plays():
    assert not imported_by("import wlra_dist.playing.play, wlra_dist.scenario.options") & HEAVY


def test_a_dense_game_needs_no_scipy():
    """scipy.linalg alone costs more than the game."""
    assert not imported_by(DENSE_GAME) & HEAVY
