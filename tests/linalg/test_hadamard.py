"""The Hadamard transform is scipy's matrix; a subsampled one keeps lengths on average, and exactly if all are kept."""

import numpy as np
import pytest
from scipy.linalg import hadamard

from wlra_dist.linalg.hadamard import Srht, transform


@pytest.mark.parametrize("order", [1, 2, 16, 32, 64, 2048])
def test_is_the_matrix_of_hadamard(order: int) -> None:
    X = np.random.default_rng(0).standard_normal((3, 2, order))
    np.testing.assert_allclose(transform(X), X @ hadamard(order) / np.sqrt(order), atol=1e-12)


@pytest.mark.parametrize("d", [1, 3, 64, 100])
def test_all_coordinates_are_an_isometry(d: int) -> None:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((4, d))
    Y = Srht.random(d, 1 << 10, rng)(X)
    np.testing.assert_allclose(Y @ Y.T, X @ X.T, atol=1e-12)


def test_keeps_lengths_on_average() -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal(90) * np.logspace(0, -6, 90)
    mean = np.mean([np.square(Srht.random(90, 16, rng)(x)).sum() for _ in range(2000)])
    assert mean == pytest.approx(np.square(x).sum(), rel=0.03)


def test_float32_stays_float32() -> None:
    rng = np.random.default_rng(0)
    assert Srht.random(5, 3, rng)(np.ones((2, 5), dtype=np.float32)).dtype == np.float32
