"""Every solver that iterates, on inputs at the edge."""

from collections.abc import Iterator

import numpy as np
import pytest

from tests.solvers.weighted import dense, layer, loss
from wlra_dist.solvers.approximation import Solver
from wlra_dist.solvers.methods.adam import Adam
from wlra_dist.solvers.methods.als import Alternating
from wlra_dist.solvers.methods.em import EM
from wlra_dist.solvers.methods.greedy import GreedyPursuit
from wlra_dist.solvers.methods.sample import Sample
from wlra_dist.weights import BlockMask, DenseWeights, LowRankWeights, Weights

SOLVERS: dict[str, Solver] = {
    "em": EM(3),
    "em, root": EM(3, start="svd", scale="root"),
    "em, cut": EM(3, start="svd_w", scale="quantile"),
    "adam": Adam(20),
    "greedy": GreedyPursuit(),
    "greedy, steps": GreedyPursuit("step"),
    "sample": Sample(),
    "als": Alternating(3),
    "als, random": Alternating(3, "random"),
    "als, sketched": Alternating(3, regression="sketched"),
    "als, clipped": Alternating(3, clip=2.0),
}

EXACT: dict[str, Solver] = {
    "sample": Sample(),
    "als": Alternating(60),
    "als, random": Alternating(60, "random"),
    "als, sketched": Alternating(60, regression="sketched"),
}
"""Those that solve least squares problems: an A of low rank comes back."""


def edges() -> Iterator[tuple[str, np.ndarray, np.ndarray, int]]:
    A, W = layer(9, 7)
    yield "one entry", A[:1, :1], W[:1, :1] + 1, 1
    yield "one row", A[:1], W[:1], 1
    yield "one column", A[:, :1], W[:, :1], 1
    yield "more rank than there is", A, W, 12
    yield "no weights", A, np.zeros_like(W), 2
    yield "nothing to approximate", np.zeros_like(A), W, 2
    yield "rank-deficient A", np.multiply.outer(A[:, 0], A[0]), W, 3
    yield "zero rows", A, W * (np.arange(9) % 3 > 0)[:, None], 2
    yield "zero columns", A, W * (np.arange(7) % 3 > 0), 2
    yield "weights down to 1e-24", A, W * np.logspace(0, -24, 63).reshape(9, 7), 2
    yield "rows of weights down to 1e-24", A, W * np.logspace(0, -24, 9)[:, None], 2
    yield "a large A", 1e30 * A, W, 2
    yield "a small A", 1e-30 * A, W, 2
    yield "large weights", A, 1e30 * W, 2
    yield "small weights", A, 1e-30 * W, 2


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("solver", SOLVERS.values(), ids=SOLVERS)
@pytest.mark.parametrize(("A", "W", "k"), [case[1:] for case in edges()], ids=[case[0] for case in edges()])
def test_every_iterate_is_finite_and_the_last_is_sensible(
    solver: Solver, A: np.ndarray, W: np.ndarray, k: int, dtype: type
) -> None:
    before = A.copy()
    *_, X = solver(A.astype(dtype), DenseWeights(W), k, np.random.default_rng(0))
    assert X.shape == A.shape
    assert np.isfinite(dense(X)).all()
    assert dense(X).dtype == dtype or (A.any() and not 1e-12 < np.abs(A).max() < 1e12)
    nothing = float(np.square(W * A).sum())
    if isinstance(solver, Adam) and not A.any():
        return  # from a random start Adam gets near zero, not to it
    assert loss(A, DenseWeights(W), X) <= (1 + 1e-5) * nothing + float(np.finfo(dtype).tiny)
    np.testing.assert_array_equal(A, before)


@pytest.mark.parametrize("solver", EXACT.values(), ids=EXACT)
@pytest.mark.parametrize("k", [2, 4])
def test_an_A_of_low_rank_comes_back(solver: Solver, k: int) -> None:
    rng = np.random.default_rng(0)
    A, W = rng.standard_normal((30, 2)) @ rng.standard_normal((2, 20)), 0.1 + rng.random((30, 20))
    *_, X = solver(A, DenseWeights(W), k, rng)
    assert loss(A, DenseWeights(W), X) <= 1e-10 * np.square(W * A).sum()


@pytest.mark.parametrize("solver", SOLVERS.values(), ids=SOLVERS)
@pytest.mark.parametrize("W", [BlockMask.square(24, 3), LowRankWeights(np.ones((24, 2)), np.ones((2, 24)))])
def test_structured_weights_and_other_layouts_make_no_difference(solver: Solver, W: Weights) -> None:
    A, _ = layer(24, 24)
    *_, X = solver(A, W, 3, np.random.default_rng(0))
    *_, Y = solver(np.asfortranarray(A), DenseWeights(W.dense(slice(None))), 3, np.random.default_rng(0))
    assert loss(A, W, Y) == pytest.approx(loss(A, W, X), rel=1e-6)


@pytest.mark.parametrize("solver", SOLVERS.values(), ids=SOLVERS)
def test_the_scale_of_the_weights_makes_no_difference(solver: Solver) -> None:
    A, W = layer(24, 20)
    *_, X = solver(A, DenseWeights(W), 3, np.random.default_rng(0))
    *_, Y = solver(A, DenseWeights(1024 * W), 3, np.random.default_rng(0))
    np.testing.assert_allclose(dense(Y), dense(X), atol=1e-9)
