"""The fit of W∘W: close to low nonnegative rank, and above W∘W in few rows of any column."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlra_dist.optima.fit import OVERTAKEN, fit

seeds = st.integers(0, 2**32 - 1)


@given(n=st.integers(1, 40), d=st.integers(1, 10), terms=st.integers(1, 4), seed=seeds)
def test_few_rows_of_a_column_are_overtaken(n: int, d: int, terms: int, seed: int):
    rng = np.random.default_rng(seed)
    squares = 10.0 ** rng.uniform(-20, 0, (n, d)) * (rng.random((n, d)) < 0.9)
    P, Q = fit(squares, terms, 10)
    assert P.min() >= 0
    assert Q.min() >= 0
    weighted = squares.any(axis=1)
    over = np.sum((P @ Q.T)[weighted] > squares[weighted] * (1 + 1e-9), axis=0)
    assert np.all(over <= OVERTAKEN * weighted.sum() + 1)


def test_products_are_found():
    """Squares of nonnegative rank one come out as they are, two terms or one."""
    rng = np.random.default_rng(0)
    squares = np.outer(rng.random(20), rng.random(9))
    for terms in (1, 2):
        P, Q = fit(squares, terms, 200)
        assert pytest.approx(squares, rel=1e-3) == P @ Q.T
