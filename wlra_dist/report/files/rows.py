"""A table as files: CSV for everybody, and Parquet where pyarrow is installed."""

import csv
import json
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

Rows = Sequence[Mapping[str, Any]]
"""Rows with the same keys; values are JSON's, None for what a row does not have."""


def write_csv(rows: Rows, path: Path) -> None:
    """A line a row under a line of keys; lists, tables and truth values as JSON."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows({key: _cell(value) for key, value in row.items()} for row in rows)


def write_parquet(rows: Rows, path: Path) -> bool:
    """The same table with types, if pyarrow is installed; whether it is."""
    if find_spec("pyarrow") is None:
        return False
    import pyarrow as pa  # pyright: ignore[reportMissingImports]
    from pyarrow import parquet  # pyright: ignore[reportMissingImports]

    parquet.write_table(pa.table({key: _typed([row[key] for row in rows]) for key in rows[0]}), path)
    return True


def _cell(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, bool | list | dict) else value


def _typed(values: list[Any]) -> list[Any]:
    """A column of one type: all numbers, all truth values, or all text."""
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {int, float} or (len(kinds) == 1 and not kinds & {list, dict}):
        return [float(value) if isinstance(value, int) and float in kinds else value for value in values]
    return [value if value is None or isinstance(value, str) else json.dumps(value) for value in values]
