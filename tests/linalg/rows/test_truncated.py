"""Truncated SVDs against LAPACK's: optimal or nearly so, in any shape, scale and type."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlra_dist.linalg.rows.rows import ArrayRows, plain
from wlra_dist.linalg.rows.truncated import Method, Truncated, exact_svd, randomised_svd, truncated_svd
from wlra_dist.linalg.spectral.lanczos import leading_eigenvectors

FLOAT32_EPS = float(np.finfo(np.float32).eps)

seeds = st.integers(0, 2**32 - 1)
METHODS: tuple[Method, ...] = ("sketched", "krylov", "exact")
each_method = pytest.mark.parametrize("method", METHODS)


def power_law(n: int, d: int, exponent: float, seed: int = 0) -> np.ndarray:
    """Singular values about 1, 2^−exponent, 3^−exponent, … ."""
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, d)) @ (np.arange(1, d + 1)[:, None] ** -exponent * rng.standard_normal((d, d)))


def tail(B: np.ndarray, k: int) -> float:
    return float(np.square(np.linalg.svd(B.astype(float), compute_uv=False)[k:]).sum())


def left(B: np.ndarray, found: Truncated) -> float:
    return float(np.linalg.norm(B.astype(float) - found.L.astype(float) @ found.X.astype(float)) ** 2)


@each_method
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@given(n=st.integers(1, 40), d=st.integers(1, 40), k=st.integers(1, 45), decades=st.floats(0, 8), seed=seeds)
def test_small_matrices_are_solved_to_rounding(
    method: Method, dtype: type, n: int, d: int, k: int, decades: float, seed: int
):
    rng = np.random.default_rng(seed)
    B = (rng.standard_normal((n, d)) * 10.0 ** (-decades * np.arange(d) / d)).astype(dtype)
    found = truncated_svd(plain(B), k, method, rng)
    energy = float(np.square(B, dtype=float).sum())
    noise = (200 * np.finfo(dtype).eps) ** 2 * energy
    assert left(B, found) <= (1 + 1e-6) * tail(B, k) + noise
    assert found.energy == pytest.approx(energy, rel=1e-5)


@each_method
@pytest.mark.parametrize("shape", [(1500, 400), (400, 1500)])
@pytest.mark.parametrize("exponent", [0.0, 0.5, 1.0, 2.0])
def test_large_matrices_are_solved_to_the_accuracy_that_the_method_promises(
    method: Method, shape: tuple[int, int], exponent: float
):
    promised = {"sketched": 0.02, "krylov": 0.004, "exact": 1e-9}[method]
    for dtype in (np.float32, np.float64):
        B = power_law(*shape, exponent).astype(dtype)
        best = tail(B, 10)
        found = truncated_svd(plain(B), 10, method, np.random.default_rng(0))
        assert found.X.dtype >= dtype
        assert best * (1 - 1e-6) <= left(B, found) <= best * (1 + promised)
        rounding = 16 * FLOAT32_EPS * found.energy
        assert found.tail == pytest.approx(left(B, found), abs=rounding)


@each_method
@pytest.mark.parametrize("fraction", [1e-4, 1e-8, 1e-12, 1e-16, 1e-22])
def test_tails_that_float32_and_gram_matrices_do_not_see_are_cut_off_rightly(method: Method, fraction: float):
    """Ten directions that make up the energy, then a flat tail of this fraction; entries are float64."""
    rng = np.random.default_rng(1)
    U, V = (np.linalg.qr(rng.standard_normal((size, 300)))[0] for size in (900, 400))
    values = np.concatenate([np.ones(10), np.full(290, np.sqrt(10 * fraction / 290))])
    B = (U * values) @ V.T
    found = truncated_svd(plain(B), 10, method, rng)
    assert left(B, found) <= (1 + 0.02) * tail(B, 10) + 1e-29 * found.energy


def test_a_float32_matrix_with_a_small_tail_is_solved_in_float64():
    rng = np.random.default_rng(2)
    B = (rng.standard_normal((700, 5)) @ rng.standard_normal((5, 300))).astype(np.float32)
    B += np.float32(1e-5) * rng.standard_normal(B.shape).astype(np.float32)
    for method in METHODS:
        found = truncated_svd(plain(B), 5, method, rng)
        assert found.X.dtype == np.float64
        assert left(B, found) <= 1.01 * tail(B, 5)


@each_method
@pytest.mark.parametrize("rank", [0, 1, 7])
def test_rank_deficient_matrices_are_reproduced(method: Method, rank: int):
    rng = np.random.default_rng(3)
    B = rng.standard_normal((600, rank)) @ rng.standard_normal((rank, 300))
    for k in (7, 20, 300, 1000):
        found = truncated_svd(plain(B), k, method, rng)
        assert np.isfinite(found.L).all()
        assert left(B, found) <= 1e-26 * found.energy


@each_method
def test_columns_and_rows_keep_their_own_precision(method: Method):
    """A column of 1e-24 times the size of the others is approximated as well as it is in proportion."""
    rng = np.random.default_rng(4)
    B = power_law(600, 300, 0.5, 4)
    rows, columns = 10.0 ** rng.integers(-24, 1, 600), 10.0 ** rng.integers(-24, 1, 300)
    scaled = rows[:, None] * B * columns
    found = truncated_svd(plain(scaled), 5, method, rng)
    product = (found.L / rows[:, None]) @ (found.X / columns)
    assert np.abs(product).max() <= 1e3 * np.abs(B).max()


@pytest.mark.parametrize("solve", [exact_svd, lambda B, k: randomised_svd(B, k, np.random.default_rng(0))])
def test_neither_layout_nor_unit_matters(solve: Callable[[ArrayRows, int], Truncated]):
    B = power_law(800, 350, 1.0, 5)
    first = left(B, solve(plain(B), 6))
    assert left(B, solve(plain(np.asfortranarray(B)), 6)) == pytest.approx(first, rel=1e-6)
    for power in (-400, -40, -20, 20, 40, 400):  # out of the range of float32, and out of that of its squares
        found = solve(plain(B * 2.0**power), 6)
        assert left(B, Truncated(found.L, found.X / 2.0**power, 0.0)) == pytest.approx(first, rel=0.01)


def test_factors_are_orthogonal_and_ordered():
    found = randomised_svd(plain(power_law(900, 400, 1.0)), 12, np.random.default_rng(0))
    assert np.allclose(found.L.T @ found.L, np.eye(12), atol=16 * FLOAT32_EPS)
    lengths = np.linalg.norm(found.X, axis=1)
    assert np.allclose(found.X @ found.X.T, np.diag(lengths**2), atol=16 * FLOAT32_EPS * lengths[0] ** 2)
    assert (np.diff(lengths) <= 0).all()


@given(d=st.integers(1, 60), k=st.integers(1, 60), rank=st.integers(0, 60), seed=seeds)
def test_leading_eigenvectors_take_what_lapack_takes(d: int, k: int, rank: int, seed: int):
    k = min(k, d)
    F = np.random.default_rng(seed).standard_normal((rank, d))
    G = F.T @ F
    V = leading_eigenvectors(G, k)
    assert np.allclose(V.T @ V, np.eye(k), atol=1e-9)
    assert np.sum(V * (G @ V)) == pytest.approx(np.linalg.eigvalsh(G)[-k:].sum(), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("spectrum", ["flat", "slow", "fast", "two levels", "low rank"])
def test_lanczos_misses_nothing_on_any_spectrum(spectrum: str):
    d, k = 400, 6
    i = np.arange(1, d + 1.0)
    values = {
        "flat": np.ones(d),
        "slow": i**-0.5,
        "fast": 0.5**i,
        "two levels": np.where(i <= 20, 1.0, 0.1),  # k is amid equal ones
        "low rank": np.where(i <= 3, 1.0, 0.0),
    }[spectrum]
    Q = np.linalg.qr(np.random.default_rng(6).standard_normal((d, d)))[0]
    G = (Q * values) @ Q.T
    V = leading_eigenvectors((G + G.T) / 2, k)
    rest = values[k:].sum()
    assert values[:k].sum() - np.sum(V * (G @ V)) <= 1e-9 * rest + 1e-12
