"""`import wlra_dist as wd`: all that people use, loaded when it is asked for."""

import ast
import pkgutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import wlra_dist as wd

HEAVY = ("numpy", "scipy", "mpi4py", "matplotlib", "pydantic", "sklearn")


def test_the_face_loads_nothing():
    program = f"import sys, wlra_dist; print(*set({HEAVY}) & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "\n"


@pytest.mark.parametrize("name", wd.__all__)
def test_each_name_is_there_and_says_what_it_is(name: str):
    value = getattr(wd, name)
    assert name in dir(wd)
    assert name == "__version__" or (value.__doc__ or "").strip()


def test_no_module_takes_the_place_of_a_name():
    """Once `wlra_dist.play` were imported as a module, `wd.play` would be that module."""
    for module in pkgutil.walk_packages(wd.__path__, "wlra_dist."):
        if module.name != "wlra_dist.__main__":
            import_module(module.name)
    functions = ("audit", "expand", "lower_bounds", "play", "replay", "select_columns", "solve")
    assert [name for name in functions if not callable(getattr(wd, name))] == []


def test_the_stub_names_the_same():
    stub = ast.parse((Path(wd.__path__[0]) / "__init__.pyi").read_text())
    named = {alias.asname for node in stub.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert named | {"__version__"} == set(wd.__all__)


def test_what_is_none_is_refused():
    with pytest.raises(AttributeError, match="no attribute 'plya'"):
        wd.plya  # pyright: ignore[reportAttributeAccessIssue]  # noqa: B018


TABLES = {
    "instance": {"kind": "lower_bound", "s": 4, "r": 2, "k": 1},
    "game": {"servers": 1},
    "protocol": {"name": "one_way"},
}


def test_a_game_is_played_from_tables_a_name_or_a_scenario():
    outcome = wd.play(TABLES)
    assert outcome.certificate.loss == 0
    assert outcome.holds
    assert wd.play(outcome.scenario).account.digest == outcome.account.digest
    named = wd.play("lower_bound", s=4, r=2, k=1)
    assert named.account.digest == outcome.account.digest
    assert wd.play(TABLES, k=2).scenario.facts()["instance"]["k"] == 2
    assert TABLES["instance"]["k"] == 1


@pytest.mark.parametrize(
    ("scenario", "settings", "expected"),
    [
        ("quickstrat", {}, "did you mean 'quickstart'"),
        (TABLES, {"s": "many"}, "expected"),
        (TABLES, {"colour": 3}, "no table has this key"),
        (7, {}, "expected a scenario's name"),
    ],
)
def test_what_cannot_be_played_is_refused(scenario: object, settings: dict[str, object], expected: str):
    with pytest.raises(wd.InputError, match=expected):
        wd.play(scenario, **settings)  # pyright: ignore[reportArgumentType]


def test_columns_are_selected():
    B = np.random.default_rng(0).standard_normal((30, 4)) @ np.eye(4, 20)
    assert set(wd.select_columns(B, 4)) == {0, 1, 2, 3}
    assert len(wd.select_columns(B, residual=1e-9)) == 4
