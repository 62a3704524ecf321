"""Lemma 3.8 of Li et al.: many regressions under one Gaussian sketch cost (1 + ε) of what they cost without it."""

import numpy as np
import pytest

from wlra_dist.solvers.distinct.regressions import gaussian_sketch, sketch_rows, sketched_regressions


def problems(rng: np.random.Generator, n: int, k: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Five, of which two have the same A and one fits exactly."""
    matrices = [rng.standard_normal((n, k)) * rng.random(k) for _ in range(4)]
    targets = [rng.standard_normal(n) for _ in range(4)]
    return [*matrices, matrices[0]], [*targets[:3], matrices[3] @ np.ones(k), targets[1]]


def cost(matrices: list[np.ndarray], targets: list[np.ndarray], solutions: list[np.ndarray]) -> float:
    return sum(float(np.square(A @ x - b).sum()) for A, b, x in zip(matrices, targets, solutions, strict=True))


@pytest.mark.parametrize(("k", "t"), [(1, 6), (3, 12), (3, 30)])
def test_the_mean_excess_is_k_over_t_less_k_less_1_of_the_least_cost(k: int, t: int):
    rng = np.random.default_rng(k + t)
    matrices, targets = problems(rng, 40, k)
    least = cost(matrices, targets, [np.linalg.lstsq(A, b)[0] for A, b in zip(matrices, targets, strict=True)])
    costs = [
        cost(matrices, targets, sketched_regressions(matrices, targets, gaussian_sketch(t, 40, rng)))
        for _ in range(400)
    ]
    assert min(costs) >= least * (1 - 1e-12)
    assert np.mean(costs) / least - 1 == pytest.approx(k / (t - k - 1), rel=0.25)


def test_with_the_rows_of_the_lemma_the_sum_is_within_1_plus_epsilon():
    rng = np.random.default_rng(0)
    k, epsilon, fails = 2, 0.3, 0.1
    matrices, targets = problems(rng, 60, k)
    least = cost(matrices, targets, [np.linalg.lstsq(A, b)[0] for A, b in zip(matrices, targets, strict=True)])
    t = sketch_rows(k, epsilon, fails)
    over = 0
    for _ in range(100):
        found = sketched_regressions(matrices, targets, gaussian_sketch(t, 60, rng))
        over += cost(matrices, targets, found) > (1 + epsilon) * least
    assert over <= 100 * fails


def test_the_rows_grow_like_k_over_epsilon():
    assert sketch_rows(8, 0.1) / sketch_rows(4, 0.1) == pytest.approx(2, rel=0.01)
    assert sketch_rows(4, 0.05) / sketch_rows(4, 0.1) == pytest.approx(2, rel=0.01)
