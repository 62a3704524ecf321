"""What is imported when: eight ranks on two cores pay for every heavy import eight times."""

import subprocess
import sys

import pytest

from wlra_dist import instances
from wlra_dist.protocols import PROTOCOLS

HEAVY = {"scipy", "matplotlib", "sklearn", "mpi4py", "pydantic"}

DENSE_GAME = """
from wlra_dist.world.world import Alone
from wlra_dist.instances import Synthetic
from wlra_dist.playing.play import play
from wlra_dist.scenario.options import GameOptions, ProtocolOptions, Scenario
A, plain = Synthetic(n=20, d=30, k=2, noise=0.5), ProtocolOptions("one_round")
game = Scenario("dense", "", "synthetic", A, GameOptions(servers=2), plain)
assert play(game, Alone()).certificate.loss > 0
"""


OTHERS = (
    "protocols.als",
    "protocols.cross",
    "protocols.sketched",
    "instances.fisher",
    "solvers.methods.adam",
    "report",
)
"""Rooms of what that game does not play."""


def modules_of(program: str) -> set[str]:
    """What a fresh interpreter has loaded after the program."""
    names = "import sys; print(*sys.modules)"
    child = subprocess.run([sys.executable, "-c", f"{program}\n{names}"], capture_output=True, text=True, check=True)
    return set(child.stdout.split())


def imported_by(program: str) -> set[str]:
    """The packages among them."""
    return {name.partition(".")[0] for name in modules_of(program)}


@pytest.mark.parametrize(
    "module", ["wlra_dist", "wlra_dist.commands.main", "wlra_dist.__main__", "wlra_dist.world.world"]
)
def test_the_start_imports_nothing_heavy(module: str):
    assert not imported_by(f"import {module}") & HEAVY


def test_neither_does_what_plays():
    assert not imported_by("import wlra_dist.playing.play, wlra_dist.scenario.options") & HEAVY


def test_a_dense_game_needs_no_scipy():
    """scipy.linalg alone costs more than the game; and no rank loads what others play."""
    loaded = modules_of(DENSE_GAME)
    assert not {name.partition(".")[0] for name in loaded} & HEAVY
    assert not [name for name in loaded if name.startswith(tuple(f"wlra_dist.{room}" for room in OTHERS))]


def test_a_table_loads_what_is_looked_up_and_has_all_the_same():
    program = (
        "from wlra_dist.protocols import PROTOCOLS; assert len({**PROTOCOLS}) == len(PROTOCOLS) == len([*PROTOCOLS])"
    )
    assert {"wlra_dist.protocols.als.als", "wlra_dist.protocols.cross.cross"} <= modules_of(program)
    with pytest.raises(KeyError):
        PROTOCOLS["nobody's"]
    with pytest.raises(AttributeError, match=r"wlra_dist.instances.* has no attribute 'Nobodys'"):
        _ = instances.Nobodys
    assert instances.LowerBound is instances.INSTANCES["lower_bound"]
