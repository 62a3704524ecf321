"""Rounding in a norm: errors cost what they are said to cost, and what nobody sees is free."""

import numpy as np
import pytest

from tests.models.made import low_rank, moments
from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.models.norms import Elementwise, Moments
from wlra_dist.models.rounding import Costs, RoundedMatrix, inverse_root, rounded


def read_again(value: RoundedMatrix) -> tuple[RoundedMatrix, int]:
    out = BitWriter()
    value.write(out)
    return RoundedMatrix.read(value.shape, BitReader(out.payload(), out.bits)), out.bits


@pytest.mark.parametrize("shape", [(40, 30), (1, 200), (300, 1), (7, 700)])
def test_what_is_written_is_read(shape: tuple[int, int]):
    A = low_rank(*shape, 1)
    value = rounded(A, Costs(np.ones(len(A)), np.linspace(0, 3, shape[1])), 0.1)
    again, _ = read_again(value)
    assert np.array_equal(again.matrix, value.matrix)


@pytest.mark.parametrize("step", [1e-3, 1e-1, 1.0])
def test_the_error_is_that_of_the_step(step: float):
    A = low_rank(60, 50, 50)
    error = A - rounded(A, Costs(np.ones(60), np.ones(50)), step).matrix
    assert np.square(error).mean() < step**2 / 2


def test_a_root_of_an_inverse_is_triangular_and_one():
    M = moments(20, 100)
    U = inverse_root(M)
    assert np.allclose(U, np.triu(U))
    assert np.allclose(U.T @ U @ M, np.eye(20))


def test_errors_are_made_good_by_the_columns_that_follow():
    """With correlated inputs, feedback loses far less in no more bits."""
    A, C = low_rank(200, 160, 160), moments(160, 400)
    norm = Moments.of(A, C)
    plain = rounded(A, Costs(np.ones(200), norm.costs.columns), 0.3)
    fed_back = rounded(A, norm.costs, 0.3)
    losses = [norm.loss(A - value.matrix) for value in (plain, fed_back)]
    bits = [read_again(value)[1] for value in (plain, fed_back)]
    assert losses[1] + 0.25 * 0.3**2 * bits[1] < 0.85 * (losses[0] + 0.25 * 0.3**2 * bits[0])


def test_dead_inputs_are_free():
    A, C = low_rank(50, 40, 40), moments(40, 200)
    C[20:], C[:, 20:] = 0.0, 0.0
    assert not rounded(A, Moments.of(A, C).costs, 0.1).matrix[:, 20:].any()


@pytest.mark.parametrize("scale", [1e-20, 1.0, 1e20])
@pytest.mark.parametrize("inputs", [5, 500])
def test_the_best_matrix_in_the_norm_of_inputs_meets_its_bound(scale: float, inputs: int):
    A, C = low_rank(30, 24, 24), moments(24, inputs) * scale
    C = C - 1e-15 * scale * np.eye(24)  # indefinite by rounding
    norm = Moments.of(A, C)
    L, R = norm.factors(4)
    bound = norm.bound(4)
    assert bound is not None
    assert np.isclose(norm.loss(A - L @ R), bound, rtol=1e-6, atol=1e-12 * norm.energy)
    B = A @ np.real(np.linalg.cholesky(C / np.abs(C).max() + 1e-9 * np.eye(24)))
    assert np.isclose(np.square(np.linalg.svd(B)[1][4:]).sum(), bound, rtol=1e-3, atol=1e-6 * norm.energy)


@pytest.mark.parametrize("k", [1, 5])
def test_no_matrix_is_below_the_bound(k: int):
    A, C = low_rank(30, 24, 24), moments(24, 100)
    W = np.random.default_rng(3).uniform(0.1, 2, A.shape)
    for norm in (Moments.of(A, None), Moments.of(A, C), Elementwise.of(A, W)):
        L, R = norm.factors(k)
        bound = norm.bound(k)
        assert bound is not None
        assert 0 < bound <= norm.loss(A - L @ R) * (1 + 1e-9)
        refitted, _ = norm.refitted(R)
        assert norm.loss(A - refitted @ R) <= norm.loss(A - L @ R) * (1 + 1e-9)


def test_entries_of_weight_zero_may_be_anything():
    A = low_rank(20, 15, 2, noise=0)
    W = (np.random.default_rng(0).random(A.shape) > 0.2).astype(float)
    junk = np.where(W > 0, A, 1e30)
    L, R = Elementwise.of(junk, W).factors(2)
    assert np.allclose(W * (L @ R), W * A, atol=1e-2)
