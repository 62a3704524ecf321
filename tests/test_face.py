"""`import wlra_dist as wd`: all that people use, loaded when it is asked for."""

import ast
import inspect
import pkgutil
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csc_array

import wlra_dist as wd
from wlra_dist.css import SELECTORS
from wlra_dist.game.wires import Loopback

TERMS = wd.Terms(k=1, r=1, epsilon=0.1, word=8, bound=None, sparse=False, width=64, selector=SELECTORS["auto"]())

NEED_TORCH = ("wlra_dist.models.torch_layers",)
"""Modules that cannot be loaded without a package that is optional."""

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
        if module.name not in ("wlra_dist.__main__", *NEED_TORCH):
            import_module(module.name)
    functions = ("audit", "compare", "expand", "lower_bounds", "play", "replay", "select_columns", "solve", "sweep")
    assert [name for name in functions if not callable(getattr(wd, name))] == []


SECTIONS = ("Parameters", "Returns", "Yields", "Raises", "Attributes")


def sections(value: object) -> dict[str, str]:
    """The numpydoc sections of a docstring."""
    text = inspect.getdoc(value) or ""
    parts = re.split(r"^(\w+)\n-+\n", text, flags=re.MULTILINE)
    return {title: body for title, body in zip(parts[1::2], parts[2::2], strict=True) if title in SECTIONS}


def documented(section: str) -> set[str]:
    """The names that a section has items for."""
    return {name.strip("* ") for line in re.findall(r"^(\S.*)$", section, re.MULTILINE) for name in line.split(",")}


FUNCTIONS = [name for name in wd.__all__ if inspect.isfunction(getattr(wd, name))]
CLASSES = [name for name in wd.__all__ if inspect.isclass(getattr(wd, name)) and not name.endswith("Error")]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_function_says_what_it_takes_gives_and_raises(name: str):
    function = getattr(wd, name)
    found = sections(function)
    assert documented(found["Parameters"]) >= set(inspect.signature(function).parameters)
    assert "Returns" in found or "Yields" in found
    assert "Raises" in found or name == "lower_bounds"  # which raises nothing of its own


@pytest.mark.parametrize("name", CLASSES)
def test_each_class_says_what_it_holds(name: str):
    kind = getattr(wd, name)
    found = sections(kind)
    stated = documented(found.get("Parameters", "") + "\n" + found.get("Attributes", ""))
    taken = set(inspect.signature(kind).parameters)
    assert name in ("BitWriter", "DecodeError") or stated >= taken, taken - stated


@pytest.mark.parametrize("name", [name for name in wd.__all__ if name.endswith("Error")])
def test_each_error_is_one_sentence_of_what_went_wrong(name: str):
    assert issubclass(getattr(wd, name), Exception)
    assert (getattr(wd, name).__doc__ or "").rstrip().endswith(".")


def test_results_show_themselves_in_a_line():
    rng = np.random.default_rng(0)
    outcome, W = wd.play(TABLES), rng.random((300, 40))
    solution = wd.solve(W, W, 2, certify=False)
    weights = [
        wd.DenseWeights(W),
        wd.LowRankWeights(W, W.T),
        wd.BlockMask.even(300, 40, 3),
        wd.SparseWeights(csc_array(W)),
    ]
    both = wd.compare(outcome.scenario, ["raw", "one_round"])
    results = [
        outcome,
        outcome.scenario,
        outcome.solution,
        outcome.solution.blocks[0],
        solution,
        solution.approximation,
    ]
    results += [*weights, both, wd.WeightedLowRank(), wd.WeightedColumnSelector(), wd.Party("Alice", 1), wd.Stop(3)]
    results += [
        wd.Selection(np.arange(9999)),
        wd.Located(wd.Party("Bob", 0), W, 0),
        wd.PerParty(weights),
        outcome.instance,
    ]
    results += [wd.Faceted([wd.Located(wd.Party("Bob", 0), W, 0)]), wd.Game(Loopback()), wd.BitWriter(), TERMS]
    for result in results:
        assert len(repr(result)) < 200, repr(result)
        assert "\n" not in repr(result)
        assert "array(" not in repr(result)
    for result in (outcome, solution, both):
        page = result._repr_html_()
        assert page.count("<img") == page.count("<table>") == 1
        assert "base64,iVBOR" in page


def test_games_are_compared_and_swept():
    scenario = wd.Scenario.of(TABLES, protocol="one_round", servers=2)
    both = wd.compare(scenario, ["one_round", "raw", "one_way"])
    assert [row["protocol"] for row in both.rows] == ["one_round", "raw"]
    assert "one_way" in both.declined
    assert both.outcomes[0].account.digest == wd.play(scenario).account.digest
    games = wd.sweep(scenario, {"s": [2, 4], "servers": [1, 2]})
    assert [(row["s"], row["servers"]) for row in games.rows] == [(2, 1), (2, 2), (4, 1), (4, 2)]
    assert list(games)[-1].account.digest == both.outcomes[0].account.digest
    with pytest.raises(wd.InputError, match="swept, and was given one value"):
        wd.sweep(scenario, {"s": [2]}, s=3)


def test_a_scenario_is_stated_by_keywords():
    stated = wd.Scenario.of(**TABLES)
    assert stated == wd.Scenario.of(TABLES) == wd.Scenario.of(stated)
    assert wd.Scenario.of("lower_bound", s=4).facts()["instance"]["s"] == 4
    assert wd.Scenario.of(stated, instance={"s": 2}).facts()["instance"]["s"] == 2


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
