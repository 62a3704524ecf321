"""Small weighted problems, and their losses from dense matrices."""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from wlra_dist.solvers.approximation import Approximation
from wlra_dist.weights import Weights


def layer(n: int, d: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A with falling singular values and lognormal weights near rank one, some of them zero."""
    rng = np.random.default_rng(seed)
    A = rng.standard_normal((n, d)) @ np.diag(1 / (1 + np.arange(d))) @ rng.standard_normal((d, d))
    W = np.multiply.outer(rng.lognormal(size=n), rng.lognormal(size=d)) * rng.lognormal(sigma=0.5, size=(n, d))
    return A, W * (rng.random((n, d)) < 0.95)


def dense(X: Approximation) -> np.ndarray:
    return X.columns(np.arange(X.shape[1]))


def loss(A: np.ndarray, W: Weights, X: Approximation) -> float:
    """‖W∘(A − Ã)‖_F²."""
    return float(np.square(W.dense(slice(None)) * (A - dense(X).astype(float))).sum())


def never_rises(A: np.ndarray, W: Weights, iterates: Iterable[Approximation], start: Approximation | None) -> bool:
    """Up to rounding, relative to the largest of ‖W∘A‖² and the first loss."""
    losses = [loss(A, W, X) for X in ([start] if start else []) + list(iterates)]
    noise = 1e-12 * max(float(np.square(W.dense(slice(None)) * A).sum()), losses[0])
    return all(after <= before + noise for before, after in pairwise(losses))
