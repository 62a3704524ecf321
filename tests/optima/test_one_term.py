"""What one term proves is what `guarded` proves of the same multipliers, whatever vectors it is told of."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.optima.weighted_als import als_loss
from wlra_dist.linalg.spectral.spectrum import tail_energy
from wlra_dist.optima.certificate import NONE
from wlra_dist.optima.guarded import energy_beyond, guarded_bound
from wlra_dist.optima.one_term import OneTerm, touching
from wlra_dist.optima.terms import Term
from wlra_dist.solvers import solve
from wlra_dist.solvers.approximation import LowRank
from wlra_dist.solvers.quick import quick_bound
from wlra_dist.weights import DenseWeights

seeds = st.integers(0, 2**32 - 1)


def drawn(n: int, d: int, k: int, noise: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A of rank k and noise, W of rank 2 without zeros."""
    A = rng.standard_normal((n, k)) @ rng.standard_normal((k, d)) + noise * rng.standard_normal((n, d))
    return A, rng.uniform(0.1, 1, (n, 2)) @ rng.uniform(0.1, 1, (2, d))


@given(n=st.integers(1, 9), d=st.integers(1, 9), decades=st.integers(0, 30), seed=seeds)
def test_a_term_touches_the_weights_from_below_and_is_nowhere_above(n: int, d: int, decades: int, seed: int):
    squares = 10.0 ** -np.random.default_rng(seed).uniform(0, decades, (n, d))
    p, q = touching(squares)
    share = np.outer(p, q) / squares
    assert share.max() < 1 - 0.9e-9
    assert share.max(axis=0) == pytest.approx(1)


@settings(max_examples=200)
@given(
    b=st.integers(2, 9),
    k=st.integers(1, 4),
    near=st.sampled_from([0.0, 1e-9, 1e-3, 1.0]),
    ties=st.booleans(),
    seed=seeds,
)
def test_no_vectors_make_a_tail_larger_than_it_is(b: int, k: int, near: float, ties: bool, seed: int):
    rng, k = np.random.default_rng(seed), min(k, b - 1)
    Y = rng.integers(-1, 2, (12, b)).astype(float) if ties else rng.standard_normal((12, b)) * 0.1 ** np.arange(b)
    V = np.linalg.svd(Y)[2][:k].T + near * rng.standard_normal((b, k))
    tail = tail_energy(Y, k)
    assert energy_beyond(Y.T @ Y, k, len(Y), V) <= tail
    assert energy_beyond(Y.T @ Y, k, len(Y)) == pytest.approx(tail, rel=1e-6, abs=1e-11 * np.square(Y).sum())


@settings(max_examples=60, deadline=None)
@given(n=st.integers(3, 12), k=st.integers(1, 2), size=st.sampled_from([0.0, 0.3, 30.0]), seed=seeds)
def test_the_bound_is_that_of_guarded_at_any_multipliers(n: int, k: int, size: float, seed: int):
    rng = np.random.default_rng(seed)
    A, W = drawn(n, 3, k, 0.3, rng)
    one, R = OneTerm.of(A, np.square(W / W.max()), k), size * rng.standard_normal((n, 3))
    terms = [Term(np.arange(n), np.arange(3), one.root_p, one.root_q)]
    expected = guarded_bound(A, one.squares, k, terms, [R])
    assert one.bound(R) == pytest.approx(expected, rel=1e-6, abs=1e-10 * (np.square(R).sum() + np.square(A).sum()))


@pytest.mark.parametrize("shape", [(60, 40), (40, 60)])
@pytest.mark.parametrize(("noise", "name", "share"), [(0.1, "solution", 1 - 1e-7), (8.0, "multipliers", 0.6)])
def test_a_solution_is_proven_as_far_as_its_own_multipliers_reach(
    shape: tuple[int, int], noise: float, name: str, share: float
):
    A, W = drawn(*shape, 3, noise, np.random.default_rng(0))
    found = solve(A, W, 3, iterations=60)
    certificate = found.certificate
    assert certificate is not None
    assert certificate.bound == name
    assert share * found.loss <= certificate.lower <= als_loss(A, W, 3, steps=300)


def test_what_is_no_solution_proves_no_more_than_is_true():
    rng = np.random.default_rng(1)
    A, W = drawn(30, 20, 2, 0.5, rng)
    X = LowRank(rng.standard_normal((30, 2)), rng.standard_normal((2, 20)))
    assert quick_bound(A, DenseWeights(W), 2, X, np.inf)[1] <= als_loss(A, W, 2)
    W[3], W[:, 4] = 0, 0
    dark = quick_bound(A, DenseWeights(W), 2, X, np.inf)[1]
    rest = np.delete(np.delete(W, 3, 0), 4, 1), LowRank(np.delete(X.U, 3, 0), np.delete(X.V, 4, 1))
    assert dark == quick_bound(np.delete(np.delete(A, 3, 0), 4, 1), DenseWeights(rest[0]), 2, rest[1], np.inf)[1]
    W[5, 6] = 0
    assert 0 < quick_bound(A, DenseWeights(W), 2, X, np.inf)[1] <= als_loss(A, W, 2)
    np.fill_diagonal(W, 0)
    assert quick_bound(A[:20], DenseWeights(W[:20]), 2, LowRank(X.U[:20], X.V), np.inf) == (NONE, 0.0)
