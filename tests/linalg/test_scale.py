"""Powers of two: taken out, put back, and never a digit with them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csc_array

from wlra_dist.linalg.scale import centred, power_of, scaled_energy, times_power
from wlra_dist.linalg.spectral.decompositions import eigen, eigenvalues, singular_values, svd

powers = st.integers(-300, 300)


@given(st.floats(1e-200, 1e200), powers)
def test_a_size_is_below_its_power_of_two_and_no_less_than_half_of_it(size: float, power: int):
    assert 2.0 ** (power_of(size) - 1) <= size < 2.0 ** power_of(size)
    assert power_of(size * 2.0**power) == power_of(size) + power


@given(powers, st.integers(0, 100))
def test_what_is_centred_comes_back(power: int, seed: int):
    M = np.ldexp(np.random.default_rng(seed).standard_normal((4, 3)), power)
    inside, taken = centred(M)
    assert 2.0**-20 < np.abs(inside).max() < 2.0**20
    assert np.array_equal(times_power(inside, taken), M)
    assert scaled_energy(float(np.vdot(inside, inside)), taken) == np.vdot(M, M)
    assert np.array_equal(centred(csc_array(M))[0].toarray(), inside)


def test_what_is_modest_or_nothing_is_left_as_it_is():
    for M in (np.eye(3), np.zeros((2, 2)), np.zeros((0, 4))):
        assert centred(M)[0] is M


@pytest.mark.parametrize("power", [900, -900])
def test_spectra_have_no_scale(power: int):
    G = np.cov(np.random.default_rng(0).standard_normal((7, 20)))
    far = np.ldexp(G, power)
    for values, scaled in ((eigenvalues(G), eigenvalues(far)), (singular_values(G[:3]), singular_values(far[:3]))):
        assert np.array_equal(np.ldexp(values, power), scaled)
    (values, vectors), (scaled, same) = eigen(G), eigen(far)
    assert np.array_equal(np.ldexp(values, power), scaled)
    assert np.array_equal(vectors, same)
    U, sigma, Vt = svd(far[:3])
    assert np.array_equal(svd(G[:3])[0], U)
    assert np.allclose(np.ldexp((U * sigma) @ Vt, -power), G[:3])
