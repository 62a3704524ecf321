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
    """

    key: str
    title: str = ""
    style: str = ""
    width: int = 0


def titles(columns: Sequence[Column]) -> str:
    """The line over the table."""
    return "".join(f"{column.title:>{column.width}}" for column in columns if column.title)


def cells(columns: Sequence[Column], row: Mapping[str, Any]) -> str:
    """A line of the table; a dash for what the row does not have."""
    return "".join(f"{shown(row[column.key], column.style):>{column.width}}" for column in columns if column.title)


def shown(value: Any, style: str) -> str:
    """A figure as text."""
    match value:
        case None:
            return "–"
        case bool():
            return "yes" if value else "no"
    return format(value, style)
