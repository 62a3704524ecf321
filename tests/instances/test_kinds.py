"""Laws of every kind of instance."""

import json
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from wlra_dist.errors import InputError
from wlra_dist.instances import INSTANCES, Instance, alone

SMALL: list[tuple[str, dict[str, Any]]] = [
    ("lower_bound", {"s": 4, "r": 3, "k": 2}),
    ("lower_bound", {"s": 2, "r": 2, "k": 5, "pad": 2, "seed": 9}),
    ("lower_bound", {"s": 3, "r": 3, "k": 4, "d": 7, "inputs": "chain"}),
    ("lower_bound", {"s": 3, "r": 3, "k": 2, "pad": 2, "inputs": "scattered", "magnitude": 5}),
    ("lower_bound", {"s": 3, "r": 4, "k": 2, "d": 9, "weight": 50}),
    ("lower_bound", {"s": 3, "r": 4, "k": 2, "d": 3}),
    ("matching", {"s": 2, "k": 2, "r": 2}),
    ("shared_row", {"t": 5, "k": 2, "r": 3}),
    ("synthetic", {"n": 12, "d": 20, "k": 3, "r": 2}),
    ("synthetic", {"n": 12, "d": 20, "k": 3, "s": 6, "weights": "ones"}),
    ("synthetic", {"n": 12, "d": 20, "k": 3, "s": 3, "r": 4, "weights": "mask", "integer": True}),
    ("synthetic", {"n": 12, "d": 20, "k": 3, "r": 2, "integer": True, "noise": 0.5}),
    ("synthetic", {"n": 12, "d": 20, "k": 3, "r": 2, "weights": "stripes", "integer": True}),
    ("synthetic", {"n": 12, "d": 20, "k": 3, "r": 3, "s": 5, "weights": "blocks"}),
    ("synthetic", {"n": 12, "d": 20, "k": 3, "r": 3, "weights": "staircase"}),
    ("digits_pixels", {"k": 4, "images": 30}),
    ("digits_fisher", {"k": 4, "hidden": 16, "epochs": 1}),
    ("idx_fisher", {"k": 2, "hidden": 8, "epochs": 1}),
    ("fisher", {"k": 4, "hidden": 16, "epochs": 1}),
    ("images", {"k": 4, "hidden": 16, "epochs": 1, "most": 100}),
    ("fisher_like", {"n": 12, "d": 20, "k": 3}),
    ("files", {"k": 2, "r": 2}),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A matrix, weights and eight tiny images in IDX files."""
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    np.save(folder / "A.npy", rng.standard_normal((6, 7)))
    np.save(folder / "W.npy", rng.random((6, 7)))
    for part in ("train", "t10k"):
        images = rng.integers(0, 256, (8, 3, 4), dtype=np.uint8)
        header = bytes([0, 0, 8, 3, 0, 0, 0, 8, 0, 0, 0, 3, 0, 0, 0, 4])
        (folder / f"{part}-images-idx3-ubyte").write_bytes(header + images.tobytes())
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 8, *range(8)]))
    return folder


def options(kind: str, keys: dict[str, Any], folder: Path) -> dict[str, Any]:
    places = {
        "files": {"A": str(folder / "A.npy"), "W": str(folder / "W.npy")},
        "matching": {"W": str(folder / "W.npy")},
        "idx_fisher": {"data": str(folder)},
    }
    return keys | places.get(kind, {})


@pytest.fixture(params=SMALL, ids=lambda case: f"{case[0]}-{len(case[1])}")
def instance(request: pytest.FixtureRequest, folder: Path) -> Instance:
    kind, keys = request.param
    return INSTANCES[kind](**options(kind, keys, folder)).open(alone)


def dense(block: Any) -> np.ndarray:
    return block if isinstance(block, np.ndarray) else block.toarray()


def test_every_kind_is_tested() -> None:
    assert {kind for kind, _ in SMALL} == set(INSTANCES)


def test_options_come_from_strict_json(folder: Path) -> None:
    for kind, keys in SMALL:
        text = json.dumps(options(kind, keys, folder))
        adapter = TypeAdapter(INSTANCES[kind])
        assert adapter.validate_json(text, strict=True) == INSTANCES[kind](**options(kind, keys, folder))
        with pytest.raises(ValidationError):
            adapter.validate_json(text.replace('"k": ', '"k": 0'), strict=True)
        with pytest.raises(ValidationError):
            adapter.validate_json(json.dumps(json.loads(text) | {"k": 2.5}), strict=True)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=15)
@given(data=st.data())
def test_columns_do_not_depend_on_their_block(instance: Instance, data: st.DataObject) -> None:
    d = instance.shape[1]
    cuts = sorted(data.draw(st.lists(st.integers(0, d), max_size=4)))
    runs = [slice(start, stop) for start, stop in pairwise([0, *cuts, d])]
    A, W = dense(instance.block(slice(0, d))), instance.weights.dense(slice(None))
    assert np.concatenate([dense(instance.block(run)) for run in runs], axis=1).tobytes() == A.tobytes()
    pieces = [instance.weights.block(run).dense(slice(None)) for run in runs]
    assert np.concatenate(pieces, axis=1).tobytes() == W.tobytes()


def test_blocks_are_what_the_instance_says(instance: Instance) -> None:
    n, d = instance.shape
    block = instance.block(slice(1, d))
    assert block.shape == (n, d - 1)
    assert block.dtype in (np.float32, np.float64)
    assert not isinstance(block, np.ndarray) or block.flags.c_contiguous
    assert instance.weights.shape == instance.shape


def test_weights_are_nonnegative_and_of_the_stated_rank(instance: Instance) -> None:
    W = instance.weights.dense(slice(None))
    assert W.min() >= 0
    if getattr(instance.weights, "claimed_rank", None) is None:
        assert np.linalg.matrix_rank(W) <= instance.weights.rank == instance.r


def test_integer_games_keep_their_bound(instance: Instance) -> None:
    A, W = dense(instance.block(slice(None))), instance.weights.dense(slice(None))
    if instance.integer:
        assert instance.bound is not None
        assert np.array_equal(A, np.rint(A))
        assert np.array_equal(W, np.rint(W))
        assert np.abs(A).max() <= instance.bound


def test_sparsity_counts_the_support_of_w(instance: Instance) -> None:
    A, W = dense(instance.block(slice(None))), instance.weights.dense(slice(None))
    if instance.sparsity is not None:
        assert np.count_nonzero(A * W, axis=0).max() <= instance.sparsity


def test_opening_twice_gives_the_same(instance: Instance, request: pytest.FixtureRequest, folder: Path) -> None:
    kind, keys = request.node.callspec.params["instance"]
    again = INSTANCES[kind](**options(kind, keys, folder)).open(alone)
    assert np.array_equal(dense(again.block(slice(None))), dense(instance.block(slice(None))))


def test_what_is_learnt_is_made_once(folder: Path) -> None:
    """A process that is handed the shared arrays computes none of its own."""
    made = []

    def first(make: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
        made.append(make())
        return made[0]

    for kind in ("digits_pixels", "digits_fisher", "idx_fisher"):
        keys = next(keys for name, keys in SMALL if name == kind)
        kept = INSTANCES[kind](**options(kind, keys, folder))
        ours = kept.open(first).block(slice(None))
        theirs = kept.open(lambda make: made[0]).block(slice(None))  # noqa: ARG005  make is not called
        assert np.array_equal(ours, theirs)
        made.clear()


def test_rows_are_pixels_where_images_say_so(folder: Path) -> None:
    made = {kind: INSTANCES[kind](**options(kind, keys, folder)).open(alone).grid for kind, keys in SMALL}
    assert {kind: grid for kind, grid in made.items() if grid} == {"idx_fisher": (3, 4)}


def test_any_columns_make_a_block(instance: Instance) -> None:
    n, d = instance.shape
    columns = np.random.default_rng(0).permutation(d)[: d // 2]
    block, W = instance.block(columns), instance.weights.block(columns)
    assert np.array_equal(dense(block), dense(instance.block(slice(None)))[:, columns])
    assert np.array_equal(W.dense(slice(None)), instance.weights.dense(columns))
    if isinstance(block, np.ndarray):
        assert block.flags.c_contiguous
    assert dense(instance.block(slice(0, d, 2))).shape == (n, -(-d // 2))


def test_opening_imports_no_heavy_library() -> None:
    """Eight ranks would pay seconds for each of them."""
    program = """
import sys
from wlra_dist.instances import DigitsFisher, DigitsPixels, Synthetic, alone
for kind in (DigitsFisher(k=2, hidden=4, epochs=1), DigitsPixels(k=2), Synthetic(n=5, d=5, k=2)):
    kind.open(alone).block(slice(0, 2))
print(*{"scipy", "sklearn", "pydantic", "safetensors"} & set(sys.modules))
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []


def test_a_rank_beyond_what_the_files_hold_is_refused(folder: Path) -> None:
    for kind, keys in (("files", {"k": 6}), ("files", {"k": 2, "r": 7}), ("idx_fisher", {"k": 12})):
        with pytest.raises(InputError, match="min\\(n, d\\)"):
            INSTANCES[kind](**options(kind, keys, folder)).open(alone)
