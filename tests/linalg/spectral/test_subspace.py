"""The leading subspace: its dimensions, what they leave, and as few of them as a tail needs."""

import numpy as np
import pytest
from scipy.sparse import csc_array

from wlra_dist.linalg.blocks import energy, gram
from wlra_dist.linalg.spectral.subspace import (
    FIRST_GUESS,
    Subspace,
    leading_subspace,
    subspace_for,
    subspace_of_gram,
    subspace_of_gram_for,
)

layouts = pytest.mark.parametrize("layout", [np.asarray, csc_array])
SIGMA = np.linspace(3.0, 1.0, 70)


def matrix(sigma: np.ndarray, n: int = 72, d: int = 80) -> np.ndarray:
    rng = np.random.default_rng(0)
    U, V = (np.linalg.qr(rng.standard_normal((side, len(sigma))))[0] for side in (n, d))
    return U * sigma @ V.T


def is_that_of(found: Subspace, B: np.ndarray, K: int) -> None:
    """Its basis and all that it says of B, against numpy's SVD."""
    _, sigma, Vt = np.linalg.svd(B)
    assert found.V.shape == (B.shape[1], K)
    assert np.allclose(found.V.T @ found.V, np.eye(K), atol=1e-8)
    assert np.allclose(found.squares, sigma[:K] ** 2, rtol=1e-8)
    projected = B - B @ Vt[:K].T @ Vt[:K]
    assert np.allclose(B @ found.V @ found.V.T, B - projected, atol=1e-6)
    assert np.allclose(found.outside, np.square(projected).sum(axis=0), atol=1e-8 * energy(B))
    assert np.allclose(found.tails, [np.square(sigma[k:]).sum() for k in range(K + 1)], atol=1e-8 * energy(B))


@layouts
@pytest.mark.parametrize("K", [0, 1, 7])
@pytest.mark.parametrize("shape", [(12, 9), (9, 12)])
def test_the_first_dimensions_are_those_of_the_svd(layout, K: int, shape: tuple[int, int]):
    B = np.random.default_rng(1).standard_normal(shape)
    is_that_of(leading_subspace(layout(B), K), B, K)
    is_that_of(subspace_of_gram(gram(layout(B)), K, 1e-14), B, K)
    is_that_of(leading_subspace(layout(B), 9).first(K), B, K)


@layouts
@pytest.mark.parametrize("needed", [1, FIRST_GUESS, FIRST_GUESS + 1, 2 * FIRST_GUESS + 1, 70])
def test_as_few_dimensions_as_leave_the_tail(layout, needed: int):
    B = matrix(SIGMA)
    tails = np.append(np.cumsum(SIGMA[::-1] ** 2)[::-1], 0.0)  # of 0, 1, … dimensions
    found = subspace_for(layout(B), (tails[needed - 1] + tails[needed]) / 2)
    assert len(found.squares) == needed
    is_that_of(found, B, needed)


def test_of_a_wide_gram_matrix_as_few_as_leave_the_tail():
    """450 columns: the first guess is found without all of LAPACK's eigenvectors, twice as many with them."""
    B = matrix(SIGMA, 72, 450)
    tails, G = np.append(np.cumsum(SIGMA[::-1] ** 2)[::-1], 0.0), gram(B)
    for needed in (1, FIRST_GUESS + 1):
        found = subspace_of_gram_for(G, (tails[needed - 1] + tails[needed]) / 2, 1e-12)
        assert len(found.squares) == needed
        is_that_of(found, B, needed)
    assert len(subspace_of_gram_for(G, 0.0, 1e-12).squares) == len(SIGMA)


def test_no_dimension_is_needed_where_all_may_be_left_and_all_where_nothing_may():
    B = matrix(SIGMA)
    assert len(subspace_for(B, 1.01 * energy(B)).squares) == 0
    assert len(subspace_for(B, 0.0).squares) == len(SIGMA)
    assert len(subspace_for(matrix(SIGMA[:5]), 0.0).squares) == 5


def test_dimensions_below_the_noise_are_none():
    G = np.diag([1e-3, 4.0, 0.0, 1e-9])
    assert [len(subspace_of_gram(G, 4, noise).squares) for noise in (1e-12, 1e-6, 1e-2)] == [3, 2, 1]
    assert len(subspace_of_gram(G, 2, 1e-12).squares) == 2
