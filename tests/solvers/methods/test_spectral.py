"""The solvers that are one SVD: Algorithms 1 and 2 and the unweighted SVD, against what the theorems say of them."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlra_dist.solvers import Approximation, LowRank, Solver
from wlra_dist.solvers.loss import squared_loss, weighted_energy
from wlra_dist.solvers.methods.reweighted_svd import ReweightedSVD
from wlra_dist.solvers.methods.svd import SVD
from wlra_dist.solvers.methods.svd_w import SVDW, marginals
from wlra_dist.weights import BlockMask, DenseWeights, LowRankWeights, Weights
from wlra_dist.weights.loss import weighted_loss
from wlra_dist.weights.reweighted import ReweightedBlock

seeds = st.integers(0, 2**32 - 1)
sides = st.integers(1, 12)

SPECTRAL: dict[str, Solver] = {"reweighted_svd": ReweightedSVD(r=1), "svd_w": SVDW(), "svd": SVD()}
each_solver = pytest.mark.parametrize("name", SPECTRAL)


def answer(solver: Solver, A: np.ndarray, W: Weights, k: int, seed: int = 0) -> Approximation:
    (only,) = solver(A, W, k, np.random.default_rng(seed))
    assert only.shape == A.shape
    return only


def dense(approximation: Approximation) -> np.ndarray:
    return approximation.columns(np.arange(approximation.shape[1]))


def tail(B: np.ndarray, k: int) -> float:
    return float(np.square(np.linalg.svd(B, compute_uv=False)[k:]).sum())


def drawn(n: int, d: int, seed: int) -> tuple[np.random.Generator, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng, rng.standard_normal((n, d))


@given(n=sides, d=sides, k=st.integers(1, 14), r=st.integers(1, 3), seed=seeds)
def test_algorithm_1_is_no_worse_than_the_best_of_rank_k(n: int, d: int, k: int, r: int, seed: int):
    """Thm 1.2: its loss is the tail of W∘A beyond rank rk, and no matrix of rank k has a smaller one."""
    rng, A = drawn(n, d, seed)
    W = LowRankWeights(rng.random((n, r)), rng.random((r, d)))
    B = W.dense(slice(None)) * A
    loss = squared_loss(A, W, answer(ReweightedSVD(), A, W, k))
    noise = 1e-24 * np.square(B).sum()
    assert loss == pytest.approx(tail(B, r * k), rel=1e-9, abs=noise)
    for rival in (SVDW(), SVD()):
        assert loss <= squared_loss(A, W, answer(rival, A, W, k)) * (1 + 1e-9) + noise


@given(n=sides, d=sides, k=st.integers(1, 14), seed=seeds)
def test_algorithm_2_is_optimal_for_weights_of_rank_one(n: int, d: int, k: int, seed: int):
    rng, A = drawn(n, d, seed)
    W = np.exp(3 * rng.standard_normal((n, 1))) * np.exp(3 * rng.standard_normal((1, d)))
    found = answer(SVDW(), A, DenseWeights(W), k)
    assert squared_loss(A, DenseWeights(W), found) == pytest.approx(tail(W * A, k), rel=1e-6, abs=1e-22 * np.sum(W**2))
    assert np.linalg.matrix_rank(dense(found)) <= k


@each_solver
@given(n=sides, d=sides, k=st.integers(1, 14), seed=seeds)
def test_equal_weights_are_no_weights(name: str, n: int, d: int, k: int, seed: int):
    A = drawn(n, d, seed)[1]
    found = answer(SPECTRAL[name], A, DenseWeights(np.full((n, d), 0.5)), k)
    assert squared_loss(A, DenseWeights(np.ones((n, d))), found) == pytest.approx(tail(A, k), rel=1e-9, abs=1e-22)


@each_solver
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_loss_is_that_of_the_columns(name: str, dtype: type):
    rng, A = drawn(40, 30, 1)
    A = A.astype(dtype)
    kinds: list[Weights] = [
        DenseWeights(rng.random((40, 30)) * (rng.random((40, 30)) < 0.7)),
        LowRankWeights(rng.random((40, 2)), rng.random((2, 30))),
        BlockMask(rng.integers(0, 3, 40), rng.integers(0, 3, 30)),
    ]
    for W in kinds:
        found = answer(SPECTRAL[name], A, W, 4)
        direct = np.square(W.dense(slice(None)) * (A - dense(found))).sum()
        assert squared_loss(A, W, found) == pytest.approx(direct, rel=1e-5)
        if isinstance(found, ReweightedBlock):
            assert weighted_loss(A, found) == pytest.approx(direct, rel=1e-5)


def test_the_energy_is_the_loss_of_nothing():
    rng, A = drawn(300, 200, 2)
    W = rng.random((300, 200))
    assert weighted_energy(A, DenseWeights(W)) == pytest.approx(np.square(W * A).sum())
    nothing = LowRank(np.zeros((300, 1)), np.zeros((1, 200)))
    assert squared_loss(A, DenseWeights(W), nothing) == pytest.approx(np.square(W * A).sum())


def fisher_like(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """Weights as real Fisher matrices have them: near rank one, with exact zeros, dead rows and columns, 1e-24."""
    W = np.exp(rng.standard_normal((n, 1))) * np.exp(rng.standard_normal((1, d))) * rng.uniform(0.5, 1.5, (n, d))
    W *= 10.0 ** rng.choice([0.0, -4.0, -12.0, -24.0], (n, d), p=[0.85, 0.05, 0.05, 0.05])
    W[rng.random((n, d)) < 0.05] = 0
    W[rng.random(n) < 0.1] = 0
    W[:, rng.random(d) < 0.1] = 0
    W[rng.random(n) < 0.1] *= 1e-24
    W[:, rng.random(d) < 0.1] *= 1e-24
    return W


@each_solver
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@given(k=st.integers(1, 30), seed=st.integers(0, 50))
def test_zeros_and_tiny_weights_are_sound(name: str, dtype: type, k: int, seed: int):
    """svd_w gains on the unweighted SVD where weights differ, and stays finite where W^{∘-1} would be 1e24 or ∞."""
    rng = np.random.default_rng(seed)
    A = (rng.standard_normal((40, 20)) @ (np.arange(1, 21)[:, None] ** -1.0 * rng.standard_normal((20, 30)))).astype(
        dtype
    )
    W = DenseWeights(fisher_like(rng, 40, 30).astype(dtype))
    found = answer(SPECTRAL[name], A, W, k)
    assert np.isfinite(dense(found)).all()
    loss = squared_loss(A, W, found)
    assert loss <= weighted_energy(A, W) * (1 + 1e-6)
    if name == "svd_w":
        assert np.abs(dense(found)).max() <= 100 * np.abs(A).max()
        assert loss <= 1.5 * squared_loss(A, W, answer(SVD(), A, W, k)) + 1e-9 * weighted_energy(A, W)


@given(n=sides, d=sides, seed=seeds)
def test_marginals_are_positive_unless_a_row_or_column_is_zero(n: int, d: int, seed: int):
    rng = np.random.default_rng(seed)
    W = 10.0 ** -rng.uniform(0, 24, (n, d)) * (rng.random((n, d)) < 0.6)
    u, v = marginals(DenseWeights(W))
    assert np.array_equal(u > 0, W.any(axis=1))
    assert np.array_equal(v > 0, W.any(axis=0))
    assert np.allclose(u * W.sum(axis=1).max(), W.sum(axis=1), rtol=1e-12, atol=0)


@each_solver
@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (7, 1), (6, 9), (9, 6)])
@pytest.mark.parametrize("k", [1, 6, 20])
def test_corner_cases(name: str, shape: tuple[int, int], k: int):
    A = drawn(*shape, 3)[1]
    A[0], A[:, -1] = 0, 0
    zero = DenseWeights(np.zeros(shape))
    assert squared_loss(A, zero, answer(SPECTRAL[name], A, zero, k)) == 0
    ones = DenseWeights(np.ones(shape))
    of_zero = answer(SPECTRAL[name], np.zeros(shape), ones, k)
    assert not dense(of_zero).any()
    if k >= 6:
        assert squared_loss(A, ones, answer(SPECTRAL[name], A, ones, k)) <= 1e-25 * np.square(A).sum()


@each_solver
def test_rank_deficient_matrices_are_found(name: str):
    rng = np.random.default_rng(4)
    A = rng.standard_normal((500, 3)) @ rng.standard_normal((3, 300))
    W = DenseWeights(rng.random((500, 1)) @ rng.random((1, 300)))
    for k in (3, 10, 400):
        assert squared_loss(A, W, answer(SPECTRAL[name], A, W, k)) <= 1e-24 * weighted_energy(A, W)


@each_solver
@given(seed=seeds, power=st.integers(-30, 30))
def test_the_units_of_weights_do_not_matter(name: str, seed: int, power: int):
    rng, A = drawn(9, 7, seed)
    W = rng.random((9, 7))
    one, other = (answer(SPECTRAL[name], A, DenseWeights(W * unit), 2) for unit in (1.0, 2.0**power))
    assert np.allclose(dense(one), dense(other), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(
    "make", [lambda svd: ReweightedSVD(rank=4, svd=svd), lambda svd: SVDW(svd), lambda svd: SVD(svd)]
)
def test_the_accuracy_of_the_svd_is_an_option(make: Callable[[str], Solver]):
    rng = np.random.default_rng(5)
    A = rng.standard_normal((700, 300)) @ (np.arange(1, 301)[:, None] ** -0.7 * rng.standard_normal((300, 300)))
    W = LowRankWeights(rng.random((700, 1)), rng.random((1, 300)))
    sketched, krylov, exact = (
        squared_loss(A, W, answer(make(svd), A, W, 4)) for svd in ("sketched", "krylov", "exact")
    )
    if make("exact") != SVD("exact"):
        assert exact == pytest.approx(tail(W.dense(slice(None)) * A, 4), rel=1e-9)
        assert exact * (1 - 1e-9) <= krylov <= 1.004 * exact
        assert exact * (1 - 1e-9) <= sketched <= 1.02 * exact
    assert make("exact") == make("exact")


def test_structured_weights_are_not_formed(monkeypatch: pytest.MonkeyPatch):
    """All n×d of them at once, that is."""
    rng, A = drawn(3000, 300, 6)
    formed: list[int] = []
    whole = LowRankWeights.dense

    def watched(self: LowRankWeights, columns: np.ndarray | slice) -> np.ndarray:
        W = whole(self, columns)
        formed.append(W.size)
        return W

    monkeypatch.setattr(LowRankWeights, "dense", watched)
    W = LowRankWeights(rng.random((3000, 2)), rng.random((2, 300)))
    for solver in SPECTRAL.values():
        squared_loss(A, W, answer(solver, A, W, 5))
    assert max(formed, default=0) <= A.size // 4
