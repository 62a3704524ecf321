"""Remainders that are never formed, against those that are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csc_array

from wlra_dist.linalg.basis import orthonormal_basis, project_out
from wlra_dist.linalg.blocks import column_energies
from wlra_dist.linalg.remainder import Remainder

seeds = st.integers(0, 2**32 - 1)
sides = st.integers(1, 12)
none = np.zeros(0, dtype=np.int64)
held = pytest.mark.parametrize("hold", [np.asarray, csc_array])


def block(n: int, d: int, rank: int, seed: int) -> np.ndarray:
    """Small integers of at most this rank, many zeros among them."""
    rng = np.random.default_rng(seed)
    return (rng.integers(-2, 3, (n, rank)) @ rng.integers(-1, 2, (rank, d))).astype(float)


@held
@given(n=sides, d=sides, seed=seeds, scale=st.sampled_from([1.0, 1e-3, 1e-6]))
def test_lengths_are_those_of_the_explicit_remainder(hold: type, n: int, d: int, seed: int, scale: float):
    rng = np.random.default_rng(seed)
    C = rng.standard_normal((n, min(n, 4)))
    B = C @ rng.standard_normal((C.shape[1], d)) + scale * rng.standard_normal((n, d))  # what is left is small
    E = Remainder.of(hold(B)).without(C[:, :2], none).without(C[:, 2:], none)
    explicit = column_energies(project_out(B, orthonormal_basis(C)))
    assert np.allclose(E.energies, explicit, rtol=1e-6, atol=1e-24 * float(column_energies(B).max()))


@held
@given(n=sides, d=sides, seed=seeds)
def test_pivots_are_again_and_again_the_longest_column(hold: type, n: int, d: int, seed: int):
    rng = np.random.default_rng(seed)
    B, known = rng.standard_normal((n, d)), rng.standard_normal((n, n // 3))
    pivots, adds = Remainder.of(hold(B)).without(known, none).pivots(3)
    for i, pivot in enumerate(pivots):
        E = project_out(B, orthonormal_basis(np.hstack([known, B[:, pivots[:i]]])))
        assert pivot == column_energies(E).argmax()
        assert np.isclose(adds[i], column_energies(E).max())
    assert len(pivots) == min(3, n - n // 3, d)


@held
@given(n=sides, d=sides, rank=sides, c=sides, seed=seeds)
def test_noise_is_no_pivot(hold: type, n: int, d: int, rank: int, c: int, seed: int):
    B = block(n, d, rank, seed)
    C = B[:, : min(c, d)]
    E = Remainder.of(hold(B)).without(hold(C), none)
    pivots, adds = E.pivots(99)
    missing = np.linalg.matrix_rank(B) - np.linalg.matrix_rank(C)
    assert len(pivots) == missing
    assert (adds > 0).all()
    assert not E.without(B[:, pivots], pivots).energies.any()


def test_what_was_taken_stays_taken():
    B = np.eye(3)
    E = Remainder.of(B).without(np.zeros((3, 0)), np.array([1]))  # known by columns that are not quite its own
    assert E.energies.tolist() == [1.0, 0.0, 1.0]
    assert E.pivots(3)[0].tolist() == [0, 2]
