"""The tail of the spectrum, against numpy's SVD and against spectra that are known exactly."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csc_array, random_array

from wlra_dist.linalg.blocks import energy
from wlra_dist.linalg.spectral.spectrum import (
    certified_tail_energy,
    leading_right_vectors,
    roundoff_energy,
    tail_energy,
)

seeds = st.integers(0, 2**32 - 1)
sides = st.integers(1, 12)


def with_spectrum(sigma: np.ndarray, n: int, seed: int = 0) -> np.ndarray:
    """n×len(sigma) with these singular values, up to rounding."""
    rng = np.random.default_rng(seed)
    U = np.linalg.qr(rng.standard_normal((n, len(sigma))))[0]
    V = np.linalg.qr(rng.standard_normal((len(sigma), len(sigma))))[0]
    return (U * sigma) @ V.T


@given(n=sides, d=sides, K=st.integers(0, 14), seed=seeds)
def test_the_tail_is_that_of_the_svd(n: int, d: int, K: int, seed: int):
    B = np.random.default_rng(seed).standard_normal((n, d))
    tail = float(np.square(np.linalg.svd(B, compute_uv=False)[K:]).sum())
    for block in (B, csc_array(B)):
        assert tail_energy(block, K) == pytest.approx(tail, rel=1e-9, abs=roundoff_energy(B))
        assert 0 <= certified_tail_energy(block, K) <= tail


@pytest.mark.parametrize("decades", [2, 4, 6, 8, 10, 11])
@pytest.mark.parametrize("wide", [False, True])
def test_a_tail_far_below_the_gram_matrix_is_still_seen(decades: int, wide: bool):
    sigma = np.concatenate([np.full(5, 1.0), np.full(15, 10.0**-decades)])
    B = with_spectrum(sigma, 60)
    tail = 15 * 10.0 ** (-2 * decades)
    B = B.T if wide else B
    assert tail_energy(B, 5) == pytest.approx(tail, rel=1e-2, abs=0)
    assert 0.9 * tail <= certified_tail_energy(B, 5) <= tail


@given(a=st.integers(1, 2**20), b=st.integers(0, 2**20), c=st.integers(1, 2**20))
def test_a_certified_tail_is_below_the_exact_one(a: int, b: int, c: int):
    """[[a, b], [0, c]]: σ_2² = det²/σ_1² and σ_1² + σ_2² = a² + b² + c², compared in rationals: for t ≤ s/2,
    t ≤ σ_2² is t·(s − t) ≤ det²."""
    B = np.array([[a, b], [0, c]], dtype=float)
    certified = Fraction(certified_tail_energy(B, 1))
    whole = a**2 + b**2 + c**2
    assert 2 * certified <= whole
    assert certified * (whole - certified) <= (a * c) ** 2


@given(n=st.integers(4, 30), d=st.integers(4, 30), K=st.integers(1, 3), seed=seeds)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_integer_matrix_of_rank_k_has_no_certified_tail(n: int, d: int, K: int, seed: int, dtype: type):
    rng = np.random.default_rng(seed)
    B = (rng.integers(-9, 10, (n, K)) @ rng.integers(-9, 10, (K, d))).astype(dtype)
    assert certified_tail_energy(B, K) == 0
    assert certified_tail_energy(csc_array(B), K) == 0
    assert tail_energy(B, K) <= roundoff_energy(B)


@given(n=st.integers(4, 30), d=st.integers(4, 30), K=st.integers(1, 3), seed=seeds)
def test_a_product_rounded_to_float32_has_no_certified_tail(n: int, d: int, K: int, seed: int):
    rng = np.random.default_rng(seed)
    W, A = rng.random((n, 1)) @ rng.random((1, d)), rng.standard_normal((n, K)) @ rng.standard_normal((K, d))
    assert certified_tail_energy(W.astype(np.float32) * A.astype(np.float32), K) == 0


@given(n=sides, d=sides, K=st.integers(0, 12), power=st.integers(-20, 20), seed=seeds)
def test_a_tail_scales_with_the_energy(n: int, d: int, K: int, power: int, seed: int):
    B = np.random.default_rng(seed).standard_normal((n, d))
    scaled = tail_energy(B * 2.0**power, K)
    assert scaled == pytest.approx(tail_energy(B, K) * 4.0**power, rel=1e-12, abs=roundoff_energy(B * 2.0**power))


@given(n=sides, cut=st.integers(1, 11), d=sides, K=st.integers(0, 12), seed=seeds)
def test_blocks_have_no_more_tail_than_the_whole(n: int, cut: int, d: int, K: int, seed: int):
    B = np.random.default_rng(seed).standard_normal((n, d))
    parts = tail_energy(B[:, :cut], K) + tail_energy(B[:, cut:], K)
    assert parts <= tail_energy(B, K) * (1 + 1e-12) + roundoff_energy(B)


def test_large_sparse_blocks_go_through_arpack():
    diagonal = np.linspace(1, 2, 4200) ** 8
    places = np.random.default_rng(0).permutation(4300)[:4200]  # no columns like rows
    B = csc_array((diagonal, (np.arange(4200), places)), shape=(4200, 4300))
    tail = np.sort(diagonal**2)[:-6].sum()
    assert tail_energy(B, 6) == pytest.approx(tail, rel=1e-9)
    assert 0.999 * tail <= certified_tail_energy(B, 6) <= tail


@pytest.mark.parametrize("shape", [(40, 15), (15, 40)])
def test_leading_right_vectors_catch_the_most_energy(shape: tuple[int, int]):
    B = random_array(shape, density=0.4, rng=np.random.default_rng(5)).tocsc()
    for block in (B, B.toarray()):
        V = leading_right_vectors(block, 4)
        assert np.allclose(V.T @ V, np.eye(4), atol=1e-10)
        assert energy(B @ V) == pytest.approx(energy(B) - tail_energy(B, 4), rel=1e-9)


def test_leading_right_vectors_stop_at_the_rank():
    assert leading_right_vectors(np.ones((6, 4)), 3).shape == (4, 1)
    assert leading_right_vectors(np.zeros((6, 4)), 3).shape == (4, 0)


@pytest.mark.parametrize("B", [np.zeros((4, 3)), np.zeros((4, 0)), csc_array((4, 3))])
def test_nothing_has_no_tail(B: np.ndarray):
    for K in (0, 1, 5):
        assert tail_energy(B, K) == certified_tail_energy(B, K) == 0
    assert roundoff_energy(B) == 0
