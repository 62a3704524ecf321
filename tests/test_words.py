"""One vocabulary for the code: values bear the field's nouns, and no two classes bear one name."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
PACKAGE = sorted((CHECKOUT / "wlra_dist").rglob("*.py"))
ALL = [*PACKAGE, *sorted((CHECKOUT / "tests").rglob("*.py")), *sorted((CHECKOUT / "benchmarks").rglob("*.py"))]

VERBS = re.compile("told|heard|shown|came|said", re.IGNORECASE)

RIDDLES = re.compile(r"(^|_)(told|heard|shown|came|said)(_|\d|$)", re.IGNORECASE)
"""Verbs that leave open what a value is: the receiver's copy keeps the sender's noun (`curve` → `curves`)."""

MOST_FILES, MOST_LINES, MEDIAN_BODY = 20, 300, 8


@cache
def nodes(source: str) -> list[ast.AST]:
    return list(ast.walk(ast.parse(source)))


def names_in(source: str) -> Iterator[str]:
    """All names of a file, also those within the braces of an f-string; tests' own names are sentences."""
    for node in nodes(source):
        names = (getattr(node, field, None) for field in ("id", "attr", "arg", "name", "asname", "module", "rest"))
        yield from (name for name in names if isinstance(name, str) and not name.startswith("test_"))
        if isinstance(node, ast.Global | ast.Nonlocal):
            yield from node.names
        if isinstance(node, ast.MatchClass):
            yield from node.kwd_attrs


def riddles(source: str) -> set[str]:
    if not VERBS.search(source):  # most files: nothing to parse
        return set()
    return {name for name in names_in(source) if any(map(RIDDLES.search, name.split(".")))}


@pytest.mark.parametrize(
    "source",
    [
        "told = 1",
        "def f(heard_as): ...",
        "x.said",
        "class Shown: ...",
        "f'{came}'",
        "f(shown_to=1)",
        "import a.heard as b",
        "from heard import a",
        "from a import b as came",
        "match x:\n case {**said}: ...",
        "global told",
    ],
)
def test_the_check_sees_a_riddle(source: str):
    assert riddles(source)


def test_no_value_is_named_by_a_verb_of_hearsay():
    found = {str(file.relative_to(CHECKOUT)): names for file in ALL if (names := riddles(file.read_text("utf-8")))}
    assert not found
    assert not [file for file in ALL if RIDDLES.search(file.stem)]


def test_no_two_classes_of_the_package_bear_one_name():
    homes: dict[str, list[str]] = defaultdict(list)
    for file in PACKAGE:
        for node in nodes(file.read_text("utf-8")):
            if isinstance(node, ast.ClassDef):
                homes[node.name].append(str(file.relative_to(CHECKOUT)))
    assert not {name: files for name, files in homes.items() if len(files) > 1}


def test_no_folder_has_more_than_twenty_files_and_no_file_more_than_300_lines():
    folders: dict[Path, int] = defaultdict(int)
    for file in ALL:
        folders[file.parent] += 1
    assert not {str(folder): files for folder, files in folders.items() if files > MOST_FILES}
    assert not {
        str(file): lines for file in PACKAGE if (lines := len(file.read_text("utf-8").splitlines())) > MOST_LINES
    }


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a function's body, without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0  # type: ignore[operator]


def test_half_of_all_functions_have_eight_lines_at_most():
    functions = [node for file in PACKAGE for node in nodes(file.read_text("utf-8"))]
    lines = sorted(body_lines(node) for node in functions if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    assert lines[len(lines) // 2] <= MEDIAN_BODY


def unsaid(source: str) -> list[str]:
    """The constants of a module that are numbers and neither documented below nor commented beside or above."""
    body, lines = ast.parse(source).body, source.splitlines()
    found = []
    for statement, after in zip(body, [*body[1:], None], strict=True):
        if not isinstance(statement, ast.Assign | ast.AnnAssign) or not is_number(statement.value):
            continue
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        documented = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
        commented = "#" in lines[statement.end_lineno - 1] or lines[statement.lineno - 2].startswith("#")  # type: ignore[operator]
        found += [ast.unparse(target) for target in targets if not documented and not commented]
    return [name for name in found if name.isupper() or "," in name]


def is_number(value: ast.expr | None) -> bool:
    """Whether it is made of numbers alone, but for their signs, products and powers."""
    parts = list(ast.walk(value)) if value else []
    numbers = [part for part in parts if isinstance(part, ast.Constant)]
    rest = (ast.Constant, ast.BinOp, ast.UnaryOp, ast.Tuple, ast.operator, ast.unaryop, ast.expr_context)
    sound = all(isinstance(number.value, int | float) and not isinstance(number.value, bool) for number in numbers)
    return bool(numbers) and sound and all(isinstance(part, rest) for part in parts)


def test_the_check_sees_a_number_of_which_nothing_is_said():
    lines = ["A = 2**3", "B = 4  # said", "C = 5", '"""Said."""', "# said", "D = 6", "E, F = 0, -1", "G: float = 1.5"]
    source = "\n".join([*lines, 'H = "x"', "i = 3", "J = True"])
    assert unsaid(source) == ["A", "(E, F)", "G"]


def test_what_a_number_is_is_said_beside_it():
    assert not {
        str(file.relative_to(CHECKOUT)): names for file in PACKAGE if (names := unsaid(file.read_text("utf-8")))
    }
