"""Estimates of sums of squares: unbiased, and their bounds are broken no more often than is stated."""

import numpy as np
import pytest

from wlra_dist.linalg.estimate import Estimate

TRIALS = 2000


def drawn(values: np.ndarray, rows: int) -> list[Estimate]:
    """Estimates of the sum of these eigenvalues, from so many Gaussian rows each."""
    rng, found = np.random.default_rng(0), []
    for _ in range(TRIALS):
        D = rng.standard_normal((rows, len(values))) * np.sqrt(values)
        eigenvalues = np.maximum(np.linalg.eigvalsh(D @ D.T), 0.0)
        found.append(Estimate.of_eigenvalues(eigenvalues, rows).times(1 / rows))
    return found


SPECTRA = {
    "one": (np.ones(1), 60),
    "flat": (np.ones(200), 6),
    "power": (1 / np.arange(1.0, 40) ** 2, 30),
    "few": (np.array([8.0, 4, 2, 1]), 20),
}


@pytest.mark.parametrize("name", SPECTRA)
def test_the_mean_and_the_variance_are_right(name: str):
    values, rows = SPECTRA[name]
    found = drawn(values, rows)
    spread = float(np.std([one.value for one in found])) / np.sqrt(TRIALS)
    assert np.mean([one.value for one in found]) == pytest.approx(values.sum(), abs=4 * spread)
    assert np.mean([one.variance for one in found]) == pytest.approx(2 * np.square(values).sum() / rows, rel=0.12)


@pytest.mark.parametrize("chance", [0.05, 0.005])
@pytest.mark.parametrize("name", SPECTRA)
def test_bounds_are_broken_as_often_as_is_stated(name: str, chance: float):
    values, rows = SPECTRA[name]
    found, total = drawn(values, rows), float(values.sum())
    above = np.mean([one.at_most(chance) < total for one in found])
    below = np.mean([one.at_least(chance) > total for one in found])
    assert max(above, below) <= 2 * chance + 0.005
    assert max(above, below) >= chance / 8 or chance < 0.01


def test_nothing_seen_is_nothing():
    assert Estimate().at_most(0.01) == Estimate().at_least(0.01) == 0.0


def test_independent_estimates_add_up():
    both = Estimate(3.0, 0.5) + Estimate(1.0, 0.25).times(2.0)
    assert both == Estimate(5.0, 1.5)
