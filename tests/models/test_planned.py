"""What `wlra-dist plan MODEL --bytes N` says is near what compressing comes to."""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.models.made import low_rank, saved
from wlra_dist.commands.main import main
from wlra_dist.errors import Exit

NEAR = 0.15


def test_a_plan_is_near_what_comes_of_it(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    tensors = {f"layer {i}": low_rank(96, 64, 4 + 4 * i, seed=i, noise=0.2) for i in range(3)}
    model = saved(tensors | {"bias": np.ones(64, np.float32)}, tmp_path / "model.safetensors")
    assert main(["plan", str(model), "--bytes", "6000", "--json"]) == Exit.OK
    planned = json.loads(capfd.readouterr().out)
    small = tmp_path / "small.wlra"
    assert main(["compress", str(model), "--bytes", "6000", "-o", str(small), "--json"]) == Exit.OK
    done = {row["name"]: row for row in json.loads(capfd.readouterr().out)["tensors"]}
    assert planned["bytes"] == pytest.approx(6000, rel=NEAR)
    for row in planned["tensors"]:
        if row["name"] in tensors:
            assert row["bytes"] == pytest.approx(done[row["name"]]["bytes"], rel=NEAR)
            assert row["loss"] == pytest.approx(done[row["name"]]["loss"], rel=2 * NEAR)
    assert main(["plan", str(model), "--bytes", "6000"]) == Exit.OK
    assert "4 tensors → about" in capfd.readouterr().out
