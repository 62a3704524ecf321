"""README and docs/: their code runs, their commands print what stands there, their links lead somewhere."""

import re
import shlex
from itertools import chain
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from sybil import Document, Example, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser, SkipParser

import wlra_dist as wd
from benchmarks.house import floors
from wlra_dist.commands.main import COMMANDS, main

CHECKOUT = Path(__file__).parents[1]

PAGES = [CHECKOUT / "README.md", *sorted((CHECKOUT / "docs").glob("*.md"))]

RUN_ELSEWHERE = {"extending", "compress"}
"""Pages whose blocks need files of one's own: plugins, which tests/test_extending.py plays, and models."""

ALIKE = 0.01
"""Of its size a printed number may be off: other machines round otherwise."""


def played(example: Example) -> None:
    """A console block: the command after `$` prints the lines below it; `…` stands for any number of lines."""
    command, *lines = example.parsed.strip().splitlines()
    capfd: pytest.CaptureFixture[str] = example.namespace["capfd"]
    capfd.readouterr()
    main(shlex.split(command)[2:])
    missing = first_missing(lines, capfd.readouterr().out.splitlines())
    assert missing is None, f"{command} does not print: {missing}"


def first_missing(lines: list[str], printed: list[str]) -> str | None:
    """The first of the lines that was not printed in its place, if there is one."""
    anywhere = False
    for line in lines:
        if line == "…":
            anywhere = True
            continue
        if not line.strip():
            continue
        place = next((i for i, other in enumerate(printed) if same(line, other)), None)
        rest = [other for other in printed[:place] if other.strip()]
        if place is None or (rest and not anywhere):
            return line
        printed, anywhere = printed[place + 1 :], False
    return None


def same(one: str, other: str) -> bool:
    words = one.split(), other.split()
    return len(words[0]) == len(words[1]) and all(map(same_word, *words))


def same_word(one: str, other: str) -> bool:
    try:
        mine, theirs = (float(word.rstrip(";%×").replace(",", "")) for word in (one, other))
    except ValueError:
        return one == other
    return abs(mine - theirs) <= ALIKE * abs(mine)


def parsed(page: Path) -> Document:
    parsers = [SkipParser(), PythonCodeBlockParser(), CodeBlockParser("console", played)]
    return Sybil(parsers=parsers, path=str(CHECKOUT)).parse(page)


@pytest.mark.parametrize("page", [page for page in PAGES if page.stem not in RUN_ELSEWHERE], ids=lambda page: page.stem)
def test_every_code_block_runs_and_every_command_prints_what_stands_there(
    page: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    document = parsed(page)
    A = np.random.default_rng(0).standard_normal((40, 30))
    document.namespace |= {"capfd": capfd, "wd": wd, "A": A, "W": np.ones_like(A), "__name__": page.stem}
    for example in document.examples():
        example.evaluate()


def test_a_line_that_is_not_printed_is_noticed():
    printed = ["  bits  1,000  words", "", "  loss  2  words"]
    assert first_missing(["  bits  1,001  words", "  loss  2  words"], printed) is None
    assert first_missing(["…", "  loss  2  words"], printed) is None
    assert first_missing(["  loss  2  words"], printed) == "  loss  2  words"
    assert first_missing(["  bits  1,100  words"], printed) == "  bits  1,100  words"
    assert first_missing(["…", "  loss  2  words", "  bits  1,000  words"], printed) == "  bits  1,000  words"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_link_leads_somewhere(page: Path):
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


def test_the_page_of_the_house_has_the_rooms_of_the_import_contract_in_their_order():
    page = (CHECKOUT / "docs" / "architecture.md").read_text(encoding="utf-8")
    cells = re.findall(r"^\| (`[^|]*/`) \|", page.partition("\n## ")[0], re.MULTILINE)
    assert [room for cell in cells for room in re.findall(r"`(\w+)/`", cell)] == list(chain.from_iterable(floors()))


def test_the_readme_is_short_and_names_every_command():
    text = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) < 150
    quoted = set(chain.from_iterable(words.split() for words in re.findall(r"`([^`\n]+)`", text)))
    assert [command for command in COMMANDS if command not in quoted] == []


def test_the_version_and_its_day_are_the_same_wherever_they_stand():
    changes, citation = ((CHECKOUT / name).read_text(encoding="utf-8") for name in ("CHANGELOG.md", "CITATION.cff"))
    newest = re.search(r"^## (\d\S*) \((\S+)\)$", changes, re.MULTILINE)
    cited = re.search(r"^version: (\S+)\ndate-released: (\S+)$", citation, re.MULTILINE)
    assert newest is not None
    assert cited is not None
    assert newest.groups() == cited.groups()
    assert newest[1] == wd.__version__


def test_the_reference_has_the_whole_face():
    page = (CHECKOUT / "docs" / "api.md").read_text(encoding="utf-8")
    described = set(re.findall(r"^\.\. auto\w+:: (\S+)$", page, re.MULTILINE))
    face = {name: getattr(wd, name) for name in wd.__all__ if name != "__version__"}
    homes = {value.__name__ if isinstance(value, ModuleType) else f"wlra_dist.{name}" for name, value in face.items()}
    assert described == homes
