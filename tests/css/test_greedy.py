"""The exact gain, against brute force."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from wlra_dist.css import Stop
from wlra_dist.css.greedy import Greedy
from wlra_dist.linalg.blocks import energy

seeds = st.integers(0, 2**32 - 1)


def left(B: np.ndarray, columns: np.ndarray | list[int] | tuple[int, ...]) -> float:
    """‖B − CC⁺B‖_F² by numpy's pseudo-inverse."""
    C = B[:, list(columns)]
    return energy(B - C @ np.linalg.pinv(C) @ B)


def greedy(B: np.ndarray, stop: Stop) -> list[int]:
    return Greedy()(B, stop, np.random.default_rng(0)).columns.tolist()


@given(n=st.integers(2, 8), d=st.integers(2, 9), seed=seeds)
def test_each_column_is_the_best_single_addition(n: int, d: int, seed: int):
    B = np.random.default_rng(seed).standard_normal((n, d))
    columns = greedy(B, Stop())
    for count, column in enumerate(columns):
        before = columns[:count]
        best = min(left(B, [*before, j]) for j in range(d) if j not in before)
        assert left(B, [*before, column]) <= best + 1e-8 * energy(B)


@given(d=st.integers(2, 7), count=st.integers(1, 4), seed=seeds)
def test_greedy_explains_a_fraction_of_what_the_best_subset_does(d: int, count: int, seed: int):
    """At least 1 − exp(−γ), γ = λ_min of the columns' correlations (Das & Kempe 2011)."""
    B = np.random.default_rng(seed).standard_normal((8, d))
    count = min(count, d)
    unit = B / np.linalg.norm(B, axis=0)
    gamma = np.linalg.eigvalsh(unit.T @ unit)[0]
    best = energy(B) - min(left(B, subset) for subset in combinations(range(d), count))
    explained = energy(B) - left(B, greedy(B, Stop(count)))
    assert (1 - np.exp(-gamma)) * best <= explained * (1 + 1e-9) <= best * (1 + 1e-6)


@given(n=st.integers(4, 9), d=st.integers(2, 9), seed=seeds)
def test_rotating_the_rows_changes_nothing(n: int, d: int, seed: int):
    rng = np.random.default_rng(seed)
    B = rng.standard_normal((n, d))
    rotation = np.linalg.qr(rng.standard_normal((n, n)))[0]
    count = min(n, d) // 2
    assert left(B, greedy(rotation @ B, Stop(count))) == pytest.approx(left(B, greedy(B, Stop(count))), rel=1e-6)


@given(seed=seeds)
def test_the_length_of_a_column_does_not_change_its_first_gain(seed: int):
    """A copy of the best column, however short, promises as much: ties go to the first."""
    B = np.random.default_rng(seed).standard_normal((6, 5))
    (best,) = greedy(B, Stop(1))
    gains = [left(B, [j]) for j in range(5)]
    assume(np.partition(gains, 1)[1] > 1.01 * gains[best])
    shortened = np.hstack([2.0**-12 * B[:, [best]], B])
    assert greedy(shortened, Stop(1)) in ([0], [best + 1])


def test_the_recursion_survives_many_decades():
    """Never deflated, the same 25 columns leave twice as much."""
    rng = np.random.default_rng(0)
    weights = 10.0 ** -np.linspace(0, 10, 60)[:, None]
    B = rng.standard_normal((60, 60)) @ (weights * rng.standard_normal((60, 50)))
    columns: list[int] = []
    for _ in range(25):
        columns.append(min(set(range(50)) - set(columns), key=lambda j: left(B, [*columns, j])))
    assert left(B, greedy(B, Stop(25))) <= 1.1 * left(B, columns)


def test_what_is_left_of_long_columns_goes_before_short_columns():
    """The long ones keep 1e-7 of their energy, too little for the first G; the short ones have 1e-12."""
    rng = np.random.default_rng(0)
    B = np.zeros((40, 30))
    B[:30, :20] = rng.standard_normal((30, 5)) @ rng.standard_normal((5, 20))
    B[:30, :20] += 10**-3.5 * rng.standard_normal((30, 20))
    B[30:, 20:] = 1e-6 * np.eye(10)
    assert max(greedy(B, Stop(15))) < 20


def test_a_residual_stops_at_the_first_column_that_meets_it():
    B = np.random.default_rng(2).standard_normal((20, 15))
    target = 0.4 * energy(B)
    columns = greedy(B, Stop(residual=target))
    assert left(B, columns) <= target < left(B, columns[:-1])
