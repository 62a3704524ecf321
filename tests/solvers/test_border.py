"""Nothing that stands where W is 0 is seen, and scale means nothing: every solver, bit for bit."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wlra_dist.errors import InputError
from wlra_dist.solvers import SOLVERS, Solution, solve
from wlra_dist.weights import DenseWeights, LowRankWeights

METHODS = [*SOLVERS, "svd_w+als", "svd+em", "sample+adam"]

JUNK = np.array([np.nan, np.inf, -np.inf, 1e300, -9999.0, 5e-324, -0.0])

n, d, k = 13, 9, 2


def problem(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Rank 3 and noise, with weights of which a fifth are 0, and a row and a column of them."""
    rng = np.random.default_rng(seed)
    A = rng.standard_normal((n, 3)) @ rng.standard_normal((3, d)) + 0.1 * rng.standard_normal((n, d))
    W = rng.uniform(0.5, 2, (n, d)) * (rng.random((n, d)) > 0.2)
    W[3], W[:, 4] = 0, 0
    return np.where(W > 0, A, 0), W


def solved(A: Any, W: Any, method: str) -> Solution:
    options: dict[str, Any] = {"iterations": 3} if {"em", "als", "adam"} & set(method.split("+")) else {}
    return solve(A, W, k, method, **options)


def same(one: Solution, other: Solution, power_of_A: int = 0, power_of_W: int = 0) -> bool:
    """Whether they are each other's, but for these powers of two."""
    both = power_of_A + power_of_W
    assert one.certificate
    assert other.certificate
    energies = [
        (s.loss, s.energy, s.certificate.loss, s.certificate.lower_bound_opt, s.certificate.noise)
        for s in (one, other)
        if s.certificate
    ]
    found = [s.approximation.columns(np.arange(d)) for s in (one, other)]
    return np.array_equal(np.ldexp(energies[0], 2 * both), energies[1]) and np.array_equal(
        np.ldexp(found[0], power_of_A), found[1]
    )


@pytest.mark.parametrize("method", METHODS)
def test_what_stands_where_w_is_0_is_not_seen(method: str):
    A, W = problem()
    dirty = np.where(W > 0, A, np.resize(JUNK, A.shape))
    assert same(solved(A, W, method), solved(dirty, W, method))
    masked = solved(np.ma.masked_array(dirty, W == 0), np.where(W > 0, W, 1.0), method)
    assert same(solved(A, W, method), masked)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("power_of_A", "power_of_W"), [(300, 0), (0, -380), (-700, 900), (17, 15)])
def test_powers_of_two_change_nothing_else(method: str, power_of_A: int, power_of_W: int):
    A, W = problem(1)
    scaled = solved(np.ldexp(A, power_of_A), np.ldexp(W, power_of_W), method)
    assert same(solved(A, W, method), scaled, power_of_A, power_of_W)


@pytest.mark.parametrize("method", ["svd", "svd_w+als", "reweighted_svd"])
@pytest.mark.parametrize("power", [0, 60])
def test_float32_and_low_rank_weights_have_no_scale_either(method: str, power: int):
    A, W = problem(2)[0].astype(np.float32), LowRankWeights(np.ones((n, 1)), np.linspace(1, 2, d)[None])
    turned = LowRankWeights(np.ldexp(W.U, 900), np.ldexp(W.V, -1000))
    assert same(solved(A, W, method), solved(np.ldexp(A, power), turned, method), power, -100)


@pytest.mark.parametrize("method", METHODS)
def test_a_memory_map_is_read_as_an_array_is(tmp_path: Path, method: str):
    A, W = problem(3)
    dirty = np.where(W > 0, np.ldexp(A, 100), np.resize(JUNK, A.shape))
    np.save(tmp_path / "A.npy", dirty)
    np.save(tmp_path / "W.npy", np.ldexp(W, 100))
    mapped_A, mapped_W = (np.load(tmp_path / f"{name}.npy", mmap_mode="r") for name in "AW")
    one, other = solved(A, W, method), solved(mapped_A, DenseWeights(mapped_W), method)
    assert np.array_equal(
        np.ldexp(one.approximation.columns(np.arange(d)), 100), other.approximation.columns(np.arange(d))
    )
    assert other.loss == np.ldexp(one.loss, 400)


def test_a_mask_of_nothing_is_none():
    A, W = problem()
    assert same(solve(A, W, k), solve(np.ma.masked_invalid(A), np.ma.masked_invalid(W), k))


@pytest.mark.parametrize("method", ["svd_w+als", "svd_w+em"])
def test_a_wild_reading_that_hardly_counts_does_not_spoil_the_start(method: str):
    """It is all that svd_w sees; the loss is that without it, and its own."""
    rng = np.random.default_rng(0)
    A = rng.standard_normal((40, k)) @ rng.standard_normal((k, 30)) + 0.1 * rng.standard_normal((40, 30))
    W = np.ones((40, 30))
    A[3, 4], W[3, 4] = 1e12, 1e-12
    numbers: list[int] = []
    found = solve(A, W, k, method, certify=False, progress=lambda number, _: numbers.append(number))
    W[3, 4] = 0
    assert found.loss <= 1 + 1.01 * solve(A, W, k, method, certify=False).loss
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("method", METHODS)
def test_numbers_of_any_size_are_solved_or_refused(method: str):
    rng = np.random.default_rng(0)
    N, ones = rng.standard_normal((n, d)), np.ones((n, d))
    wild, faint = 10 ** rng.uniform(-150, 150, (n, d)), 10 ** rng.uniform(-300, 0, (n, d))
    column = 1e150 ** (np.arange(d) == 3)
    for A, W in [(wild, ones), (N, faint), (faint, ones), (N * column, ones), (N * 1e160, ones * 1e-160), (N, wild)]:
        try:
            found = solve(A, W, k, method)
        except InputError as error:
            assert "expected" in str(error)  # noqa: PT017  either is right
            continue
        assert found.loss <= found.energy * (1 + 1e-6) or method in ("svd", "sample+adam", "adam", "svd+em")
        direct = np.square(W * (A - found.approximation.columns(np.arange(d)))).sum()
        assert direct == pytest.approx(found.loss, rel=1e-6, abs=1e-25 * found.energy)
