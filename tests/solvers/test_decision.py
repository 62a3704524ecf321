"""z3 decides over the real numbers what bounds enclose."""

import numpy as np
import pytest

from wlra_dist.solvers.enclosing import optimum
from wlra_dist.solvers.exact.decision import loses_at_most


@pytest.mark.parametrize(("n", "d"), [(2, 2), (3, 2)])
def test_it_agrees_with_what_is_enclosed(n: int, d: int):
    pytest.importorskip("z3", reason="the extra `exact`")
    rng = np.random.default_rng(n)
    A, W = rng.integers(-9, 10, (n, d)) * 1.0, rng.integers(1, 6, (n, d)) * 1.0
    found = optimum(A, W, 1)
    assert loses_at_most(A, np.square(W), found.lower * (1 - 1e-6)) is False
    assert loses_at_most(A, np.square(W), found.upper * (1 + 1e-6)) is True


@pytest.mark.parametrize("squares", [np.ones((2, 5)), np.array([[1.0, 0.0], [1.0, 1.0]])])
def test_what_is_too_large_or_lacks_a_weight_is_refused(squares: np.ndarray):
    pytest.importorskip("z3", reason="the extra `exact`")
    with pytest.raises(ValueError, match="at most 9 entries, all with a weight"):
        loses_at_most(np.ones(squares.shape), squares, 1.0)
