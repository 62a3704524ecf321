"""Under a band, what is grown from a piece is A again; an SVD of W∘A leads elsewhere."""

import numpy as np

from wlra_dist.solvers.approximation import LowRank
from wlra_dist.solvers.enclosing import optimum
from wlra_dist.solvers.methods.grown import grown


def banded(n: int, d: int, width: int) -> np.ndarray:
    return (np.abs(np.arange(n)[:, None] * d / n - np.arange(d)) <= width) * 1.0


def low_rank(n: int, d: int, k: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.standard_normal((n, k)) @ rng.standard_normal((k, d))


def loss(A: np.ndarray, W: np.ndarray, X: LowRank) -> float:
    return float(np.square(W * (A - X.U @ X.V)).sum())


def test_a_band_is_followed_from_end_to_end():
    A, W = low_rank(60, 40, 3), banded(60, 40, 6)
    found = grown(A * W, W, 3, [(np.arange(9), np.arange(6))])
    assert loss(A, W, found) <= 1e-9 * float(np.square(W * A).sum())


def test_pieces_that_do_not_hang_together_grow_by_themselves():
    A, W = low_rank(24, 20, 2), np.kron(np.eye(2), np.ones((12, 10)))
    pieces = [(np.arange(4), np.arange(5)), (np.arange(12, 20), np.arange(12, 18)), (np.arange(2, 8), np.arange(3))]
    assert loss(A, W, grown(A * W, W, 2, pieces)) <= 1e-16 * float(np.square(W * A).sum())
    alone = grown(A * W, W, 2, pieces[:1])
    assert not alone.U[12:].any()
    assert not alone.V[:, 10:].any()


def test_the_optimum_under_a_band_is_enclosed():
    """Alternating minimisation from an SVD ends at several times as much."""
    A, W = low_rank(60, 40, 3) + 0.1 * np.random.default_rng(1).standard_normal((60, 40)), banded(60, 40, 6)
    found = optimum(A, W, 3, gap=0.05, seconds=30)
    assert found.gap <= 0.05
    assert "grown" in found.how["upper"]
