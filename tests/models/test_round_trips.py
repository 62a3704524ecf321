"""Every type, every shape and every name comes back; damage is told by the tensor's name and costs no other."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest

from tests.models.made import compressed, low_rank, saved, sums
from wlra_dist.errors import InputError, WlraDistError
from wlra_dist.models.expand import load
from wlra_dist.models.kinds import KINDS
from wlra_dist.models.sources import open_model
from wlra_dist.models.written import expand

VECTORS = Path(__file__).parents[1] / "vectors"

SHAPES = [(), (0,), (3, 0), (5,), (30, 40), (24, 8, 3), (4, 5, 6, 7)]


def write_kinds(file: Path) -> None:
    """A tensor of each kind in each shape, of any bits that are finite numbers."""
    tensors = {}
    for kind in KINDS.values():
        for shape in SHAPES:
            numbers = np.random.default_rng(len(shape)).standard_normal(shape)
            array = kind.stored(numbers) if kind.lossy else np.rint(40 * np.abs(numbers)).astype(kind.dtype)
            tensors[f"{kind.name} {shape}"] = (kind, np.asarray(array))
    header, data = {}, b""
    for name, (kind, array) in tensors.items():
        header[name] = {"dtype": kind.name, "shape": array.shape, "data_offsets": [len(data), len(data) + array.nbytes]}
        data += array.tobytes()
    text = json.dumps(header).encode()
    file.write_bytes(len(text).to_bytes(8, "little") + text + data)


def test_every_kind_and_shape_comes_back(tmp_path: Path):
    write_kinds(tmp_path / "model.safetensors")
    compressed(tmp_path / "model.safetensors", tmp_path / "small.wlra", loss=0.01)
    assert expand(load(tmp_path / "small.wlra"), tmp_path / "again.safetensors") == []
    before, after = open_model(tmp_path / "model.safetensors"), open_model(tmp_path / "again.safetensors")
    assert list(before) == list(after)
    for name, tensor in before.items():
        other, stored = after[name], tensor.all()
        assert (tensor.kind, tensor.shape) == (other.kind, other.shape)
        if not tensor.kind.lossy or (tensor.kind.name in ("F16", "BF16") and tensor.size < 513):
            assert stored.tobytes() == other.all().tobytes()
        elif tensor.size:
            error = tensor.kind.floats(stored) - tensor.kind.floats(other.all())
            assert np.square(error).sum() <= 0.0101 * np.square(tensor.kind.floats(stored)).sum()


@pytest.mark.parametrize("ending", [".npz", ".npy", ".safetensors", "", "/"])
def test_every_format_is_written_and_read(tmp_path: Path, ending: str):
    A = low_rank(40, 30, 3)
    names = ["layer/0.weight"] if ending == ".npy" else ["layer/0.weight", "ä ö", "..", "a.b.c"]
    model = saved(dict.fromkeys(names, A), tmp_path / "model.safetensors")
    compressed(model, tmp_path / "small.wlra", loss=1e-4)
    out = tmp_path / f"again{ending.rstrip('/')}"
    expand(load(tmp_path / "small.wlra"), out)
    again = open_model(out)
    assert list(again) == (["again"] if ending == ".npy" else sorted(names))
    assert all(np.allclose(tensor.all(), A, atol=0.1) for tensor in again.values())


def test_models_of_arrays(tmp_path: Path):
    A = low_rank(30, 40, 3).astype(float)
    np.savez(tmp_path / "a.npz", **{"x/y": A.T, "swapped": A.astype(">f4"), "half": A.astype(np.float16)})
    np.save(tmp_path / "b.npy", np.asfortranarray(A)[::2])
    (tmp_path / "c.mtx").write_text("%%MatrixMarket matrix coordinate real general\n2 3 1\n2 3 1.5\n")
    found = {**open_model(tmp_path / "a.npz"), **open_model(tmp_path / "b.npy"), **open_model(tmp_path / "c.mtx")}
    assert np.array_equal(found["x/y"].all(), A.T)
    assert np.array_equal(found["x/y"].read(40, 80), A.T.ravel()[40:80])
    assert np.array_equal(found["swapped"].all(), A.astype(np.float32))
    assert np.array_equal(found["b"].all(), A[::2])
    assert np.array_equal(found["c"].all(), [[0, 0, 0], [0, 0, 1.5]])


def test_nan_is_refused_by_name_or_kept(tmp_path: Path):
    A = low_rank(40, 30, 3)
    A[3, 4] = np.nan
    model = saved({"sound": low_rank(40, 30, 3), "bad": A}, tmp_path / "model.safetensors")
    with pytest.raises(InputError, match=r"^bad has entries that are NaN or infinite"):
        compressed(model, tmp_path / "small.wlra", loss=0.1)
    compressed(model, tmp_path / "small.wlra", loss=0.1, keep_nan=True)
    assert load(tmp_path / "small.wlra")["bad"].array().tobytes() == A.tobytes()


@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_scales_mean_nothing(tmp_path: Path, scale: float):
    A = low_rank(40, 30, 3, noise=0.1)
    for name, factor in (("one", 1.0), ("other", scale)):
        model = saved({"A": A * np.float64(2.0) ** np.rint(np.log2(factor))}, tmp_path / f"{name}.safetensors")
        compressed(model, tmp_path / f"{name}.wlra", loss=0.1)
    one, other = (load(tmp_path / f"{name}.wlra")["A"].entry for name in ("one", "other"))
    assert (one.loss, one.nbytes) == (other.loss, other.nbytes)


def shards(folder: Path, places: dict[str, str]) -> Path:
    for shard in ("a", "b"):
        saved({f"{shard}{i}": low_rank(30, 20, 2, seed=i) for i in range(2)}, folder / f"{shard}.safetensors")
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": places}))
    return folder


PLACES = {"a0": "a.safetensors", "b1": "b.safetensors", "a1": "a.safetensors", "b0": "b.safetensors"}


def test_shards_are_one_model(tmp_path: Path):
    model = open_model(shards(tmp_path, PLACES))
    assert list(model) == list(PLACES)
    assert np.array_equal(model["b1"].all(), low_rank(30, 20, 2, seed=1))


@pytest.mark.parametrize(
    ("places", "words"),
    [
        ({"a0": "c.safetensors"}, "index.json names the shard c.safetensors, which is not there"),
        ({"a0": "../a.safetensors"}, "expected a file beside it"),
        ({"b0": "a.safetensors"}, "promises b0 in a.safetensors, which has no such tensor"),
        ({"a0": 3}, "expected a weight_map"),
    ],
)
def test_an_index_that_does_not_fit_is_named(tmp_path: Path, places: dict, words: str):
    with pytest.raises(InputError, match=words):
        open_model(shards(tmp_path, places))


def test_other_files_are_refused_in_a_sentence(tmp_path: Path):
    (tmp_path / "a.safetensors").write_bytes(b"\x10\0\0\0\0\0\0\0{}")
    (tmp_path / "b.npz").write_bytes(b"PK\3\4 no archive")
    np.save(tmp_path / "c.npy", np.zeros(3))
    (tmp_path / "c.npy").write_bytes((tmp_path / "c.npy").read_bytes()[:-5])
    (tmp_path / "d.txt").write_text("1 2 3")
    np.save(tmp_path / "e.npy", np.array([{}], dtype=object), allow_pickle=True)
    for name in ("a.safetensors", "b.npz", "c.npy", "d.txt", "e.npy", "missing.npz", "."):
        with pytest.raises(InputError, match=r"^[^\n]{20,400}$") as stated:
            open_model(tmp_path / name)
        assert name.rstrip(".") in str(stated.value)


T = TypeVar("T")


def tried(work: Callable[[], T]) -> tuple[T | None, str]:
    """What it gives, or what it says in the only way in which it may fail."""
    try:
        return work(), ""
    except WlraDistError as error:
        return None, str(error)


def test_two_hundred_damaged_files(tmp_path: Path):
    """Either all is well, or a tensor is named and the others are whole, or the file is."""
    tensors = {f"t{i}": low_rank(40, 30, 3, seed=i) for i in range(3)} | {"b": np.arange(7.0)}
    compressed(saved(tensors, tmp_path / "model.safetensors"), tmp_path / "small.wlra", loss=0.01)
    sound, good = (tmp_path / "small.wlra").read_bytes(), load(tmp_path / "small.wlra")
    arrays = {name: tensor.array() for name, tensor in good.items()}
    rng, bad, named = np.random.default_rng(0), tmp_path / "bad.wlra", 0
    for turn in range(200):
        data, at = bytearray(sound), int(rng.integers(len(sound)))
        if turn % 4 == 0:
            data = data[:at]
        else:
            data[at] ^= 1 << int(rng.integers(8))
        bad.write_bytes(data)
        found, sentence = tried(lambda: load(bad))
        assert found is not None or "bad.wlra" in sentence
        for name, tensor in (found or {}).items():
            array, sentence = tried(tensor.array)
            assert np.array_equal(array, arrays[name]) if array is not None else name in sentence
            named += array is None
    assert named > 50


def test_a_damaged_tensor_costs_no_other(tmp_path: Path):
    model = saved({"a": low_rank(40, 30, 3), "b": low_rank(40, 30, 3)}, tmp_path / "model.safetensors")
    compressed(model, tmp_path / "small.wlra", loss=0.01)
    data = bytearray((tmp_path / "small.wlra").read_bytes())
    data[-3] ^= 1
    (tmp_path / "small.wlra").write_bytes(data)
    damaged = expand(load(tmp_path / "small.wlra"), tmp_path / "again.safetensors")
    assert [sentence.split(": ")[1].split()[0] for sentence in damaged] == ["b"]
    assert list(open_model(tmp_path / "again.safetensors")) == ["a"]


def test_a_file_of_before_says_what_it_said():
    """Whoever changes what a payload means raises the format's number, and benchmarks/vectors.py writes a new file."""
    assert sums(VECTORS / "model.wlra") == json.loads((VECTORS / "model.json").read_text())


def test_a_foreign_or_newer_file_is_named(tmp_path: Path):
    (tmp_path / "a.wlra").write_bytes(b"something else entirely, of some length")
    with pytest.raises(InputError, match="found something else"):
        load(tmp_path / "a.wlra")
