"""OPT to within 1 + ε on different rows and columns (Li et al., Thm 6.1 and 7.1, Lemma 4.1): all ways agree."""

import numpy as np
import pytest

import wlra_dist as wd
from tests.optima.weighted_als import als_loss
from wlra_dist.errors import InputError
from wlra_dist.optima.reduced import of_groups, reduced
from wlra_dist.solvers.distinct.estimate import By, estimate
from wlra_dist.solvers.distinct.nlsat import decided
from wlra_dist.solvers.distinct.regressions import gaussian_sketch, sketch_rows, sketched_regressions
from wlra_dist.solvers.methods.distinct import Distinct
from wlra_dist.weights import DenseWeights


def repeated(p: int, q: int, seed: int, n: int = 30, d: int = 20) -> tuple[np.ndarray, np.ndarray]:
    """A and W (n×d) of p different rows and q different columns, integers."""
    rng = np.random.default_rng(seed)
    A, W = rng.integers(-5, 6, (p, q)) * 1.0, rng.integers(1, 4, (p, q)) * 1.0
    rows, columns = rng.permutation(np.arange(n) % p), rng.permutation(np.arange(d) % q)
    return A[rows][:, columns], W[rows][:, columns]


def loss(A: np.ndarray, W: np.ndarray, X: wd.LowRank) -> float:
    return float(np.square(W * (A - X.U @ X.V)).sum())


@pytest.mark.parametrize("by", ["multipliers", "branch", "z3"])
@pytest.mark.parametrize(("p", "q", "seed"), [(2, 3, 0), (2, 3, 1), (2, 2, 2)])
def test_each_way_encloses_the_optimum_within_epsilon(by: By, p: int, q: int, seed: int):
    if by == "z3":
        pytest.importorskip("z3")
    A, W = repeated(p, q, seed)
    found = estimate(A, W, 1, 0.01, by=by)
    best = als_loss(A, W, 1, starts=20, steps=100)
    assert found.core == (p, q)
    assert found.limit is None
    assert found.upper <= 1.01 * found.lower or found.upper < 1e-9 * np.square(W * A).sum()
    assert found.lower <= best * (1 + 1e-9)
    assert found.upper >= best * (1 - 1e-6)
    assert loss(A, W, found.solution) == pytest.approx(found.upper, rel=1e-9)


def test_bisection_by_z3_closes_an_interval_that_starts_open():
    pytest.importorskip("z3")
    A, W = repeated(2, 3, 1)
    found = estimate(A, W, 1, 1e-6, by="z3")
    assert found.limit is None
    assert found.steps > 0 or found.upper <= (1 + 1e-6) * found.lower


@pytest.mark.parametrize("seed", range(3))
def test_the_warm_up_gives_the_answer_of_the_eliminated_form(seed: int):
    pytest.importorskip("z3")
    rng = np.random.default_rng(seed)
    A, squares = rng.integers(-3, 4, (2, 2)) * 1.0, rng.integers(1, 4, (2, 2)) * 1.0
    least = als_loss(A, np.sqrt(squares), 1, starts=20, steps=200)
    for cost in (0.9 * least - 1e-6, 1.1 * least + 1e-6):
        answers = [decided(A, squares, cost, 20, form).exists for form in ("v eliminated", "warm-up")]
        assert answers == [cost >= least] * 2


@pytest.mark.parametrize(
    ("by", "k", "limit"),
    [
        ("z3", 1, "z3 decides for k = 1, positive weights and at most 3×3: this is 9×10, k = 1"),
        (
            "branch",
            1,
            "branch and bound decides for k = 1, positive weights and at most 8 rows or columns: this is 9×10",
        ),
        ("z3", 2, "this is 9×10, k = 2"),
    ],
)
def test_beyond_its_limit_a_way_says_so_and_gives_the_certified_interval(by: By, k: int, limit: str):
    A, W = repeated(9, 10, 3)
    found = estimate(A, W, k, 1e-9, by=by)
    assert found.limit is not None
    assert limit in found.limit
    assert 0 < found.lower <= found.upper


def test_a_way_that_is_none_is_refused():
    with pytest.raises(InputError, match="one of z3, branch, multipliers, found 'guess'"):
        estimate(np.ones((2, 2)), np.ones((2, 2)), 1, by="guess")  # type: ignore[arg-type]


@pytest.mark.parametrize("k", [1, 2])
def test_solve_finds_factors_for_all_rows_and_columns(k: int):
    A, W = repeated(5, 6, 4, 60, 50)
    whole = np.where(W > 1, A, np.random.default_rng(0).random(A.shape)) if k == 2 else A
    weights = np.where(W > 1, W, 0.0) if k == 2 else W
    found = wd.solve(whole, weights, k, "distinct", certify=False)
    assert isinstance(found.approximation, wd.LowRank)
    assert found.approximation.U.shape == (60, k)
    assert len(np.unique(found.approximation.U, axis=0)) <= 5
    best = als_loss(np.where(weights > 0, whole, 0.0), weights, k, starts=4, steps=100)
    assert found.loss <= best * 1.001 + 1e-9


def test_a_core_and_its_groups_need_no_matrix():
    """Given by generators: the same core as that which is found in the matrix, and factors for a million rows."""
    rng = np.random.default_rng(5)
    A, W, rows, columns = rng.standard_normal((4, 3)), rng.random((4, 3)) + 0.5, np.arange(40) % 4, np.arange(9) % 3
    given, found = of_groups(A, W, rows, columns), reduced(A[rows][:, columns], DenseWeights(W[rows][:, columns]))
    assert np.array_equal(given.A, found.A)
    assert np.array_equal(given.W.W, found.W.W)
    many = of_groups(A, W, np.arange(10**6) % 4, np.arange(10**6) % 3)
    *_, X = Distinct(starts=1).on_core(many, 1, rng)
    U, V = many.spread(X.U, X.V.T)
    assert (len(U), len(V)) == (10**6, 10**6)


def test_sketched_rows_of_the_core_cost_at_most_1_plus_epsilon():
    """The step of Thm 6.1: for the V of an optimum, each row of U by a regression on t = O(k/ε) sketched columns."""
    rng = np.random.default_rng(6)
    epsilon, k = 0.5, 2
    small = of_groups(rng.standard_normal((6, 40)), rng.random((6, 40)) + 0.5, np.arange(60) % 6, np.arange(80) % 40)
    *_, X = Distinct(starts=2).on_core(small, k, rng)
    S = gaussian_sketch(sketch_rows(k, epsilon, 0.1), 40, rng)
    weighted = [small.W.W[i][:, None] * X.V.T for i in range(6)]
    U = np.array(sketched_regressions(weighted, list(small.W.W * small.A), S))
    own, best = loss(small.A, small.W.W, wd.LowRank(U, X.V)), loss(small.A, small.W.W, X)
    assert best <= own <= (1 + epsilon) * best
