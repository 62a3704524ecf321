"""Bounds: the formulas by hand, the inequalities of their proofs by counting."""

from fractions import Fraction
from math import ceil, log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlra_dist import bounds
from wlra_dist.protocols import PROTOCOLS

sizes = st.integers(1, 60)
accuracies = st.floats(1e-3, 1000)
ROUNDED = Fraction(1, 10**9)
"""ε is a rounded decimal: 0.3 is a little less than 3/10."""


@pytest.mark.parametrize(("n", "d", "bits"), [(1, 1, 1), (1, 2, 1), (2, 2, 2), (3, 3, 4), (4, 4, 4), (1000, 1000, 20)])
def test_a_word_counts_nd_numbers(n: int, d: int, bits: int):
    assert bounds.word_bits(n, d) == bits
    assert bits == max(1, ceil(log2(n * d)))


@pytest.mark.parametrize(
    ("K", "epsilon", "c"), [(1, 1.0, 1), (2, 1.0, 3), (1, 0.5, 2), (3, 0.1, 32), (3, 0.3, 12), (5, 1000.0, 5)]
)
def test_columns_for_by_hand(K: int, epsilon: float, c: int):
    assert bounds.columns_for(K, epsilon) == c


@given(st.integers(1, 200), accuracies)
def test_columns_reach_the_accuracy_of_guruswami_and_sinop_and_no_fewer_do(K: int, epsilon: float):
    def ratio(c: int) -> Fraction:
        return Fraction(c + 1, c - K + 1)

    c, due = bounds.columns_for(K, epsilon), 1 + Fraction(epsilon)
    assert ratio(c) <= due * (1 + ROUNDED)
    assert c == K or ratio(c - 1) > due * (1 - ROUNDED)


def words(c: int, s: int, d: int) -> int:
    """c indices, a row and a value for each of s nonzeros of c columns, coefficients of the others."""
    return c + 2 * s * c + c * (d - c)


@pytest.mark.parametrize(
    ("n", "d", "s", "r", "k", "epsilon", "due"),
    [
        (10, 20, 3, 1, 1, 1.0, words(1, 3, 20)),
        (10, 20, 3, 1, 2, 1.0, words(3, 3, 20)),
        (10, 20, 30, 2, 1, 0.5, words(5, 10, 20)),  # s is at most n
        (10, 4, 10, 2, 2, 0.1, words(4, 10, 4)),  # no more columns than there are
        (10, 20, 1, 5, 2, 0.1, words(11, 1, 20)),  # 109 would be enough, but 11 cost most
    ],
)
def test_one_way_words_by_hand(n: int, d: int, s: int, r: int, k: int, epsilon: float, due: int):
    assert bounds.one_way_words(n, d, s, r, k, epsilon) == due


@given(sizes, sizes, sizes, st.integers(1, 5), st.integers(1, 5), accuracies)
def test_one_way_words_cover_every_count_of_columns_that_may_be_sent(n, d, s, r, k, epsilon):
    bound = bounds.one_way_words(n, d, s, r, k, epsilon)
    most = min(bounds.columns_for(r * k, epsilon), d)
    assert bound == max(words(c, min(s, n), d) for c in range(most + 1))


@given(sizes, sizes, sizes, st.integers(1, 5), st.integers(1, 5), accuracies, st.data())
def test_words_grow_with_every_size_and_with_accuracy(n, d, s, r, k, epsilon, data: st.DataObject):
    m = data.draw(st.integers(1, d))
    more = data.draw(st.sampled_from(["n", "d", "s", "r", "k", "epsilon"]))
    sizes = {"n": n, "d": d, "s": s, "r": r, "k": k, "epsilon": epsilon}
    larger = sizes | {more: sizes[more] / 2 if more == "epsilon" else sizes[more] + 1}
    assert bounds.one_way_words(**larger) >= bounds.one_way_words(**sizes)
    assert bounds.one_round_words(**larger, m=m) >= bounds.one_round_words(**sizes, m=m)


@given(sizes, sizes, sizes, st.integers(1, 5), st.integers(1, 5), accuracies)
def test_one_round_with_one_server_is_the_one_way_game(n, d, s, r, k, epsilon):
    assert bounds.one_round_words(n, d, s, r, k, epsilon, 1) == bounds.one_way_words(n, d, s, r, k, epsilon)


@pytest.mark.parametrize(("d", "m", "widths"), [(7, 3, [3, 2, 2]), (4, 4, [1] * 4), (2, 5, [1, 1]), (9, 2, [5, 4])])
def test_one_round_adds_up_its_blocks(d: int, m: int, widths: list[int]):
    due = sum(bounds.one_way_words(10, d_i, 3, 1, 2, 0.5) for d_i in widths)
    assert bounds.one_round_words(10, d, 3, 1, 2, 0.5, m) == due


def test_raw_words_are_a_row_and_a_value_for_each_nonzero():
    assert bounds.raw_words(10, 20, 3) == 2 * 3 * 20
    assert bounds.raw_words(10, 20, 30) == 2 * 10 * 20


@pytest.mark.parametrize("N", range(2, 15))
def test_the_worst_case_bound_is_what_counting_messages_gives(N: int):
    instances = 2**N
    needed = ceil(Fraction(2, 3) * instances)
    B = next(B for B in range(N + 1) if needed <= 2 ** (B + 1) - 1)
    assert ceil(bounds.worst_case_bits(N)) == B


@pytest.mark.parametrize("N", [3, 8, 30])
def test_fano_is_the_entropy_that_one_guess_in_three_may_leave(N: int):
    h = log2(3) / 3 + 2 / 3 * log2(3 / 2)
    assert bounds.expected_bits(N) == pytest.approx(N - h - N / 3, abs=1e-9)
    assert bounds.expected_bits(N) <= bounds.worst_case_bits(N) <= bounds.dense_instance_bits(N, 1, 1) == N


@pytest.mark.parametrize(("N", "m"), [(10, 2), (10, 7), (100, 3)])
def test_telling_everyone_costs_nearly_m_times_as_much(N: int, m: int):
    assert bounds.everyone_bits(N, m) == pytest.approx(m * (N - 2 * log2(1.5)))
    assert bounds.everyone_bits(N, m) <= m * N


def test_no_bound_is_negative():
    assert bounds.worst_case_bits(1) == bounds.expected_bits(1) == bounds.everyone_bits(1, 5) == 0


@pytest.mark.parametrize("n", range(1, 13))
def test_an_instance_exists_if_r_blocks_hold_an_s_by_k_corner(n: int):
    for s, r, k in np.ndindex(n + 1, n + 1, n + 1):
        if s and r and k:
            fits = any(r * side == n and s <= side and k <= side for side in range(1, n + 1))
            assert bounds.instance_exists(n, s, r, k) == fits


def test_best_subsets_of_the_hardest_matrix_leave_no_less_than_guruswami_and_sinop_say():
    """(c+1)/(c−K+1) is the best possible: K = 1, and d vertices of a simplex, all alike, far from 0."""
    d, far = 6, 1e4
    B = np.vstack([np.full(d, far), np.eye(d)])
    tail = float((np.linalg.svd(B, compute_uv=False)[1:] ** 2).sum())
    for c in range(1, d):
        left = np.linalg.lstsq(B[:, :c], B, rcond=None)[0]
        ratio = np.linalg.norm(B - B[:, :c] @ left) ** 2 / tail
        assert ratio <= (c + 1) / c * (1 + 1e-6)
        assert ratio == pytest.approx((c + 1) / c * (d - c) / (d - 1), rel=1e-5)


def test_every_protocol_has_a_bound_and_says_where_it_comes_from():
    assert bounds.UPPER_BOUNDS.keys() == bounds.SOURCES.keys() == PROTOCOLS.keys()
