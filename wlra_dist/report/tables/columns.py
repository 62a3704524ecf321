"""Tables that grow on the screen a line at a time: columns of fixed width, known before the first figure is."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class Column(NamedTuple):
    """A figure of a table.

    Attributes:
        key: its name in the file.
        title: what stands over it on the screen; where it is empty, the file alone has the figure.
        style: its format there.
        width: characters there.
        optional: whether it is left out on the screen until a row has the figure.
    """

    key: str
    title: str = ""
    style: str = ""
    width: int = 0
    optional: bool = False


def on_screen(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> tuple[Column, ...]:
    """The columns on the screen once these rows are known."""

    def shown(column: Column) -> bool:
        return not column.optional or any(row[column.key] is not None for row in rows)

    return tuple(column for column in columns if column.title and shown(column))


def titles(columns: Sequence[Column]) -> str:
    """The line over the table."""
    return "".join(f"{column.title:>{column.width}}" for column in columns)


def cells(columns: Sequence[Column], row: Mapping[str, Any]) -> str:
    """A line of the table; a dash for what the row does not have."""
    return "".join(f"{shown(row[column.key], column.style):>{column.width}}" for column in columns)


def shown(value: Any, style: str) -> str:
    """A figure as text."""
    match value:
        case None:
            return "–"
        case bool():
            return "yes" if value else "no"
    return format(value, style)
