"""docs/papers.md has every numbered statement of the papers; its names import, and its tests exist."""

import ast
import re
from functools import cache
from importlib import import_module
from itertools import chain
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
PAGE = (CHECKOUT / "docs" / "papers.md").read_text(encoding="utf-8")

NUMBERED = {
    "Woodruff & Yasuda": [
        "Def 1.1", "Algorithm 1", "Thm 1.2", "Algorithm 2", "Cor 1.3", "Def 1.4", "Thm 1.5", "Lemma 2.1", "Thm 3.1",
        "Def 3.2", "Table 1", "Table 2", "Figure 1", "Figure 2", "Figure 3", "Figure 4", "Figure 5", "Tables 3–5",
        "Lemma A.1", "Appendix B", "Appendix D",
    ],
    "Li, Liang, Shi & Song": [
        "Def 1.1", "Thm 1.2", "Def 3.1", "Assumption 3.2", "Lemma 3.3", "Thm 3.4", "Thm 3.5", "Def 3.6", "Lemma 3.7",
        "Lemma 3.8", "Def 3.9", "Lemma 4.1", "Thm 5.1", "Thm 6.1", "Thm 7.1",
    ],
    "Song, Ye, Yin & Zhang": [
        "Mechanism 1", "Mechanism 2", "Mechanism 3", "Experiment 1", "Experiment 2", "Experiment 3",
        "Question 1", "Question 2", "Question 3",
    ],
}  # fmt: skip
"""What the texts number, or refer to by number; the texts themselves are not in this repository."""


@cache
def rows(paper: str) -> dict[str, list[str]]:
    """The cells of each statement of a paper, after its number."""
    part = PAGE.split(f"\n## {paper}")[1].split("\n## ")[0]
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in part.splitlines() if line.startswith("| ")]
    return {cell[0]: cell[1:] for cell in cells[1:]}


ALL = [(paper, number) for paper in NUMBERED for number in rows(paper)]


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


@pytest.mark.parametrize("paper", NUMBERED)
def test_every_numbered_statement_is_there(paper: str):
    assert [number for number in NUMBERED[paper] if number not in rows(paper)] == []
    assert all(len(cells) == 4 for cells in rows(paper).values())


@pytest.mark.parametrize(("paper", "number"), ALL)
def test_a_statement_has_a_function_and_a_test_or_says_why_not(paper: str, number: str):
    says, functions, tests, _ = rows(paper)[number]
    assert bool(quoted(functions)) == bool(quoted(tests)) == ("no code" not in says)


@pytest.mark.parametrize("name", sorted(set(chain.from_iterable(quoted(rows(p)[n][1]) for p, n in ALL))))
def test_every_function_imports(name: str):
    module, _, attribute = f"wlra_dist.{name}".rpartition(".")
    assert hasattr(import_module(module), attribute)


@pytest.mark.parametrize("test", sorted(set(chain.from_iterable(quoted(rows(p)[n][2]) for p, n in ALL))))
def test_every_test_exists(test: str):
    file, _, name = test.partition("::")
    tree = ast.parse((CHECKOUT / "tests" / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_command_is_one_and_its_scenario_is_there():
    commands = set(chain.from_iterable(quoted(rows(paper)[number][3]) for paper, number in ALL))
    for command in commands:
        program, verb, scenario = command.split()
        assert (program, verb) == ("wlra-dist", "experiment")
        assert (CHECKOUT / "scenarios" / "experiments" / f"{scenario}.toml").is_file()
