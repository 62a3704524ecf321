"""What an experiment finds, as tables: rows of JSON values, each table a file."""

from collections.abc import Callable
from typing import Any, TypeAlias

Row: TypeAlias = dict[str, Any]
Rows: TypeAlias = list[Row]

Tell: TypeAlias = Callable[[str], None]
"""Hears what is about to be done."""

FLOAT_BYTES = 4
"""A stored number is counted as a float of 32 bits."""
