"""A minorant is below W∘W in exact arithmetic, and the ascent makes it better."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlra_dist.linalg.spectral.spectrum import tail_energy
from wlra_dist.optima import ascent
from wlra_dist.optima.ascent import ascend
from wlra_dist.optima.fit import fit
from wlra_dist.optima.minorant import minorant_bound, under

seeds = st.integers(0, 2**32 - 1)
sides = st.integers(1, 6)


def weights(n: int, d: int, decades: int, rng: np.random.Generator) -> np.ndarray:
    """In [0, 1], a few of them 0."""
    return 10.0 ** -rng.uniform(0, decades, (n, d)) * (rng.random((n, d)) < 0.9)


@given(n=sides, d=sides, terms=st.integers(1, 4), decades=st.sampled_from([1, 12, 200]), seed=seeds)
def test_a_minorant_is_below_in_rationals(n: int, d: int, terms: int, decades: int, seed: int):
    rng = np.random.default_rng(seed)
    W = weights(n, d, decades, rng)
    P, Q = weights(n, terms, decades, rng), weights(d, terms, decades, rng)
    minorant = under(W**2, P, Q)
    for i in range(n):
        for j in range(d):
            products = (Fraction(p) * Fraction(q) for p, q in zip(minorant.P[i], minorant.Q[j], strict=True))
            assert sum(products) <= Fraction(W[i, j]) ** 2


@given(n=st.integers(2, 6), d=st.integers(2, 6), seed=seeds)
def test_a_minorant_touches(n: int, d: int, seed: int):
    """Where nothing is zero, every row and every column of W∘W is reached somewhere."""
    rng = np.random.default_rng(seed)
    squares = rng.uniform(0.1, 1, (n, d))
    minorant = under(squares, rng.uniform(0.1, 1, (n, 2)), rng.uniform(0.1, 1, (d, 2)))
    tightness = minorant.P @ minorant.Q.T / squares
    assert tightness.max(axis=0) == pytest.approx(np.ones(d))
    assert tightness.max(axis=1) == pytest.approx(np.ones(n))


@given(n=st.integers(2, 8), d=st.integers(2, 8), k=st.integers(1, 2), seed=seeds)
def test_the_bound_is_that_of_the_svds(n: int, d: int, k: int, seed: int):
    rng = np.random.default_rng(seed)
    A = rng.standard_normal((n, d))
    P = rng.random((n, 2)) * (rng.random((n, 2)) < 0.7)
    minorant = under(rng.random((n, d)), P, rng.random((d, 2)))
    weighted = [np.sqrt(np.outer(p, q)) * A for p, q in zip(minorant.P.T, minorant.Q.T, strict=True)]
    bound = minorant_bound(A, minorant, k)
    assert bound == pytest.approx(sum(tail_energy(D, k) for D in weighted), rel=1e-6, abs=1e-20)


@pytest.mark.parametrize("decades", [0.5, 1, 12])
def test_the_ascent_raises_the_bound(decades: float):
    rng = np.random.default_rng(3)
    squares = np.square(weights(60, 30, 1, rng) * 10.0 ** -rng.uniform(0, decades, (1, 30)))
    squares[:, :3] = 0
    squares[rng.random((60, 30)) < 0.01] *= 1e-20
    A = rng.standard_normal((60, 30))
    P, Q = fit(squares, 4, 30)
    before = minorant_bound(A, under(squares, P, Q), 3)
    after = minorant_bound(A, under(squares, *ascend(A, squares, P, Q, 3, 30)), 3)
    assert after > 1.05 * before > 0


def test_gains_are_the_gradient_of_the_bound():
    """Against a difference quotient of the sum of tails in log P and log Q."""
    rng = np.random.default_rng(4)
    A, P, Q = rng.standard_normal((9, 7)), rng.random((9, 2)), rng.random((7, 2))

    def bound(P: np.ndarray, Q: np.ndarray) -> float:
        return sum(tail_energy(np.sqrt(np.outer(p, q)) * A, 2) for p, q in zip(P.T, Q.T, strict=True))

    vectors = [np.linalg.svd(np.sqrt(np.outer(p, q)) * A)[2][:2].T for p, q in zip(P.T, Q.T, strict=True)]
    gains = ascent._gains(A, A * A, P, Q, np.stack(vectors, axis=1))  # noqa: SLF001  the ascent's own slope
    change = 1e-6
    for i in range(9):
        raised = P * np.where(np.arange(9) == i, 1 + change, 1.0)[:, None]
        assert (bound(raised, Q) - bound(P, Q)) / change == pytest.approx(gains.rows[i].sum(), rel=1e-4)
    for j in range(7):
        raised = Q * np.where(np.arange(7) == j, 1 + change, 1.0)[:, None]
        assert (bound(P, raised) - bound(P, Q)) / change == pytest.approx(gains.columns[j].sum(), rel=1e-4)
