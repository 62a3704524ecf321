"""How tables are laid out: columns of fixed width, known before the first figure is; or a figure a line, in words.

Where the screen is too narrow for all, those of the least use are left to the file.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

Row: TypeAlias = tuple[str, str, str]
"""name, figure, explanation: a line of a table that tells of one game, or of one claim."""


def in_a_line(row: Row) -> str:
    """The name, the figure below the others' and what it is."""
    name, figure, words = row
    return f"  {name:<16} {figure:>13}  {words}".rstrip()


class Column(NamedTuple):
    """A figure of a table.

    Attributes:
        key: its name in the file.
        title: what stands over it on the screen; where it is empty, the file alone has the figure.
        style: its format there.
        width: characters there.
        optional: whether it is left out on the screen until a row has the figure.
        spare: 0 if it is always on the screen; else the larger, the sooner a narrow screen does without it.
    """

    key: str
    title: str = ""
    style: str = ""
    width: int = 0
    optional: bool = False
    spare: int = 0


def on_screen(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]], room: int) -> tuple[Column, ...]:
    """The columns on the screen once these rows are known, in `room` characters."""

    def has_values(column: Column) -> bool:
        return not column.optional or any(row[column.key] is not None for row in rows)

    wanted = [column for column in columns if column.title and has_values(column)]
    for spare in sorted((column for column in wanted if column.spare), key=lambda column: -column.spare):
        if sum(column.width for column in wanted) > room:
            wanted.remove(spare)
    return tuple(wanted)


def titles(columns: Sequence[Column]) -> str:
    """The line over the table."""
    return "".join(f"{column.title:>{column.width}}" for column in columns)


def cells(columns: Sequence[Column], row: Mapping[str, Any]) -> str:
    """A line of the table; a dash for what the row does not have. What is too wide pushes the line to the right."""
    return "".join(f" {in_words(row[column.key], column.style):>{column.width - 1}}" for column in columns)


def grid(
    rows: Iterable[tuple[str, Mapping[str, Any]]], columns: Sequence[Column], room: int, head: str = ""
) -> Iterator[str]:
    """A whole table: what stands over it, then a line for each (name, row), whose names have `room` characters."""
    yield f"  {head:{room}}{titles(columns)}"
    for name, row in rows:
        yield f"  {name:{room}}{cells(columns, row)}"


def in_words(value: Any, style: str) -> str:
    """A figure as text."""
    match value:
        case None:
            return "–"
        case bool():
            return "yes" if value else "no"
    return format(value, style)
