"""An interval contains the optimum where that is known, and closes where theory says so; its file proves the same."""

from pathlib import Path

import numpy as np
import pytest

from tests.optima.weighted_als import als_loss
from wlra_dist.errors import InputError
from wlra_dist.optima.enclosure import Enclosure
from wlra_dist.solvers import solve
from wlra_dist.solvers.enclosing import optimum
from wlra_dist.solvers.kept_optimum import check, keep


def low_rank_and_noise(n: int, d: int, k: int, noise: float = 0.1, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    A = rng.standard_normal((n, k)) @ rng.standard_normal((k, d)) + noise * rng.standard_normal((n, d))
    return A, np.exp(rng.standard_normal((n, 8)) / 3) @ np.exp(rng.standard_normal((8, d)) / 3)


def loss(A: np.ndarray, W: np.ndarray, U: np.ndarray, V: np.ndarray) -> float:
    return float(np.square(np.where(W > 0, W * (A - U @ V), 0)).sum())


def test_one_svd_certifies_what_alternating_minimisation_found():
    A, W = low_rank_and_noise(80, 50, 4)
    found = optimum(A, W, 4)
    assert found.how["lower"] == "one SVD at the solution"
    assert found.gap <= 1e-6
    assert found.solution.U.shape == (80, 4)
    assert loss(A, W, found.solution.U, found.solution.V) == pytest.approx(found.upper, rel=1e-9)


def test_weights_of_rank_one_are_an_svd():
    rng = np.random.default_rng(0)
    A, W = rng.standard_normal((20, 12)), np.outer(rng.uniform(0.1, 1, 20), rng.uniform(0.1, 1, 12))
    found = optimum(A, W, 3)
    tail = np.square(np.linalg.svd(W * A, compute_uv=False)[3:]).sum()
    assert found.lower <= tail * (1 + 1e-12)
    assert found.upper >= tail * (1 - 1e-12)
    assert found.gap <= 1e-6


@pytest.mark.parametrize("k", [2, 9])
def test_nothing_is_left_of_data_of_rank_k(k: int):
    A, W = low_rank_and_noise(12, 9, 2, noise=0)
    found = optimum(A, W, k)
    assert 0 <= found.lower <= found.upper <= found.noise
    assert found.gap == 0


@pytest.mark.parametrize(("n", "d", "method"), [(3, 3, ""), (4, 20, "branch and bound")])
def test_small_problems_are_solved(n: int, d: int, method: str):
    rng = np.random.default_rng(5)
    A, W = rng.integers(-9, 10, (n, d)).astype(float), rng.integers(1, 6, (n, d)).astype(float)
    found = optimum(A, W, 1, gap=1e-5)
    assert found.gap <= 1e-5
    assert found.lower <= als_loss(A, W, 1, starts=30, steps=300)
    assert method in found.how["lower"]


def test_missing_entries_say_nothing_and_scale_means_nothing():
    A, W = low_rank_and_noise(40, 25, 2, seed=3)
    W = (np.random.default_rng(4).random(W.shape) < 0.9) * W
    found = optimum(np.where(W > 0, A, np.nan), W, 2, gap=1e-2)
    assert found.gap <= 1e-2
    scaled = optimum(A * 2.0**60, W * 2.0**-20, 2, gap=1e-2)
    assert scaled.upper == found.upper * 4.0**40
    assert scaled.lower == pytest.approx(found.lower * 4.0**40, rel=1e-2)


def test_equal_rows_and_columns_are_solved_once():
    A, W = low_rank_and_noise(15, 10, 2, seed=6)
    rows, columns = np.arange(60) % 15, np.arange(40) % 10
    found = optimum(A[rows][:, columns], W[rows][:, columns], 2)
    once = optimum(A, W, 2)
    assert found.solution.U.shape == (60, 2)
    assert (found.lower, found.upper) == pytest.approx((16 * once.lower, 16 * once.upper), rel=1e-6)


def test_who_watches_sees_the_interval_close():
    A, W = low_rank_and_noise(30, 20, 2, noise=1.0, seed=7)
    seen: list[Enclosure] = []
    found = optimum(A, W, 2, seconds=1.0, watch=lambda _, known: seen.append(known))
    assert [known.lower.value for known in seen] == sorted(known.lower.value for known in seen)
    assert [known.upper.value for known in seen] == sorted((known.upper.value for known in seen), reverse=True)
    assert (seen[-1].lower.value, seen[-1].upper.value) == (found.lower, found.upper) == found.steps[-1][1:]


def test_a_kept_optimum_proves_both_ends_again(tmp_path: Path):
    A, W = low_rank_and_noise(40, 25, 2, seed=8)
    found, path = optimum(A, W, 2), tmp_path / "certificate.npz"
    kept = keep(found, A, W, path)
    assert kept.upper.value == pytest.approx(found.upper, rel=1e-9)
    assert (1 - 2e-7) * found.lower <= kept.lower.value <= found.upper
    k, again = check(path, A, W)
    assert (k, again) == (2, kept)
    _, of_another = check(path, A + 0.01 * np.eye(*A.shape), W)
    assert of_another.lower.value <= of_another.upper.value


def test_a_file_that_was_tampered_with_proves_no_more_than_is_true(tmp_path: Path):
    A, W = low_rank_and_noise(30, 20, 2, seed=9)
    found, path = optimum(A, W, 2), tmp_path / "certificate.npz"
    keep(found, A, W, path)
    with np.load(path) as stored:
        arrays = dict(stored)
    for change in ({"R": 3 * arrays["R"]}, {"root_p": 1.01 * arrays["root_p"]}, {"U": 0 * arrays["U"]}):
        np.savez(path, allow_pickle=False, **(arrays | change))
        _, known = check(path, A, W)
        assert known.lower.value <= found.upper <= known.upper.value * (1 + 1e-9)
    for change in (
        {"format": np.array(9)},
        {"U": arrays["U"][:, :1]},
        {"heights": np.array([7, 7])},
        {"R": arrays["R"][:-1]},
    ):
        np.savez(path, allow_pickle=False, **(arrays | change))
        with pytest.raises(InputError):
            check(path, A, W)
    path.write_bytes(b"PK\3\4 something else")
    with pytest.raises(InputError, match="--keep"):
        check(path, A, W)


def test_solve_says_how_good_it_is():
    A, W = low_rank_and_noise(80, 50, 4)
    quick = solve(A, W, 4, iterations=60).certificate
    assert quick is not None
    assert (quick.how, quick.upper) == ("solution", quick.loss)
    assert quick.lower <= quick.loss
    assert quick.gap is not None
    assert quick.gap <= 1e-6
    assert solve(A, W, 4, certify="no").certificate is None
    quotient = solve(A, W, 4, "reweighted_svd", r=2).certificate
    assert quotient is not None
    assert (quotient.upper, quotient.gap) == (None, None)  # it is of a higher rank, and may be below OPT
    with pytest.raises(InputError, match="quick, tight or no"):
        solve(A, W, 4, certify="somehow")  # pyright: ignore[reportArgumentType]


def test_a_tight_certificate_proves_more_than_a_quick_one():
    rng = np.random.default_rng(1)
    A, W = rng.standard_normal((30, 20)), np.exp(rng.standard_normal((30, 20)))
    quick, tight = (solve(A, W, 2, iterations=50, certify=certify).certificate for certify in ("quick", "tight"))
    assert quick is not None
    assert tight is not None
    assert 0 < quick.lower < tight.lower <= als_loss(A, W, 2)


@pytest.mark.parametrize("noise", [1e-8, 1e-3, 1.0])
@pytest.mark.parametrize("rank", [1, 5, 12])
def test_what_float32_rounds_is_no_loss_below_the_bound(noise: float, rank: int):
    """The product of two factors in float32 is of no rank once it is rounded, and can lose less than OPT."""
    rng = np.random.default_rng(rank)
    A = rng.standard_normal((28, 4)) @ rng.standard_normal((4, 37)) + noise * rng.standard_normal((28, 37))
    for W in (np.ones(A.shape), np.outer(rng.uniform(0.1, 1, 28), rng.uniform(0.1, 1, 37))):
        certificate = solve(A.astype(np.float32), W.astype(np.float32), rank).certificate
        assert certificate is not None
        assert certificate.lower <= certificate.loss
        assert certificate.ratio is None or certificate.ratio >= 1
