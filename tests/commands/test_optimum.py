"""`wlra-dist optimum` says what `wd.optimum` finds, keeps it and checks it again."""

import json
from pathlib import Path

import numpy as np
import pytest

from wlra_dist.commands.main import main


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    rng = np.random.default_rng(0)
    A = rng.standard_normal((30, 2)) @ rng.standard_normal((2, 20)) + 0.1 * rng.standard_normal((30, 20))
    np.save(tmp_path / "A.npy", A)
    np.save(tmp_path / "W.npy", rng.uniform(0.5, 1, A.shape))
    return [str(tmp_path / "A.npy"), str(tmp_path / "W.npy")]


def test_an_interval_is_said_kept_drawn_and_checked(
    files: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    kept, picture = str(tmp_path / "certificate.npz"), tmp_path / "closing.png"
    assert main(["optimum", *files, "-k", "2", "--json", "--keep", kept, "--picture", str(picture)]) == 0
    facts = json.loads(capfd.readouterr().out)
    assert facts.keys() == {"k", "lower", "upper", "gap", "how", "seconds"}
    assert 0 < facts["lower"] <= facts["upper"]
    assert facts["gap"] <= 1e-6
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert main(["optimum", *files, "--check", kept, "--json"]) == 0
    checked = json.loads(capfd.readouterr().out)
    assert checked["k"] == 2
    assert checked["lower"] == pytest.approx(facts["lower"], rel=1e-6)
    assert main(["optimum", *files, "-k", "2"]) == 0
    assert "optimal to 1e-06, certified" in capfd.readouterr().out


def test_arrays_of_one_file_are_named(files: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    both = str(tmp_path / "both.npz")
    np.savez(both, A=np.load(files[0]), W=np.load(files[1]))
    bounds = []
    for arguments in (files, [both, both, "--A-name", "A", "--W-name", "W"]):
        assert main(["optimum", *arguments, "-k", "2", "--json"]) == 0
        bounds.append(json.loads(capfd.readouterr().out)["lower"])
    assert bounds[0] == bounds[1]


@pytest.mark.parametrize("arguments", [[], ["-k", "0"], ["-k", "2", "--gap", "1"], ["--check", "nowhere.npz"]])
def test_what_cannot_be_done_is_said(files: list[str], arguments: list[str]):
    assert main(["optimum", *files, *arguments]) == 2
