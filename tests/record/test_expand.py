"""A run's transcript and W give its matrix back, in a file that appears whole or not at all."""

import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import tomli_w
from scipy.sparse import load_npz

from tests.record.lies import apply, edited
from tests.record.recorded_runs import figures, refusal
from wlra_dist.commands.main import main
from wlra_dist.errors import Exit, InputError, WlraDistError
from wlra_dist.record.expand import expand
from wlra_dist.record.files import matrix
from wlra_dist.record.read import read_run
from wlra_dist.record.replay import frames_of, listen

Recorded = Callable[[str], Path]


def expanded(run: Path) -> np.ndarray:
    read = read_run(run)
    return listen(read, frames_of(read)).solution.dense()


@pytest.mark.parametrize(("name", "dtype"), [("servers", np.int64), ("quickstart", np.float32)])
def test_the_matrix_is_the_solution_in_its_own_type(
    recorded: Recorded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, dtype: type
):
    """Also where it is written column by column."""
    monkeypatch.setattr("wlra_dist.weights.weighing.CHUNK_ENTRIES", 100)
    run, file = recorded(name) / "run", tmp_path / "A.npy"
    assert main(["expand", str(run), str(file)]) == Exit.OK
    found = np.load(file)
    assert found.dtype == dtype
    assert np.issubdtype(dtype, np.floating) or np.array_equal(found, expanded(run))
    np.testing.assert_array_equal(found, expanded(run).astype(dtype))
    assert [path.name for path in tmp_path.iterdir()] == ["A.npy"]


def test_an_integral_matrix_that_came_back_with_errors_keeps_its_fractions(tmp_path: Path):
    A = np.random.default_rng(0).integers(-9, 9, (30, 40))
    np.save(tmp_path / "A.npy", A)
    files = {"kind": "files", "A": str(tmp_path / "A.npy"), "k": 2, "integer": True, "bound": 9}
    tables = {"instance": files, "protocol": {"name": "one_round", "epsilon": 0.5}}
    (tmp_path / "errs.toml").write_text(tomli_w.dumps(tables))
    assert main(["run", str(tmp_path / "errs.toml"), "--out", str(tmp_path / "run")]) == Exit.OK
    expand(tmp_path / "run", tmp_path / "B.npy")
    found = np.load(tmp_path / "B.npy")
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, expanded(tmp_path / "run"))


def test_a_record_that_calls_numbers_integers_has_none_cut_off(recorded: Recorded, tmp_path: Path):
    run = Path(shutil.copytree(recorded("quickstart") / "run", tmp_path / "run"))
    forged = edited(figures(run), (("input", "integer"),))
    apply(run, figures(run), (("input", "integer"),), "forger")
    assert forged["input"]["integer"]
    expand(run, tmp_path / "A.npy")
    np.testing.assert_array_equal(np.load(tmp_path / "A.npy"), expanded(run).astype(np.float32))


def test_safetensors_hold_the_same(recorded: Recorded, tmp_path: Path):
    load_file = pytest.importorskip("safetensors.numpy").load_file
    run = recorded("quickstart") / "run"
    expand(run, tmp_path / "A.safetensors")
    (found,) = load_file(tmp_path / "A.safetensors").values()
    np.testing.assert_array_equal(found, expanded(run).astype(np.float32))


@pytest.mark.parametrize("name", ["lower_bound", "servers", "raw", "quickstart"])
def test_a_sparse_file_holds_the_same(recorded: Recorded, tmp_path: Path, name: str):
    run = recorded(name) / "run"
    expand(run, tmp_path / "A.npz")
    found = load_npz(tmp_path / "A.npz")
    assert found.nnz == np.count_nonzero(expanded(run))
    np.testing.assert_array_equal(found.toarray(), expanded(run).astype(found.dtype))


def test_a_matrix_beyond_the_disk_is_refused_before_it_is_written(
    recorded: Recorded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(matrix, "disk_usage", lambda _: SimpleNamespace(free=1000))
    monkeypatch.setattr("wlra_dist.record.files.sparse.LARGEST", 10)
    run = recorded("servers") / "run"
    for ending, words in ((".npy", "found 1,000: write .npz, which holds"), (".npz", "more: write .npy")):
        with pytest.raises(InputError, match=words):
            expand(run, tmp_path / f"A{ending}")
    assert not list(tmp_path.iterdir())


def test_names_that_cannot_be_written_are_refused(recorded: Recorded, tmp_path: Path):
    run = recorded("servers") / "run"
    (tmp_path / "D.npy").mkdir()
    for file in (tmp_path / "A.txt", tmp_path / "nowhere" / "A.npy", tmp_path / "D.npy"):
        error = refusal(lambda file=file: expand(run, file))
        assert isinstance(error, InputError)
        assert str(file) in str(error)


def test_a_disk_that_fills_leaves_the_file_as_it_was(
    recorded: Recorded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    file = tmp_path / "A.npy"
    file.write_bytes(b"before")
    monkeypatch.setattr(matrix, "_fill", full)
    error = refusal(lambda: expand(recorded("servers") / "run", file))
    assert isinstance(error, WlraDistError)
    assert "No space left" in str(error)
    assert file.read_bytes() == b"before"
    assert [path.name for path in tmp_path.iterdir()] == ["A.npy"]
