"""Reverse water-filling by octaves against the entries themselves; rounding within what is allowed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.protocols.small import drawn
from wlra_dist.linalg.blocks import energy
from wlra_dist.protocols.common_basis.water_filling import BySize, entropy, fewest_bits
from wlra_dist.protocols.rounded_factors import exponent_for, rounded_within

seeds = st.integers(0, 2**32)


def squares(rng: np.random.Generator, entries: int = 40, directions: int = 6) -> np.ndarray:
    """Of many sizes, and some of them 0."""
    sizes = 2.0 ** rng.integers(-30, 5, (entries, directions)) * rng.random((entries, directions))
    return np.where(rng.random(sizes.shape) < 0.3, 0.0, sizes)


@given(seed=seeds, level=st.integers(-28, 4))
def test_what_is_lost_and_sent_is_that_of_the_entries(seed: int, level: int):
    rng = np.random.default_rng(seed)
    x2, times, D = squares(rng), rng.integers(1, 4, 40).astype(float), 2.0**level
    lost, bits = BySize.of(x2, times).loss_and_bits(level)
    for c in range(x2.shape[1] + 1):
        first = x2[:, :c]
        sent = np.where(first >= D, first, 0.0)
        assert lost[c] == pytest.approx((times[:, None] * np.where(first >= D, D, first)).sum())
        sizes = (times[:, None] * np.log2(np.where(sent > 0, sent / D, 1)) / 2).sum()
        which = entropy((times[:, None] * (sent > 0)).sum(), times.sum() * c)
        assert bits[c] - which == pytest.approx(sizes, abs=0.25 * (times[:, None] * (sent > 0)).sum())  # by octaves


@given(seed=seeds)
@settings(max_examples=12)
def test_the_fewest_bits_meet_the_budget(seed: int):
    rng = np.random.default_rng(seed)
    basis, coefficients = BySize.of(squares(rng)), BySize.of(squares(rng))
    budgets = rng.random(7) * 2.0 ** rng.integers(-20, 5, 7) * (rng.random(7) < 0.7)
    copies = float(rng.integers(1, 9))
    found = fewest_bits(basis, coefficients, budgets, copies)
    possible = [
        (copies * sent[1][c] + too[1][c], c)
        for level in range(-140, 6)
        for sent, too in [(basis.loss_and_bits(level + round(np.log2(copies))), coefficients.loss_and_bits(level))]
        for c in range(7)
        if budgets[c] > 0 and sent[0][c] + too[0][c] <= budgets[c]
    ]
    if not possible:
        assert found == (0, 0.0, np.inf)
    else:
        assert found.bits == pytest.approx(min(possible)[0])
        assert found.allowed <= budgets[found.c]


@given(seed=seeds)
def test_factors_are_rounded_within_what_is_allowed(seed: int):
    rng, terms = np.random.default_rng(seed), drawn(0).terms
    numbers = rng.standard_normal((5, 60)) * (rng.random((5, 60)) < 0.2)
    allowed = float(10 ** rng.uniform(-8, 1))
    assert energy(rounded_within(numbers, allowed, terms).numbers - numbers) <= allowed


def test_sparse_factors_have_a_coarser_step():
    """Entries that are 0 cost nothing, so the others may cost more."""
    rng, terms = np.random.default_rng(0), drawn(0).terms
    numbers = rng.standard_normal((4, 5000)) * (np.arange(5000) % 50 == 0)
    found = rounded_within(numbers, 0.4, terms)
    assert found.exponent > exponent_for(0.4 / numbers.size) + 2 * 32
