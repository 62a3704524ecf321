"""solution.npz gives back every entry, bit for bit, and refuses what is not it."""

import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from wlra_dist.errors import InputError
from wlra_dist.record.files.solution import read_solution, write_solution
from wlra_dist.weights import DenseWeights, Weights
from wlra_dist.weights.reweighted import ReweightedBlock, ReweightedSolution

COUNTS, WIDTHS, N = (3, 0, 5, 1), (7, 4, 5, 1), 23


def solution(make: Callable[[np.ndarray], object], rounded: bool = False) -> ReweightedSolution:
    """Blocks with no column chosen, some, and all."""
    rng = np.random.default_rng(3)
    blocks = []
    for c, width in zip(COUNTS, WIDTHS, strict=True):
        W = DenseWeights(rng.integers(0, 4, (N, width)) * 0.7)
        S = rng.permutation(width)[:c]
        C = make(rng.standard_normal((N, c)) * (W.dense(S) > 0))
        blocks.append(ReweightedBlock(W, S, C, rng.standard_normal((c, width - c)), rounded))  # type: ignore[arg-type]
    return ReweightedSolution(blocks)


def sparse(C: np.ndarray) -> object:
    from scipy.sparse import csc_array

    return csc_array(np.where(C > 0, C, 0))


def weights(solution: ReweightedSolution) -> list[Weights]:
    return [block.W for block in solution.blocks]


@pytest.mark.parametrize("make", [np.ascontiguousarray, sparse])
@pytest.mark.parametrize("rounded", [False, True])
def test_entries_come_back_bit_for_bit(tmp_path: Path, make, rounded: bool):
    written = solution(make, rounded)
    write_solution(written, tmp_path / "solution.npz")
    again = read_solution(tmp_path / "solution.npz", weights(written))
    assert again.dense().tobytes() == written.dense().tobytes()
    assert [type(block.C) for block in again.blocks] == [type(block.C) for block in written.blocks]
    assert again.parameters == written.parameters


def test_a_plain_product_comes_back_as_one(tmp_path: Path):
    rng, none = np.random.default_rng(4), np.zeros(0, dtype=np.int64)
    W = DenseWeights(rng.integers(0, 2, (N, 6)) * 1.0)
    C, X = rng.standard_normal((N, 2)), rng.standard_normal((2, 6))
    written = ReweightedSolution([ReweightedBlock(W, none, C, X, plain=True), solution(np.ascontiguousarray).blocks[0]])
    write_solution(written, tmp_path / "solution.npz")
    again = read_solution(tmp_path / "solution.npz", weights(written))
    assert again.digest == written.digest
    assert again.dense()[:, :6].tobytes() == (C @ X).tobytes()
    write_solution(ReweightedSolution([replace(written.blocks[1], plain=True)]), tmp_path / "solution.npz")
    with pytest.raises(InputError, match="plain"):
        read_solution(tmp_path / "solution.npz", weights(written)[1:])


@pytest.mark.parametrize("make", [np.ascontiguousarray, sparse])
def test_equal_solutions_make_equal_files_without_pickles(tmp_path: Path, make):
    for name in ("one.npz", "two.npz"):
        write_solution(solution(make), tmp_path / name)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.npz") as archive:
        assert {member.date_time[0] for member in archive.infolist()} == {1980}
    with np.load(tmp_path / "one.npz", allow_pickle=False) as arrays:
        assert all(arrays[name].dtype != object for name in arrays)


def test_the_number_of_arrays_does_not_grow_with_the_servers(tmp_path: Path):
    write_solution(solution(sparse), tmp_path / "solution.npz")
    with zipfile.ZipFile(tmp_path / "solution.npz") as archive:
        assert len(archive.namelist()) <= 16


def test_weights_of_another_game_are_refused(tmp_path: Path):
    written = solution(np.ascontiguousarray)
    write_solution(written, tmp_path / "solution.npz")
    with pytest.raises(InputError, match="shapes"):
        read_solution(tmp_path / "solution.npz", weights(written)[:-1])


def test_damage_is_an_input_error(tmp_path: Path):
    written, path = solution(np.ascontiguousarray), tmp_path / "solution.npz"
    write_solution(written, path)
    data = bytearray(path.read_bytes())
    places = range(0, len(data), 97)
    for damaged in [data[:40], data[: len(data) // 2], b"", b"no zip"]:
        path.write_bytes(damaged)
        with pytest.raises(InputError, match="expected the solution"):
            read_solution(path, weights(written))
    for place in places:  # either noticed, or a bit that means nothing
        path.write_bytes(data[:place] + bytes([data[place] ^ 16]) + data[place + 1 :])
        try:
            assert read_solution(path, weights(written)).dense().tobytes() == written.dense().tobytes()
        except InputError:
            continue


def test_columns_that_cannot_be_are_refused(tmp_path: Path):
    written, path = solution(np.ascontiguousarray), tmp_path / "solution.npz"
    blocks = list(written.blocks)
    for wrong in ([0, 0, 1], [0, 1, 7], [-1, 0, 1]):
        blocks[0] = replace(blocks[0], S=np.array(wrong))
        write_solution(ReweightedSolution(blocks), path)
        with pytest.raises(InputError, match="column"):
            read_solution(path, weights(written))
