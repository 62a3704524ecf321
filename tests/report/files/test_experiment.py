"""An experiment's directory: tables that have rows, the pictures of its kind, and all that was public."""

import csv
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from wlra_dist.report.files import experiment
from wlra_dist.studies.experiments.compression import CompressionResult
from wlra_dist.studies.experiments.rank_sweep import RankSweepResult

ASKED: Any = SimpleNamespace(name="mine", options=None, facts=lambda: {"k": 2})

COMPRESSED = CompressionResult({"n": 3}, [{"method": "svd_w", "rank": 1, "bytes": 20, "accuracy": 0.5}])
SWEPT = RankSweepResult({"n": 3}, np.ones((1, 1)), [], [{"method": "svd_w", "rank": 1}], [])


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which pictures were asked for."""
    asked: list[str] = []
    monkeypatch.setattr(experiment.compression, "draw", lambda *_: asked.append("compression"))
    monkeypatch.setattr(
        experiment.rank_sweep, "pictures", lambda *_: [("losses.png", lambda _: asked.append("losses"))]
    )
    return asked


def test_a_compression_has_its_table_its_picture_and_its_record(tmp_path: Path, drawn: list[str]):
    experiment.write_experiment(ASKED, COMPRESSED, tmp_path / "kept")
    assert drawn == ["compression"]
    with (tmp_path / "kept" / "accuracies.csv").open(newline="", encoding="utf-8") as file:
        assert [row["bytes"] for row in csv.DictReader(file)] == ["20"]
    record = json.loads((tmp_path / "kept" / experiment.RECORD).read_text())
    assert (record["scenario"], record["public"], record["facts"]) == ("mine", {"k": 2}, {"n": 3})
    assert record["accuracies"] == COMPRESSED.accuracies


def test_a_sweep_of_ranks_has_its_own_pictures_and_no_table_without_rows(tmp_path: Path, drawn: list[str]):
    experiment.write_experiment(ASKED, SWEPT, tmp_path / "kept")
    assert drawn == ["losses"]
    assert {path.name for path in (tmp_path / "kept").iterdir()} >= {"losses.csv", experiment.RECORD}
    assert not (tmp_path / "kept" / "refinement.csv").exists()
    experiment.check_place(ASKED, tmp_path / "kept")  # it may be replaced
