"""The smallest games by enumeration: published counts, and no protocol below them."""

from itertools import product

import numpy as np
import pytest

from wlra_dist.protocols.bounds.exact import exact_bits, inputs_of_a_block

FIGURES = [(2, 1, 10, 4, 7), (3, 1, 50, 6, 12), (3, 2, 338, 9, 17), (4, 1, 226, 8, 16), (4, 2, 6976, 13, 26)]


@pytest.mark.parametrize(("n", "k", "inputs", "alone", "twice"), FIGURES)
def test_square_blocks_by_count(n: int, k: int, inputs: int, alone: int, twice: int):
    assert exact_bits(n, n, n, 1, k) == (inputs, alone)
    assert exact_bits(n, n, n, 2, k) == (inputs**2, twice)


@pytest.mark.parametrize(("n", "k", "inputs", "alone", "twice"), FIGURES)
def test_it_costs_at_least_what_thm_1_5_says(n: int, k: int, inputs: int, alone: int, twice: int):
    del inputs
    assert (alone, twice) >= (n * k, 2 * n * k)


@pytest.mark.parametrize(("height", "width"), [(1, 4), (3, 2), (2, 3)])
def test_rank_one_is_a_set_of_rows_by_a_set_of_columns(height: int, width: int):
    assert exact_bits(height, width, height, 1, 1).inputs == 1 + (2**height - 1) * (2**width - 1)


@pytest.mark.parametrize("width", [1, 2, 4])
def test_2_to_the_b_inputs_cost_b_bits(width: int):
    assert exact_bits(1, width, 1, 1, 1) == (2**width, width)


def test_columns_have_s_ones_or_fewer():
    found = inputs_of_a_block(3, 2, 1, 2)
    by_hand = [A for A in product([0, 1], repeat=6) if all(sum(A[j::2]) <= 1 for j in (0, 1))]
    assert sorted(map(tuple, found.reshape(-1, 6).tolist())) == sorted(by_hand)


def test_rounding_hides_no_rank():
    """Against the rank modulo a prime that divides no minor of these sizes."""
    every = inputs_of_a_block(4, 4, 4, 4)
    determinants = np.rint(np.linalg.det(every)).astype(int)
    assert set(np.abs(determinants).tolist()) == {0, 1, 2, 3}
    assert np.array_equal(np.linalg.matrix_rank(every) == 4, determinants != 0)


def test_large_blocks_are_refused():
    with pytest.raises(ValueError, match="5×4 are 20"):
        exact_bits(5, 4, 1, 1, 1)
