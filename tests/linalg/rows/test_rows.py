"""W∘A in row pieces: the entries that the whole would have, for all kinds of weights, also from files."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlra_dist.linalg.rows.products import gram, sweep, transposed_times
from wlra_dist.linalg.rows.rows import FLOAT64, Rows, pieces, plain
from wlra_dist.linalg.rows.sketch import sketch_rows
from wlra_dist.weights import BlockMask, DenseWeights, LowRankWeights, Weights
from wlra_dist.weights.weighted_rows import weight_rows, weighted

seeds = st.integers(0, 2**32 - 1)
types = st.sampled_from([np.float32, np.float64, np.int8])

WEIGHTS: dict[str, Callable[[np.random.Generator, int, int], Weights]] = {
    "dense": lambda rng, n, d: DenseWeights(rng.random((n, d))),
    "float32": lambda rng, n, d: DenseWeights(rng.random((n, d), dtype=np.float32)),
    "integers": lambda rng, n, d: DenseWeights(rng.integers(0, 127, (n, d)).astype(np.int8)),
    "rank one": lambda rng, n, d: LowRankWeights(rng.random((n, 1)), rng.random((1, d))),
    "low rank": lambda rng, n, d: LowRankWeights(rng.integers(0, 3, (n, 3)), rng.random((3, d))),
    "mask": lambda rng, n, d: BlockMask(rng.integers(0, 3, n), rng.integers(0, 3, d)),
}
each_kind = pytest.mark.parametrize("kind", WEIGHTS)


def whole(B: Rows) -> np.ndarray:
    return np.vstack([piece.copy() for _, piece in pieces(B)])


@each_kind
@given(n=st.integers(1, 30), d=st.integers(1, 30), dtype=types, seed=seeds)
def test_pieces_are_the_product(kind: str, n: int, d: int, dtype: type, seed: int):
    rng = np.random.default_rng(seed)
    A, W = (100 * rng.standard_normal((n, d))).astype(dtype), WEIGHTS[kind](rng, n, d)
    expected = W.dense(slice(None)) * A.astype(float)
    B = weighted(A, W)
    assert B.dtype == (np.float32 if dtype == np.float32 else np.float64)
    tolerance = 8 * float(np.finfo(B.dtype).eps)
    assert np.allclose(whole(B), expected, rtol=tolerance, atol=0)
    assert np.allclose(whole(B.T), expected.T, rtol=tolerance, atol=0)
    assert np.allclose(whole(B.typed(FLOAT64)), expected, rtol=1e-7 if kind == "float32" else 1e-14, atol=0)
    assert np.array_equal(whole(B.T.T), whole(B))


def test_pieces_are_small_and_in_order():
    B = plain(np.arange(3000 * 700, dtype=float).reshape(3000, 700))
    runs = [run for run, _ in pieces(B)]
    assert [run.start for run in runs] == [0, *(run.stop for run in runs[:-1])]
    assert runs[-1].stop == 3000
    assert len(runs) > 20
    assert np.array_equal(whole(B), B.A)


@given(n=st.integers(1, 300), d=st.integers(1, 20), c=st.integers(1, 5), seed=seeds)
def test_products_by_pieces(n: int, d: int, c: int, seed: int):
    rng = np.random.default_rng(seed)
    B, V = rng.standard_normal((n, d)), rng.standard_normal((d, c))
    look = sweep(plain(B), V)
    assert np.allclose(look.Y, B @ V)
    assert np.allclose(look.Z, (B @ V).T @ B)
    assert look.energy == pytest.approx(np.square(B).sum())
    assert np.allclose(gram(plain(B)), B.T @ B)
    assert np.allclose(transposed_times(plain(B), B @ V), B.T @ (B @ V))


@given(n=st.integers(1, 60), count=st.integers(1, 80), seed=seeds)
def test_a_sketch_sends_each_row_to_one_bucket_with_a_sign(n: int, count: int, seed: int):
    S = sketch_rows(plain(np.eye(n)), count, np.random.default_rng(seed))
    assert S.shape == (min(n, count), n)
    assert np.array_equal(np.abs(S).sum(axis=0), np.ones(n))
    load = np.abs(S).sum(axis=1)
    assert load.max() - load.min() <= 1  # one piece: dealt out evenly


def test_a_sketch_keeps_inner_products_on_average():
    B = np.random.default_rng(0).standard_normal((200, 4))
    sketches = [sketch_rows(plain(B), 20, np.random.default_rng(seed)) for seed in range(2000)]
    mean = sum(S.T @ S for S in sketches) / len(sketches)
    spread = np.sqrt(2 / 20 / len(sketches)) * np.square(B).sum(axis=0).max()
    assert np.abs(mean - B.T @ B).max() <= 5 * spread


@pytest.mark.parametrize("mode", ["r", "r+", "c"])
def test_a_memory_map_gives_its_pages_back_and_keeps_its_numbers(tmp_path: Path, mode: Literal["r", "r+", "c"]):
    rng = np.random.default_rng(1)
    numbers = rng.standard_normal((4000, 300))
    np.save(tmp_path / "A.npy", numbers)
    np.save(tmp_path / "W.npy", np.abs(numbers))
    A, W = (np.lib.format.open_memmap(tmp_path / f"{name}.npy", mode) for name in "AW")
    if mode == "c":  # changes that the file does not have must not be dropped
        A[17] = numbers[17] = 5.0
    B = weighted(A, DenseWeights(W))
    assert np.array_equal(whole(B)[18:], (np.abs(numbers) * numbers)[18:])
    assert np.array_equal(A, numbers)
    assert np.array_equal(weight_rows(DenseWeights(W), slice(3, 9)), np.abs(np.load(tmp_path / "A.npy"))[3:9])


def test_reading_a_memory_map_leaves_little_of_it_in_memory(tmp_path: Path):
    """Resident pages of this process's mapping, as the kernel counts them."""
    np.save(tmp_path / "A.npy", np.ones((16000, 512)))
    A = np.load(tmp_path / "A.npy", mmap_mode="r")
    for _ in pieces(plain(A)):
        pass
    assert resident(tmp_path / "A.npy") <= A.nbytes // 16


def resident(file: Path) -> int:
    """Bytes of the file that are in this process's memory."""
    lines = Path("/proc/self/smaps").read_text().splitlines()
    start = next(number for number, line in enumerate(lines) if line.endswith(str(file)))
    rss = next(line for line in lines[start:] if line.startswith("Rss:"))
    return int(rss.split()[1]) * 1024
