"""Laws of trellis-coded quantisation: a path comes back, granular gain, the best of all paths, what is no path."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from wlra_dist.codecs.trellis.trellis import MOST, NEXT, RUN, multiples, path, positions, quantised, rounded

FREE = np.zeros((1, MOST + 1))
"""Rates of a sender that does not mind bits."""


def plainly(x: np.ndarray, rates: np.ndarray, price: float) -> np.ndarray:
    """The path for entries that all have these rates in either quantiser (2×indices)."""
    rows = np.repeat([[0], [1]], x.size, axis=1)
    return quantised(x, rows, np.zeros(x.size, dtype=np.int64), rates, price)


def gaussian_rates(sigma: float) -> np.ndarray:
    """Bits of each index for a Gaussian that either quantiser rounds to the nearest."""
    rates = np.zeros((2, MOST + 1))
    for odd in (0, 1):
        points = multiples(np.arange(MOST + 2), np.full(MOST + 2, odd))
        upper = (points[:-1] + points[1:]) / 2
        lower = np.concatenate([-upper[:1], upper[:-1]])
        mass = stats.norm.sf(lower / sigma) - stats.norm.sf(upper / sigma)
        rates[odd] = -np.log2(np.maximum(mass, 1e-12))
    return rates


def entropy(symbols: np.ndarray) -> float:
    p = np.unique(symbols, return_counts=True)[1] / symbols.size
    return float(-(p @ np.log2(p)))


@given(st.integers(1, 400), st.floats(0.1, 300), st.integers(0, 2**32 - 1))
def test_what_the_sender_chose_is_a_path_that_stands_for_it(size: int, scale: float, seed: int):
    chosen = plainly(np.random.default_rng(seed).normal(0, scale, size), np.repeat(FREE, 2, axis=0), 0.0)
    found = path(chosen)
    assert found is not None
    indices, odd = found
    assert (multiples(indices, odd) == chosen).all()
    state = np.zeros(positions(size)[0].stop, dtype=int)
    for run in positions(size):
        state = state[: run.stop - run.start]
        assert (odd[run] == state % 2).all()
        state = NEXT[state, indices[run] % 2]


def test_half_of_all_continuations_are_no_path():
    step = np.zeros(1, dtype=np.int64)
    assert path(step + 1) is None  # the first state has the even multiples
    assert path(step + 2) is not None


def test_positions_cover_all_entries_once():
    for size in (0, 1, 5, RUN, RUN + 1, 10 * RUN - 3):
        covered = np.concatenate([np.arange(size)[run] for run in positions(size)] or [np.zeros(0)])
        assert (covered == np.arange(size)).all()
        assert len(positions(size)) <= RUN


def test_no_other_path_costs_less():
    rng = np.random.default_rng(2)
    rates, price, length = rng.uniform(0, 8, (2, MOST + 1)), 0.3, 5
    for _ in range(20):
        x = rng.normal(0, 2, length)
        chosen = plainly(x, rates, price)
        near = [np.rint(x).astype(np.int64) + np.array(away) for away in product((-1, 0, 1), repeat=length)]
        best = min((c for each in near if (c := cost(x, each, rates, price)) is not None), default=np.inf)
        own = cost(x, chosen, rates, price)
        assert own is not None
        assert own <= best + 1e-9


def cost(x: np.ndarray, chosen: np.ndarray, rates: np.ndarray, price: float) -> float | None:
    found = path(chosen)
    if found is None:
        return None
    indices, odd = found
    return float(np.square(x - chosen).sum() + price * rates[odd, np.abs(indices)].sum())


def test_the_granular_gain_is_a_decibel():
    """Of 1.53 dB that any quantiser could gain over rounding at high rate, 8 states have 1.0 to 1.15 (Ungerboeck)."""
    x = np.random.default_rng(3).uniform(-400, 400, 50_000)
    error = np.square(x - plainly(x, np.repeat(FREE, 2, axis=0), 0.0)).mean()
    rounding_at_the_same_rate = 2.0**2 / 12
    assert 1.0 <= 10 * np.log10(rounding_at_the_same_rate / error) <= 1.2


@pytest.mark.parametrize(("step", "price", "gap"), [(0.25, 0.3, 0.12), (0.5, 0.3, 0.14), (1.0, 0.25, 0.19)])
def test_gaussians_take_little_more_than_their_rate_distortion_function(step: float, price: float, gap: float):
    """Rounding takes 0.25 bits more; so does a trellis of which the sender pays no attention to bits."""
    x = np.random.default_rng(4).standard_normal(20_000)
    chosen = plainly(x / step, gaussian_rates(1 / step), price)
    found = path(chosen)
    assert found is not None
    indices, odd = found
    bits = sum((odd == which).mean() * entropy(indices[odd == which]) for which in (0, 1))
    bound = -0.5 * np.log2(np.square(x - step * chosen).mean())
    assert 0 <= bits - bound <= gap


@given(st.lists(st.integers(-(2**45), 2**45), min_size=1, max_size=20), st.integers(0, 40))
def test_an_index_is_its_high_bits_and_its_low_ones(drawn: list[int], shift: int):
    indices, shifts = np.array(drawn), np.full(len(drawn), shift)
    high = rounded(indices, shifts)
    assert (np.abs(indices - (high << shift)) <= 1 << shift >> 1).all()


def test_large_numbers_are_a_path_as_well():
    x = np.random.default_rng(5).normal(0, 2.0**30, 300)
    shifts = np.full(300, 25)
    chosen = quantised(x, np.zeros((2, 300), dtype=np.int64), shifts, FREE, 0.1)
    assert path(chosen) is not None
    assert np.abs(x - chosen).max() <= 4
