"""A partitioned SVD: near the optimum, and the same for any partition by rows or columns among any number of ranks."""

from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest

from tests.game.playing import on_ranks
from wlra_dist.linalg.rows.partitioned import svd_by_columns, svd_by_rows
from wlra_dist.linalg.rows.truncated import Truncated
from wlra_dist.weights import DenseWeights
from wlra_dist.weights.weighted_rows import weighted
from wlra_dist.world.world import Alone, World
from wlra_dist.world.world_sum import WorldSum

if TYPE_CHECKING:
    from wlra_dist.world.mpi import MpiWorld

K = 5

Cut = Literal["rows", "columns"]
each_cut = pytest.mark.parametrize("cut", ["rows", "columns"])


def layer(n: int, d: int, dtype: type = float) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    A = rng.standard_normal((n, d)) @ np.diag(1 / (1 + np.arange(d))) @ rng.standard_normal((d, d))
    return A.astype(dtype), rng.lognormal(sigma=0.3, size=(n, d)).astype(dtype)


def parts(length: int, size: int) -> list[slice]:
    """Unequal ones."""
    ends = [length * rank * (rank + 1) // (size * (size + 1)) for rank in range(size + 1)]
    return [slice(*pair) for pair in pairwise(ends)]


def on_one(world: World, cut: Cut, A: np.ndarray, W: np.ndarray, k: int = K) -> Truncated:
    """What a rank of the world finds from its part."""
    part = parts(len(A) if cut == "rows" else A.shape[1], world.size)[world.rank]
    own = (part, slice(None)) if cut == "rows" else (slice(None), part)
    method = svd_by_rows if cut == "rows" else svd_by_columns
    return method(weighted(A[own], DenseWeights(W[own])), k, np.random.default_rng(7), WorldSum(world))


def whole(found: list[Truncated], cut: Cut) -> np.ndarray:
    if cut == "rows":
        return np.vstack([part.L for part in found]) @ found[0].X
    return found[0].L @ np.hstack([part.X for part in found])


@each_cut
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(900, 300), (300, 900), (40, 30)])
def test_near_the_optimum_and_the_same_on_any_number_of_ranks(cut: Cut, dtype: type, shape: tuple[int, int]):
    A, W = layer(*shape, dtype)
    B = W.astype(float) * A
    alone = whole([on_one(Alone(), cut, A, W)], cut)
    assert alone.dtype == dtype
    assert np.square(B - alone).sum() <= 1.01 * np.square(np.linalg.svd(B, compute_uv=False)[K:]).sum()
    for size in (2, 3):
        found = on_ranks(size, lambda world: on_one(world, cut, A, W))
        assert np.linalg.norm(whole(found, cut) - alone) <= 1e-4 * np.linalg.norm(alone)
        assert all(part.energy == pytest.approx(np.square(B).sum(), rel=1e-5) for part in found)


@each_cut
def test_factors_are_as_promised(cut: Cut):
    found = on_ranks(2, lambda world: on_one(world, cut, *layer(400, 300)))
    L = np.vstack([part.L for part in found]) if cut == "rows" else found[0].L
    X = found[0].X if cut == "rows" else np.hstack([part.X for part in found])
    assert np.allclose(L.T @ L, np.eye(K), atol=1e-4)
    assert np.allclose(X @ X.T, np.diag(np.diag(X @ X.T)), atol=1e-4 * np.square(X).sum())


@each_cut
@pytest.mark.parametrize("rank", [0, 1, 3])
def test_low_rank_comes_back_to_the_last_digits(cut: Cut, rank: int):
    rng = np.random.default_rng(1)
    A = rng.standard_normal((60, rank)) @ rng.standard_normal((rank, 50))
    found = on_ranks(2, lambda world: on_one(world, cut, A, np.ones_like(A)))
    assert np.linalg.norm(whole(found, cut) - A) <= 1e-12 * np.linalg.norm(A)


@each_cut
@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_what_float32_cannot_square_is_computed_in_float64(cut: Cut, scale: float):
    A, W = layer(300, 200, np.float32)
    B = A * np.float32(scale)
    small, large = (whole(on_ranks(2, lambda world, A=C: on_one(world, cut, A, W)), cut) for C in (A, B))
    assert np.linalg.norm(large / scale - small) <= 1e-3 * np.linalg.norm(small)


@each_cut
def test_a_rank_may_have_nothing(cut: Cut):
    A, W = layer(2, 2)
    found = on_ranks(3, lambda world: on_one(world, cut, A, W, k=1))
    alone = whole([on_one(Alone(), cut, A, W, k=1)], cut)
    assert np.allclose(whole(found, cut), alone)


def test_sums_have_the_same_bits_everywhere():
    rng = np.random.default_rng(2)
    arrays = rng.standard_normal((3, 5, 4)) * 10.0 ** rng.integers(-8, 8, (3, 5, 4))
    sums = on_ranks(3, lambda world: WorldSum(world).sum(arrays[world.rank]))
    assert all(np.array_equal(total, arrays[0] + arrays[1] + arrays[2]) for total in sums)


@pytest.mark.mpi(n=[3])
def test_under_mpi(world: "MpiWorld"):
    A, W = layer(300, 200)
    lengths: dict[Cut, int] = {"rows": 300, "columns": 200}
    for cut, length in lengths.items():
        alone, own = on_one(Alone(), cut, A, W), on_one(world, cut, A, W)
        part = parts(length, world.size)[world.rank]
        due = alone.L[part] @ alone.X if cut == "rows" else alone.L @ alone.X[:, part]
        assert np.allclose(own.L @ own.X, due, atol=1e-4 * np.abs(A).max())
