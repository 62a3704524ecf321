"""The partitioned SVD among threads that sum: the best rank-k matrix, whoever has which rows or columns."""

from collections.abc import Callable

import numpy as np
import pytest

from tests.game.playing import Meeting, ThreadWorld, in_threads
from wlra_dist.linalg.rows.partitioned import svd_by_columns, svd_by_rows
from wlra_dist.linalg.rows.rows import ArrayRows
from wlra_dist.linalg.rows.truncated import Truncated
from wlra_dist.world.world_sum import WorldSum

n, d, k = 90, 60, 4


def together(cuts: list[int], body: Callable[[slice, WorldSum], Truncated]) -> list[Truncated]:
    """What each rank finds with its own run of rows or columns."""
    meeting = Meeting(len(cuts) - 1)

    def run(rank: int) -> Truncated:
        return body(slice(cuts[rank], cuts[rank + 1]), WorldSum(ThreadWorld(meeting, rank)))

    return in_threads(run, range(len(cuts) - 1))


def found(B: np.ndarray, cuts: list[int], by_rows: bool) -> tuple[np.ndarray, list[Truncated]]:
    """L X of all of them, whole."""
    if by_rows:
        parts = together(cuts, lambda run, all_: svd_by_rows(ArrayRows(B[run], B.dtype), k, _coins(), all_))
        return np.vstack([part.L @ part.X for part in parts]), parts
    parts = together(cuts, lambda run, all_: svd_by_columns(ArrayRows(B[:, run], B.dtype), k, _coins(), all_))
    return np.hstack([part.L @ part.X for part in parts]), parts


def _coins() -> np.random.Generator:
    return np.random.default_rng(0)


def matrix(noise: float) -> np.ndarray:
    rng = np.random.default_rng(1)
    return rng.standard_normal((n, k)) @ rng.standard_normal((k, d)) + noise * rng.standard_normal((n, d))


@pytest.mark.parametrize("by_rows", [True, False])
@pytest.mark.parametrize("noise", [0.3, 1e-5])
@pytest.mark.parametrize("parts", [1, 2, 3])
def test_parts_find_the_best_matrix_together(by_rows: bool, noise: float, parts: int):
    B = matrix(noise)
    whole = n if by_rows else d
    cuts = [0, *([] if parts == 1 else [whole // 3] if parts == 2 else [0, whole // 2]), whole]
    A, truncated = found(B, cuts, by_rows)
    tail = float(np.square(np.linalg.svd(B, compute_uv=False)[k:]).sum())
    assert np.linalg.matrix_rank(A, tol=1e-9) == k
    assert tail * (1 - 1e-6) <= float(np.square(B - A).sum()) <= 1.01 * tail
    for part in truncated:
        assert part.energy == pytest.approx(float(np.square(B).sum()), rel=1e-6)
        assert np.array_equal(part.X if by_rows else part.L, truncated[0].X if by_rows else truncated[0].L)


@pytest.mark.parametrize("by_rows", [True, False])
def test_the_partition_changes_nothing_but_rounding(by_rows: bool):
    B, whole = matrix(0.3), n if by_rows else d
    one, _ = found(B, [0, whole], by_rows)
    for cuts in ([0, 7, whole], [0, whole, whole], [0, 20, 21, 40, whole]):
        assert np.allclose(found(B, cuts, by_rows)[0], one, atol=1e-4)


@pytest.mark.parametrize("by_rows", [True, False])
@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_numbers_that_float32_does_not_have_are_solved_in_float64(by_rows: bool, scale: float):
    B = matrix(0.3)
    A, _ = found(scale * B, [0, 20, n if by_rows else d], by_rows)
    tail = float(np.square(np.linalg.svd(B, compute_uv=False)[k:]).sum())
    assert float(np.square(B - A / scale).sum()) <= 1.01 * tail
