"""A matrix in several files is the matrix that they make side by side."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from scipy import sparse

import wlra_dist as wd
from wlra_dist.instances.files.formats import open_matrix
from wlra_dist.linalg.matrix import dense

WIDTHS = (3, 1, 5)


@pytest.fixture
def A() -> np.ndarray:
    return np.random.default_rng(0).integers(-9, 9, (6, sum(WIDTHS))).astype(float)


def written(place: Path, A: np.ndarray, numbers: tuple[int, ...] = (1, 2, 10), *, as_sparse: bool = False) -> str:
    for number, part in zip(numbers, np.split(A, np.cumsum(WIDTHS)[:-1], axis=1), strict=True):
        if as_sparse:
            sparse.save_npz(place / f"A-{number}.npz", sparse.csr_array(part))
        else:
            np.save(place / f"A-{number}.npy", part.astype("f4" if number == 2 else "f8"))
    return str(place / ("A-*.npz" if as_sparse else "A-?*.npy"))


@pytest.mark.parametrize("as_sparse", [False, True])
@pytest.mark.parametrize("chosen", [[], [0], [2, 3, 4], [8, 0, 3, 3, 1], list(range(9))])
def test_columns_are_those_of_the_whole(tmp_path: Path, A: np.ndarray, chosen: list[int], as_sparse: bool):
    stored = open_matrix(written(tmp_path, A, as_sparse=as_sparse))
    assert stored.shape == A.shape
    assert stored.sparse == as_sparse
    np.testing.assert_array_equal(dense(stored.columns(np.array(chosen, int))), A[:, chosen])
    if not as_sparse:
        assert [float(stored.own(4, j)) for j in chosen] == A[4, chosen].tolist()


def test_a_game_on_shards_is_the_game_on_the_whole(tmp_path: Path, A: np.ndarray):
    np.save(tmp_path / "whole.npy", A)
    digests = {
        wd.play({
            "instance": {"kind": "files", "A": A_, "k": 1},
            "game": {"servers": 3},
            "protocol": {"name": "raw"},
        }).account.digest
        for A_ in (str(tmp_path / "whole.npy"), written(tmp_path, A))
    }  # fmt: skip
    assert len(digests) == 1


def test_a_bracket_in_a_name_is_a_bracket(tmp_path: Path, A: np.ndarray):
    np.save(tmp_path / "A[1].npy", A)
    assert open_matrix(str(tmp_path / "A[1].npy")).shape == A.shape


def test_shards_that_make_no_matrix_are_refused(tmp_path: Path, A: np.ndarray):
    with pytest.raises(wd.InputError, match="no file has such a name"):
        open_matrix(str(tmp_path / "A-*.npy"))
    pattern = written(tmp_path, A)
    np.save(tmp_path / "A-3.npy", A[:5])
    with pytest.raises(wd.InputError, match=r"side by side, found 6 rows in .*A-1.npy and 5 in .*A-3.npy"):
        open_matrix(pattern)


def test_a_tensor_is_found_by_the_index_of_its_model(tmp_path: Path, A: np.ndarray):
    index = tmp_path / "model.safetensors.index.json"
    for number, name in enumerate(("up", "down")):
        save_file({name: A * (number + 1)}, tmp_path / f"{number}.safetensors")
    index.write_text(json.dumps({"weight_map": {"up": "0.safetensors", "down": "1.safetensors", "far": "../x"}}))
    np.testing.assert_array_equal(open_matrix(str(index), "down").columns(np.arange(9)), 2 * A)
    for name, words in {"none": "no array 'none'", "far": "expected a file beside it"}.items():
        with pytest.raises(wd.InputError, match=words):
            open_matrix(str(index), name)
