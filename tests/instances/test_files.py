"""Matrices from files: every format gives back what was written, and nothing false gets through."""

import errno
import io
import json
import os
import re
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.io import mmread, mmwrite
from scipy.sparse import coo_array

from wlra_dist.errors import InputError
from wlra_dist.instances import Files, Instance, alone
from wlra_dist.instances.files.claims import readable
from wlra_dist.instances.files.formats import open_matrix
from wlra_dist.instances.from_files import FileWeights
from wlra_dist.weights import SparseWeights

safetensors_numpy = pytest.importorskip("safetensors.numpy", reason="safetensors is not installed")

A = np.random.default_rng(5).integers(-40, 40, (23, 11))
"""Integers that every dtype of the tests holds exactly, up to their sign."""

FEW = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=20)


def write_npy(path: Path, array: np.ndarray) -> None:
    np.save(path, array)


def write_npz(path: Path, array: np.ndarray) -> None:
    np.savez(path, array)


def write_compressed(path: Path, array: np.ndarray) -> None:
    np.savez_compressed(path, array)


def write_safetensors(path: Path, array: np.ndarray) -> None:
    safetensors_numpy.save_file({"A": np.ascontiguousarray(array)}, path)


def write_text(path: Path, array: np.ndarray) -> None:
    mmwrite(path, array, symmetry="general")


def write_coordinates(path: Path, array: np.ndarray) -> None:
    mmwrite(path, coo_array(array), symmetry="general")


WRITERS: dict[str, tuple[str, Callable[[Path, np.ndarray], None]]] = {
    "npy": ("A.npy", write_npy),
    "npz": ("A.npz", write_npz),
    "npz_compressed": ("A.npz", write_compressed),
    "safetensors": ("A.safetensors", write_safetensors),
    "mtx_array": ("A.mtx", write_text),
    "mtx_coordinate": ("A.mtx", write_coordinates),
}
BINARY = ["npy", "npz", "npz_compressed", "safetensors"]


@pytest.fixture(params=WRITERS)
def written(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[np.ndarray], str]:
    """Writes a matrix in one of the formats, and gives its path."""
    name, write = WRITERS[request.param]

    def written(array: np.ndarray) -> str:
        write(tmp_path / name, array)
        return str(tmp_path / name)

    return written


def dense(block: Any) -> np.ndarray:
    return block if isinstance(block, np.ndarray) else block.toarray()


def opened(**keys: Any) -> Instance:
    options: dict[str, Any] = {"k": 2, **keys}
    return Files(**options).open(alone)


@FEW
@given(data=st.data())
def test_any_columns_come_back(written: Callable[[np.ndarray], str], data: st.DataObject) -> None:
    chosen = np.array(data.draw(st.lists(st.integers(0, 10), max_size=15)), dtype=np.int64)
    block = open_matrix(written(A)).columns(chosen)
    assert not isinstance(block, np.ndarray) or block.flags.c_contiguous
    assert np.array_equal(dense(block), A[:, chosen])
    rows = open_matrix(written(A)).rows(slice(9, 20), chosen)
    assert rows is None or np.array_equal(rows, A[9:20, chosen])


@pytest.mark.parametrize("binary", BINARY)
@pytest.mark.parametrize("order", "CF")
@pytest.mark.parametrize("dtype", ["f8", "f4", "f2", "i8", "i2", "i1", "u1", "?"])
def test_every_dtype_and_order(tmp_path: Path, binary: str, order: Any, dtype: str) -> None:
    array = np.asarray(np.abs(A), dtype=dtype, order=order)
    name, write = WRITERS[binary]
    write(tmp_path / name, array)
    block = dense(opened(A=str(tmp_path / name)).block(slice(2, 9)))
    assert np.array_equal(block, array[:, 2:9])
    assert block.dtype == (np.float32 if dtype in ("f4", "f2") else np.float64)


def test_numbers_of_another_byte_order(tmp_path: Path) -> None:
    np.save(tmp_path / "A.npy", A.astype(">f8"))
    assert np.array_equal(dense(opened(A=str(tmp_path / "A.npy")).block(slice(0, 11))), A)


def test_files_longer_than_a_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wlra_dist.instances.files.stored.READ_AT_ONCE", 300)
    monkeypatch.setattr("wlra_dist.instances.files.entries.CHECKED_AT_ONCE", 20)
    np.save(tmp_path / "A.npy", A)
    assert np.array_equal(dense(opened(A=str(tmp_path / "A.npy")).block(slice(3, 7))), A[:, 3:7])


def test_bfloat16_is_the_upper_half_of_float32(tmp_path: Path) -> None:
    values = A.astype(np.float32)
    upper = (values.view(np.uint32) >> 16).astype(np.uint16)
    header = json.dumps({"A": {"dtype": "BF16", "shape": A.shape, "data_offsets": [0, upper.nbytes]}}).encode()
    path = tmp_path / "A.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header + upper.tobytes())
    assert np.array_equal(dense(opened(A=str(path)).block(slice(0, 11))), values)


def test_what_the_system_refuses_is_not_called_damaged(tmp_path: Path) -> None:
    file = tmp_path / "A.npy"
    expected = f"^{re.escape(str(file))} cannot be read: permission denied; see to permissions and disk$"
    with pytest.raises(InputError, match=expected), readable(file):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(file))


def test_one_array_of_several_is_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "both.npz", A=A, W=np.abs(A))
    safetensors_numpy.save_file({"A": A, "W": np.abs(A)}, tmp_path / "both.safetensors")
    for path in (str(tmp_path / "both.npz"), str(tmp_path / "both.safetensors")):
        instance = opened(A=path, W=path, A_name="A", W_name="W", r=11)
        assert np.array_equal(dense(instance.block(slice(0, 3))), A[:, :3])
        assert np.array_equal(instance.weights.dense(np.array([4, 1])), np.abs(A)[:, [4, 1]])
        with pytest.raises(InputError, match="2 arrays: name one of A, W as A_name or W_name"):
            opened(A=path)
        with pytest.raises(InputError, match="no array 'B': name one of A, W"):
            opened(A=path, A_name="B")


def test_weights_are_read_as_they_are_asked_for(written: Callable[[np.ndarray], str]) -> None:
    path = written(np.abs(A))
    weights = opened(A=path, W=path, r=3).weights
    assert isinstance(weights, FileWeights | SparseWeights)
    assert (weights.shape, weights.rank, weights.claimed_rank) == ((23, 11), 11, 3)
    part = weights.block(slice(2, 10)).block(slice(1, 5))
    assert part.shape == (23, 4)
    assert np.array_equal(part.dense(slice(None)), np.abs(A)[:, 3:7])
    assert np.array_equal(part.dense(np.array([3, 0])), np.abs(A)[:, [6, 3]])
    for rows in (np.arange(5, 9), np.array([8, 5, 22])):
        assert np.array_equal(part.rows(rows).dense(slice(None)), np.abs(A)[rows, 3:7])


def test_without_weights_all_are_one(tmp_path: Path) -> None:
    np.save(tmp_path / "A.npy", A)
    weights = opened(A=str(tmp_path / "A.npy")).weights
    assert weights.rank == 1
    assert np.array_equal(weights.dense(slice(None)), np.ones(A.shape))


@pytest.mark.parametrize(
    ("value", "keys", "sentence"),
    [
        (np.nan, {}, "expected a finite number in row 4, column 7"),
        (-np.inf, {}, "found -inf"),
        (2.5, {"integer": True, "bound": 40}, "expected an integer in row 4, column 7"),
        (-41, {"integer": True, "bound": 40}, "absolute value of at most 40 in row 4, column 7"),
        (41, {"bound": 40}, "found 41"),
    ],
)
def test_unfit_entries_are_found_where_they_are(
    written: Callable[[np.ndarray], str], value: float, keys: dict[str, Any], sentence: str
) -> None:
    unfit = A.astype(float)
    unfit[4, 7] = value
    instance = opened(A=written(unfit), **keys)
    assert dense(instance.block(slice(0, 7))).shape == (23, 7)
    with pytest.raises(InputError, match=sentence):
        instance.block(slice(5, 11))


def test_negative_weights_are_refused(written: Callable[[np.ndarray], str]) -> None:
    W = np.abs(A)
    W[22, 10] = -1
    path = written(W)
    with pytest.raises(InputError, match="weight of at least 0 in row 22, column 10"):
        opened(A=path, W=path, r=1).weights.dense(np.array([0, 10]))  # sparse ones are read when they are opened


def test_integers_without_an_exact_double_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "A.npy", A + 2**53)
    with pytest.raises(InputError, match="absolute value of at most 9007199254740991"):
        opened(A=str(tmp_path / "A.npy")).block(slice(0, 1))


def damaged_npy(shape: tuple[int, ...], dtype: str = "<f8", content: bytes = b"") -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": dtype, "fortran_order": False, "shape": shape})
    return stream.getvalue() + content


def npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=True)
    return stream.getvalue()


BANNER = b"%%MatrixMarket matrix "

DAMAGED = [
    ("A.npy", npy(A)[:-1], "promises 2152 bytes, found 2151"),
    ("A.npy", npy(A) + b"!", "promises"),
    ("A.npy", damaged_npy((10**6, 10**6)), "promises"),
    ("A.npy", damaged_npy((10**8, 2)), "1 to 10000000 rows"),
    ("A.npy", damaged_npy((2, -3)), "rows and columns|no sense"),
    ("A.npy", b"\x93NUMPY\x02\x00\xff\xff\xff\xff{}", "cannot be read"),
    ("A.npy", b"\x93NUMPY\x01\x00\x05\x00(((((", "cannot be read"),
    ("A.npy", b"", "cannot be read"),
    ("A.npy", b"not numpy at all", "cannot be read"),
    ("A.npy", npy(np.array([[{}, 1], [2, 3]], dtype=object)), "pickled objects"),
    ("A.npy", npy(A.astype(complex)), "real numbers of at most 64 bits in .*A.npy, found complex128"),
    ("A.npy", npy(A.astype(str)), "real numbers"),
    ("A.npy", npy(A.astype("datetime64[s]")), "real numbers"),
    ("A.npy", npy(np.zeros(5)), "shape \\(5,\\)"),
    ("A.npy", npy(np.zeros((0, 5))), "shape \\(0, 5\\)"),
    ("A.npz", b"PK no archive", "cannot be read"),
    (
        "A.mtx",
        BANNER + b"coordinate real general\n9 9 1000000000000\n1 1 1\n",
        "claims 1000000000000 entries",
    ),
    ("A.mtx", BANNER + b"array real general\n1000000 1000000\n1\n", "claims 1000000000000 entries"),
    (
        "A.mtx",
        BANNER + b"coordinate complex general\n3 3 1\n1 1 1 1\n",
        "line 1: expected one of real, .*, found 'complex'",
    ),
    ("A.mtx", BANNER + b"array real symmetric\n3 4\n" + b"1\n" * 9, "line 2: expected a square matrix, .* symmetric"),
    ("A.mtx", BANNER + b"coordinate real general\n99999999 3 1\n1 1 1\n", "rows and columns"),
    ("A.mtx", b"nothing of the kind\n", "line 1: expected '%%MatrixMarket matrix"),
    ("A.safetensors", b"", "cannot be read"),
    ("A.safetensors", b"\xff" * 40, "cannot be read"),
    (
        "A.csv",
        b"1,2\n",
        "expected a name that ends in .npy, .npy.gz, .npz, .mtx, .mtx.gz, .safetensors, .*, found '.csv'",
    ),
]


@pytest.mark.parametrize(("name", "content", "sentence"), DAMAGED)
def test_what_a_header_claims_is_not_believed(tmp_path: Path, name: str, content: bytes, sentence: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=sentence):
        opened(A=str(tmp_path / name))


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"coordinate real general\n5 5 2\n1 1 1\n1 1 2\n", "line 4: expected each entry once, found '1 1 again'"),
        (b"coordinate real general\n5 5 1\n6 1 1\n", "line 3: expected an index from 1 to 5, found '6'"),
        (b"coordinate real general\n5 5 2\n1 1 1\n", "line 3: expected 2 entries, found an end after 1"),
        (b"coordinate real general\n5 5 1\n1.5 1 1\n", "line 3: expected an index from 1 to 5, found '1.5'"),
        (b"coordinate real general\n5 5 1\n1 1 \xff\xfe\n", "line 3: expected a number, found"),
        (b"coordinate real general\n5 5 1\n", "line 2: expected 1 entries, found an end after 0"),
        (b"array real general\n5 5\n" + b"1\n" * 24 + b"1-\n", "line 27: expected a number, found '1-'"),
        (b"coordinate real general\n5 5 1\n2 3 nan\n", "finite number in row 1, column 2"),
        (
            b"coordinate integer general\n5 5 1\n2 3 9007199254740993\n",
            "most 9007199254740991 .*, found 9007199254740993",
        ),
    ],
)
def test_damaged_text_is_found_when_it_is_read(tmp_path: Path, body: bytes, sentence: str) -> None:
    (tmp_path / "A.mtx").write_bytes(BANNER + body)
    instance = opened(A=str(tmp_path / "A.mtx"))
    with pytest.raises(InputError, match=sentence):
        instance.block(slice(0, 5))


@pytest.mark.parametrize("symmetry", ["general", "symmetric", "skew-symmetric"])
@pytest.mark.parametrize("field", ["real", "integer", "pattern"])
def test_text_is_read_as_scipy_reads_it(tmp_path: Path, symmetry: str, field: str) -> None:
    if (field, symmetry) == ("pattern", "skew-symmetric"):
        field = "real"  # a pattern has no sign
    lower = np.tril(A[:9, :9], -1) * (A[:9, :9] % 3 == 0)
    whole = {"general": A, "symmetric": lower + lower.T, "skew-symmetric": lower - lower.T}[symmetry]
    mmwrite(tmp_path / "A.mtx", coo_array(whole), comment="a comment", field=field, symmetry=symmetry)
    read = opened(A=str(tmp_path / "A.mtx")).block(slice(None))
    assert np.array_equal(dense(read), coo_array(mmread(tmp_path / "A.mtx")).toarray())


def test_an_empty_list_of_coordinates_is_a_matrix_of_zeros(tmp_path: Path) -> None:
    (tmp_path / "A.mtx").write_bytes(BANNER + b"coordinate real general\n5 6 0\n")
    assert np.array_equal(dense(opened(A=str(tmp_path / "A.mtx")).block(slice(0, 6))), np.zeros((5, 6)))


@FEW
@given(data=st.data())
def test_damaged_files_end_in_a_matrix_or_a_sentence(tmp_path: Path, data: st.DataObject) -> None:
    """Bytes are changed and cut off anywhere; nothing but InputError may come of it."""
    name, write = WRITERS[data.draw(st.sampled_from(list(WRITERS)))]
    write(tmp_path / name, A)
    content = bytearray((tmp_path / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / name).write_bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        block = opened(A=str(tmp_path / name)).block(slice(0, 5))
    except InputError:
        return
    assert np.isfinite(dense(block)).all()


def test_a_compressed_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wlra_dist.instances.files.sparse_npz.LARGEST_PACKED", 10_000)
    np.savez_compressed(tmp_path / "A.npz", A=np.zeros((100, 100)))
    with pytest.raises(InputError, match="unpacks to 80128 bytes, expected at most 10000"):
        opened(A=str(tmp_path / "A.npz"))
    monkeypatch.setattr("wlra_dist.instances.files.sparse_npz.LARGEST_PACKED", 80_128)
    assert opened(A=str(tmp_path / "A.npz")).shape == (100, 100)


def test_an_archive_member_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "A.npz", "w") as archive:
        archive.writestr("A.npy", damaged_npy((100, 100), content=b"\0" * 10))
    with pytest.raises(InputError, match="promises 80128 bytes"):
        opened(A=str(tmp_path / "A.npz"))


def test_matrices_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "A.npy", A)
    np.save(tmp_path / "W.npy", np.abs(A).T)
    with pytest.raises(InputError, match="transposed"):
        opened(A=str(tmp_path / "A.npy"), W=str(tmp_path / "W.npy"))
    with pytest.raises(InputError, match="no such file"):
        opened(A=str(tmp_path / "B.npy"))
    with pytest.raises(InputError, match="without a name"):
        opened(A=str(tmp_path / "A.npy"), A_name="A")


def test_options_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="all weights are 1"):
        Files(A="A.npy", k=2, r=2)
    with pytest.raises(ValueError, match="needs a public bound"):
        Files(A="A.npy", k=2, integer=True)


def test_a_missing_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_safetensors(tmp_path / "A.safetensors", A)
    monkeypatch.setitem(sys.modules, "safetensors", None)
    with pytest.raises(InputError, match="pip install"):
        opened(A=str(tmp_path / "A.safetensors"))
