"""What a page is made of, and the three ways in which it is written: HTML in one file, Markdown, LaTeX.

The HTML file asks no network for anything and forbids itself to; all that comes from files is escaped by jinja2.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from wlra_dist.report.pages.drawing import Inset
from wlra_dist.report.tables.columns import in_words

MOST_ROWS = 1000
"""Of a table on a page; the files have all."""


class PageTable(NamedTuple):
    """A table: its columns' names, and rows of JSON values; `style` formats the floats among them."""

    heads: Sequence[str]
    rows: Sequence[Sequence[Any]]
    style: str = ",.5g"

    @property
    def left_out(self) -> int:
        """Rows that the page does not have."""
        return max(0, len(self.rows) - MOST_ROWS)

    @property
    def cells(self) -> list[list[tuple[str, Any]]]:
        """Each value in words, and what it is sorted by."""
        return [[(self.words(value), value) for value in row] for row in self.rows[:MOST_ROWS]]

    @property
    def numeric(self) -> list[bool]:
        """Whether a column is of numbers, which end alike."""
        return [all(row[i] is None or _is_number(row[i]) for row in self.rows) for i in range(len(self.heads))]

    def words(self, value: Any) -> str:
        """A value as text."""
        return in_words(value, (",d" if isinstance(value, int) else self.style) if _is_number(value) else "")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


class Section(NamedTuple):
    """A part of a page under a title; a text to copy is set as it stands."""

    title: str
    words: str = ""
    drawings: Sequence[Inset] = ()
    grids: Sequence[PageTable] = ()
    text: str = ""


class Page(NamedTuple):
    """All that is to be seen of one thing."""

    title: str
    first_line: str
    sections: Sequence[Section]


def as_html(page: Page) -> str:
    """The page as one file."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    templates = FileSystemLoader(Path(__file__).parent)
    environment = Environment(loader=templates, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters["wordlength"] = lambda text: max(map(len, text.split()), default=0)
    return environment.get_template("page.html").render(page=page)


def as_markdown(page: Page) -> str:
    """The page's tables, each under its section's title."""
    return _tables(page, lambda title: f"## {_plain(title)}", _markdown, _plain)


def as_latex(page: Page) -> str:
    """The page's tables as `booktabs` sets them, to be pasted into a paper."""
    return _tables(page, lambda title: rf"\paragraph{{{_latex(title)}}}", _latex_grid, _latex)


FORMATS: Mapping[str, Callable[[Page], str]] = {"html": as_html, "markdown": as_markdown, "latex": as_latex}
"""The ways in which a page is written as text."""


Written = Callable[[str], str]


def _tables(page: Page, head: Written, grid: Callable[[PageTable], str], line: Written) -> str:
    parts = [line(page.first_line)]
    for section in page.sections:
        if section.grids:
            parts += [head(section.title), *map(grid, section.grids)]
    return "\n\n".join(parts) + "\n"


def _markdown(grid: PageTable) -> str:
    rows = [[_plain(grid.words(value)) for value in row] for row in grid.rows]
    heads = [_plain(head) for head in grid.heads]
    return "\n".join(f"| {' | '.join(row)} |" for row in (heads, ["---"] * len(heads), *rows))


def _plain(text: str) -> str:
    """In a Markdown cell, where a bar would begin the next one."""
    return "".join(f"\\{letter}" if letter in r"\|`*_<>[]" else letter for letter in text).replace("\n", " ")


def _latex_grid(grid: PageTable) -> str:
    rows = [" & ".join(_latex(grid.words(value)) for value in row) + r" \\" for row in grid.rows]
    sides = "".join("r" if is_number else "l" for is_number in grid.numeric)
    heads = " & ".join(map(_latex, grid.heads)) + r" \\"
    begin = [rf"\begin{{tabular}}{{{sides}}}", r"\toprule", heads, r"\midrule"]
    return "\n".join([*begin, *rows, r"\bottomrule", r"\end{tabular}"])


_LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "∘": r"$\circ$", "‖": r"$\|$", "ε": r"$\varepsilon$",
    "×": r"$\times$", "≤": r"$\le$", "→": r"$\to$", "²": r"$^2$", "−": r"$-$", "Ã": r"$\tilde A$", "–": "--",
}  # fmt: skip


def _latex(text: str) -> str:
    return "".join(_LATEX.get(letter, letter) for letter in text).replace("\n", " ")
