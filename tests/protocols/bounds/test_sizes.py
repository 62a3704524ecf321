"""What a number of the game is: its bits, and the power of nd that it may reach."""

from math import ceil, log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlra_dist.protocols import bounds


@pytest.mark.parametrize(("n", "d", "bits"), [(1, 1, 1), (1, 2, 1), (2, 2, 2), (3, 3, 4), (4, 4, 4), (1000, 1000, 20)])
def test_a_word_tells_one_of_nd_entries(n: int, d: int, bits: int):
    assert bounds.word_bits(n, d) == bits == max(1, ceil(log2(n * d)))


@pytest.mark.parametrize(("bound", "bits"), [(None, 7), (1, 7), (63, 7), (64, 8), (127, 8), (128, 9), (2**52, 54)])
def test_a_word_grows_with_the_stated_bound_and_its_sign(bound: int | None, bits: int):
    assert bounds.word_bits(10, 10, bound) == bits


@given(st.integers(1, 100), st.integers(1, 100), st.integers(1, 2**52))
def test_a_word_is_the_shortest_that_holds_every_entry_and_every_index(n: int, d: int, bound: int):
    word, kinds = bounds.word_bits(n, d, bound), max(n * d, 2 * bound + 1)
    assert 2 ** (word - 1) < kinds <= 2**word


@pytest.mark.parametrize(
    ("n", "d", "largest", "power"),
    [(10, 10, 1, 0), (10, 10, 0.5, 0), (10, 10, 10, 0.5), (10, 10, 100, 1), (10, 1000, 10**8, 2), (1, 1, 4, 2)],
)
def test_entries_are_a_power_of_nd(n: int, d: int, largest: float, power: float):
    assert bounds.entry_power(n, d, largest) == pytest.approx(power)
