"""Tables as files: CSV says all that JSON says; Parquet says it with types, where pyarrow is installed."""

import csv
import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from wlra_dist.report.files import rows
from wlra_dist.report.files.rows import write_csv, write_parquet

ROWS: list[dict[str, Any]] = [
    {"name": 'ε, "x"\n', "bits": 7, "loss": 0.1 + 0.2, "holds": True, "N": None, "swept": 4, "epsilon": 1},
    {"name": "y", "bits": 2**62, "loss": 0.0, "holds": False, "N": 12, "swept": "auto", "epsilon": 0.5},
    {"name": "z", "bits": 0, "loss": 1e-300, "holds": True, "N": None, "swept": {"name": "norm"}, "epsilon": 2},
]


def test_csv_brings_back_every_figure(tmp_path: Path):
    write_csv(ROWS, tmp_path / "table.csv")
    with (tmp_path / "table.csv").open(newline="", encoding="utf-8") as file:
        read = list(csv.DictReader(file))
    for row, text in zip(ROWS, read, strict=True):
        for key in ("bits", "loss", "holds", "epsilon"):
            assert json.loads(text[key]) == row[key]
        assert text["name"] == row["name"]
        assert text["N"] == ("" if row["N"] is None else str(row["N"]))
    assert [text["swept"] for text in read] == ["4", "auto", '{"name": "norm"}']


def test_without_pyarrow_there_is_no_parquet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rows, "find_spec", lambda _: None)
    assert not write_parquet(ROWS, tmp_path / "table.parquet")
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(importlib.util.find_spec("pyarrow") is None, reason="pyarrow is not installed")
def test_parquet_has_types(tmp_path: Path):
    from pyarrow import parquet  # pyright: ignore[reportMissingImports]

    assert write_parquet(ROWS, tmp_path / "table.parquet")
    table = parquet.read_table(tmp_path / "table.parquet")
    assert table.column("bits").to_pylist() == [row["bits"] for row in ROWS]
    assert table.column("loss").to_pylist() == [row["loss"] for row in ROWS]
    assert table.column("holds").to_pylist() == [True, False, True]
    assert table.column("N").to_pylist() == [None, 12, None]
    assert table.column("epsilon").to_pylist() == [1.0, 0.5, 2.0]
    assert table.column("swept").to_pylist() == ["4", "auto", '{"name": "norm"}']
