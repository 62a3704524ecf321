"""Bases and residuals, against numpy's lstsq and SVD."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csc_array

from wlra_dist.linalg.basis import (
    extend_basis,
    least_squares,
    orthonormal_basis,
    project_out,
    residual_energies,
    residual_energy,
    surely_independent,
)
from wlra_dist.linalg.blocks import energy

ROUNDING = 1e3 * float(np.finfo(float).eps)
"""What a handful of well conditioned operations may lose."""

seeds = st.integers(0, 2**32 - 1)
sides = st.integers(1, 12)


def test_of_sparse_columns_only_the_rows_of_the_basis_are_formed():
    """Of 4000 rows Q has entries in 5; columns outside its span, nearly in it, and with entries elsewhere."""
    rng = np.random.default_rng(0)
    B = np.zeros((4000, 200))
    B[:5] = rng.standard_normal((5, 2)) @ rng.standard_normal((2, 200)) + 1e-6 * rng.standard_normal((5, 200))
    B[1000, 2::3] = 1e-5
    Q, _ = np.linalg.qr(B[:, :2])
    expected = np.square(B - Q @ (Q.T @ B)).sum(axis=0)
    assert residual_energies(csc_array(B), Q)[2:] == pytest.approx(expected[2:], rel=1e-6)


def integers(n: int, d: int, rank: int, seed: int) -> np.ndarray:
    """Small integers of at most this rank, many zeros among them."""
    rng = np.random.default_rng(seed)
    return (rng.integers(-2, 3, (n, rank)) @ rng.integers(-1, 2, (rank, d))).astype(float)


@given(n=sides, c=sides, rank=sides, seed=seeds)
def test_a_basis_is_orthonormal_and_spans_the_columns(n: int, c: int, rank: int, seed: int):
    C = integers(n, c, rank, seed)
    Q = orthonormal_basis(C)
    assert Q.shape == (n, np.linalg.matrix_rank(C))
    assert np.allclose(Q.T @ Q, np.eye(Q.shape[1]), atol=ROUNDING)
    assert energy(project_out(C, Q)) <= ROUNDING**2 * energy(C)


@given(n=sides, c=sides, rank=sides, seed=seeds)
def test_the_positions_kept_are_those_that_raise_the_rank(n: int, c: int, rank: int, seed: int):
    C = integers(n, c, rank, seed)
    ranks = [np.linalg.matrix_rank(C[:, :j]) for j in range(c + 1)]
    assert extend_basis(np.empty((n, 0)), C)[1].tolist() == np.flatnonzero(np.diff(ranks)).tolist()


def test_nearly_dependent_columns_stay_orthogonal_to_the_basis_before_them():
    rng = np.random.default_rng(0)
    Q = orthonormal_basis(rng.standard_normal((17, 3)))
    near = Q @ rng.standard_normal((3, 1)) + 0.01 * rng.standard_normal((17, 1))
    Q_new, kept = extend_basis(Q, near + 1e-8 * rng.standard_normal((17, 2)))
    both = np.hstack([Q, Q_new])
    assert kept.tolist() == [0, 1]
    assert np.abs(both.T @ both - np.eye(5)).max() < 1e-14


def test_a_dependent_column_does_not_swallow_the_next():
    e = np.eye(3)
    Q, kept = extend_basis(np.empty((3, 0)), e[:, [0, 0, 1, 2]])  # Householder puts e_2 in place of the copy
    assert kept.tolist() == [0, 2, 3]
    assert np.allclose(np.abs(Q), e)


@given(n=sides, d=sides, seed=seeds)
def test_a_basis_can_be_grown_in_parts(n: int, d: int, seed: int):
    C = np.random.default_rng(seed).standard_normal((n, d))
    first = orthonormal_basis(C[:, : d // 2])
    second, _ = extend_basis(first, C[:, d // 2 :])
    both = np.hstack([first, second])
    assert both.shape[1] == min(n, d)
    assert np.allclose(both.T @ both, np.eye(both.shape[1]), atol=ROUNDING)


@given(n=sides, d=sides, c=st.integers(0, 6), seed=seeds)
def test_a_residual_is_what_lstsq_leaves(n: int, d: int, c: int, seed: int):
    rng = np.random.default_rng(seed)
    B, C = rng.standard_normal((n, d)), rng.standard_normal((n, c))
    left = energy(B - C @ np.linalg.lstsq(C, B)[0]) if c else energy(B)
    assert residual_energy(B, orthonormal_basis(C)) == pytest.approx(left, rel=1e-8, abs=ROUNDING**2 * energy(B))


@pytest.mark.parametrize("small", [1e-3, 1e-6, 1e-9, 1e-12])
def test_a_small_residual_keeps_its_digits(small: float):
    """b = 3·e_1 + small·e_4 and q = e_1: ‖b‖² − ‖Qᵀb‖² would show nothing below 1e-16."""
    B = np.zeros((5, 2))
    B[0], B[3, 0] = 3, small
    Q = np.eye(5)[:, :1]
    assert residual_energies(B, Q) == pytest.approx([small**2, 0.0], rel=ROUNDING, abs=0)
    assert residual_energies(csc_array(B), Q) == pytest.approx([small**2, 0.0], rel=ROUNDING, abs=0)


@given(n=sides, d=sides, rank=sides, c=st.integers(0, 6), seed=seeds)
def test_least_squares_leaves_the_least(n: int, d: int, rank: int, c: int, seed: int):
    C, B = integers(n, c, rank, seed), np.random.default_rng(seed).standard_normal((n, d))
    X = least_squares(C, B)
    best = energy(B - C @ np.linalg.pinv(C) @ B) if c else energy(B)
    assert X.shape == (c, d)
    assert energy(B - C @ X) == pytest.approx(best, rel=1e-8, abs=ROUNDING * energy(B))
    assert np.linalg.matrix_rank(C) >= np.count_nonzero(X.any(axis=1))


@given(n=sides, d=sides, rank=sides, seed=seeds)
def test_sparse_and_dense_blocks_agree(n: int, d: int, rank: int, seed: int):
    B = integers(n, d, rank, seed)
    C = B[:, : max(1, d // 2)]
    Q = orthonormal_basis(C)
    assert np.array_equal(Q, orthonormal_basis(csc_array(C)))
    left = residual_energy(B, Q)
    assert residual_energy(csc_array(B), Q) == pytest.approx(left, rel=1e-8, abs=ROUNDING**2 * energy(B))
    assert least_squares(csc_array(C), csc_array(B)) == pytest.approx(least_squares(C, B), abs=ROUNDING * 100)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_layout_of_a_block_does_not_change_a_bit(dtype: type):
    B = np.random.default_rng(0).standard_normal((60, 30)).astype(dtype)
    padded = np.zeros((61, 90), dtype)
    padded[1:, ::3] = B
    Q = orthonormal_basis(B[:, :7])
    for view in (np.asfortranarray(B), padded[1:, ::3]):
        assert np.array_equal(orthonormal_basis(view[:, :7]), Q)
        assert np.array_equal(residual_energies(view, Q), residual_energies(B, Q))


@pytest.mark.parametrize("shape", [(5, 0), (1, 4), (4, 1)])
def test_thin_blocks_are_blocks(shape: tuple[int, int]):
    B = np.ones(shape)
    Q = orthonormal_basis(B)
    assert Q.shape == (shape[0], min(1, shape[1]))
    assert residual_energy(B, Q) <= ROUNDING**2


@pytest.mark.parametrize("layout", [np.asarray, csc_array])
def test_columns_are_surely_independent_only_where_they_are(layout):
    rng = np.random.default_rng(0)
    C = rng.standard_normal((30, 6)) * 10.0 ** np.arange(-3, 3)  # lengths mean nothing
    assert surely_independent(layout(C))
    assert surely_independent(layout(C[:, :0]))
    for column in (C[:, 0], np.zeros(30), C[:, 0] - 2 * C[:, 5]):
        assert not surely_independent(layout(np.hstack([C, column[:, None]])))
    assert not surely_independent(layout(rng.standard_normal((3, 4))))
