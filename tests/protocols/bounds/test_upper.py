"""Upper bounds: each formula against numbers that were worked out by hand."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlra_dist.protocols import PROTOCOLS, bounds
from wlra_dist.protocols.bounds import Sizes, upper

sizes = st.integers(1, 60)
accuracies = st.floats(1e-3, 1000)
ROUNDED = Fraction(1, 10**9)
"""ε is a rounded decimal: 0.3 is a little less than 3/10."""


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


NARROW = Sizes(n=10, d=7, s=3, r=2, k=1, epsilon=0.5, m=2)
"""K = 2, 5 columns for ε, 7 words a column, blocks of 4 and 3 columns."""

WIDE = Sizes(n=2000, d=3000, s=2, r=3, k=2, epsilon=0.25, m=3)
"""K = 6, 29 columns for ε, 5 words a column, blocks of 1000 columns."""

MANY = Sizes(n=10, d=12, s=30, r=1, k=2, epsilon=1.0, m=4)
"""K = 2, 3 columns for ε, 21 words a column (s is at most n), blocks of 3 columns."""

TALL = Sizes(n=10_000, d=400, s=900, r=1, k=1, epsilon=0.5, m=3)
"""K = 1, 2 columns for ε, 1801 words a column, blocks of 134, 133 and 133 columns."""

FLAT = Sizes(n=5, d=40, s=3, r=1, k=2, epsilon=1.0, m=2)
"""K = 2, 3 columns for ε, 7 words a column, blocks of 20 columns, more than there are rows."""

ALL_SIZES = (NARROW, WIDE, MANY, TALL, FLAT)

BY_HAND = {
    "raw": (2 * 3 * 7, 2 * 2 * 3000, 2 * 10 * 12, 2 * 900 * 400, 2 * 3 * 40),
    "one_way": (5 * (7 + 2), 29 * (5 + 2971), 3 * (21 + 9), 2 * (1801 + 398), 3 * (7 + 37)),
    "one_round": (
        4 * 7 + 3 * 7,
        3 * 29 * (5 + 971),
        4 * 3 * 21,
        2 * (1801 + 132) + 4 * (1801 + 131),
        2 * 3 * (7 + 17),
    ),
    "local_budget": (
        28 + 21 + 7 + 6 + 2,
        3 * 502 * (5 + 498) + 3 * 1003 + 3,
        4 * 63 + 4 * 6 + 4,
        400 * 1801 + 137 + 2 * 136 + 3,
        2 * 13 * (7 + 7) + 2 * 8 + 2,
    ),
    "bwz": (
        (7 + 7 + 14) * 7 + 2 * (7 + 28 + 14) + (2 * 7 + 9 * 2) + (7 + 8 * 2),
        (72 + 1200 + 3 * 1224) * 5 + 3 * (7 + 612 * 1225 + 1224 * 6) + 3 * 1224 * 1000,
        (12 + 12 + 40) * 21 + 4 * (7 + 55 + 20) + 4 * 63,
        (12 + 100 + 312) * 1801 + 3 * (7 + 5460 + 104) + (3602 + 106 * 132) + 2 * (3602 + 106 * 131),
        (10 + 40 + 10) * 7 + 2 * (7 + 15 + 10) + 2 * (21 + 8 * 17),
    ),
    "block_qrcp": (
        3 * 3 * 7 + 2 * (7 + 6 + 6 + 6) + 28 + 21,
        4 * 9 * 5 + 3 * (7 + 18 + 45 + 54) + 3 * (29 * 5 + 38 * 971),
        5 * 3 * 21 + 4 * (7 + 6 + 6 + 6) + 4 * 63,
        4 * 2 * 1801 + 3 * (7 + 4 + 3 + 2) + (3602 + 4 * 132) + 2 * (3602 + 4 * 131),
        3 * 3 * 7 + 2 * (7 + 6 + 6 + 6) + 2 * (21 + 6 * 17),
    ),
    "svd_factors": (
        (7 + 6 + 4) + 70 + 2 * (70 + 6) + 28 + 21,
        (3009 + 6) + 6_000_000 + 3 * (4_000_000 + 6) + 6_000_000,
        (24 + 8) + 120 + 4 * (100 + 6) + 4 * 63,
        (409 + 6) + 4_000_000 + 3 * (4_000_000 + 6) + 400 * 1801,
        (16 + 4) + 50 + 2 * (25 + 6) + 2 * 182,
    ),
    "frequent_directions": (
        70 + 2 * (70 + 6) + 28 + 21,
        2000 * 53 * 3 + 3 * (4_000_000 + 6) + 6_000_000,
        120 + 4 * (100 + 6) + 4 * 63,
        10_000 * 4 * 3 + 3 * (4_000_000 + 6) + 400 * 1801,
        50 + 2 * (25 + 6) + 2 * 182,
    ),
    "distinct": (42 + 22 + 7, 12_000 + 6003 + 3000, 240 + 44 + 12, 720_000 + 30_003 + 400, 240 + 12 + 40),
    "sketch_qrcp": (
        2 * 6 * 6 + 20 * 7 + 42 + 21 + 2,
        2 * 12 * 12 + (32 + 4) * 3000 + 12_000 + 9000 + 3,
        2 * 4 * 4 + 20 * 12 + 240 + 36 + 4,
        2 * 3 * 3 + (21 + 20) * 400 + 720_000 + 1200 + 3,
        2 * 4 * 4 + 10 * 40 + 240 + 120 + 2,
    ),
    "rounded": (9 * 70 + 2, 9 * 6_000_000 + 3, 9 * 120 + 4, 9 * 4_000_000 + 3, 9 * 200 + 2),
    "cross": (
        632 + 8 * (8 + 7),
        54_000_003 + 8 * (18 + 3000),
        1084 + 8 * (8 + 12),
        36_000_003 + 8 * (6 + 400),
        1802 + 8 * (4 + 40),
    ),
    "als": (
        2 * 12 + 11 * 2 * (12 + 21) + 2 + 7,
        3 * 4002 + 11 * 3 * (4003 + 10_001) + 3 + 6000,
        4 * 22 + 11 * 4 * (23 + 51) + 4 + 24,
        3 * 10_002 + 11 * 3 * (10_002 + 20_001) + 3 + 400,
        2 * 12 + 11 * 2 * (13 + 26) + 2 + 80,
    ),
}
BY_HAND |= {"two_thirds": BY_HAND["one_round"], "auto": BY_HAND["cross"]}
"""Words on these sizes, as the docstrings tell them: what is said up, what is told, what comes back."""


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(("at", "size"), list(enumerate(ALL_SIZES)))
def test_each_formula_gives_the_number_worked_out_by_hand(protocol: str, at: int, size: Sizes):
    assert bounds.UPPER_BOUNDS[protocol](size) == BY_HAND[protocol][at]


def test_als_with_few_kinds_of_rows_says_a_gram_matrix_of_each_kind():
    assert upper.als_words(2000, 3000, 2, 3, 10, grams=6) == 12_006 + 33 * (4003 + 6 * 3 + 4001) + 6003


@pytest.mark.parametrize(("d", "rows"), [(1, 8000), (7, 1143), (1000, 8), (2000, 4), (3000, 4)])
def test_the_check_is_a_mean_of_8000_squares(d: int, rows: int):
    assert bounds.check_rows(d) == rows


@pytest.mark.parametrize(("K", "m", "rows"), [(6, 4, 84), (4, 12, 42), (0, 3, 2000), (50, 100, 4)])
def test_the_check_of_directions_is_a_mean_of_2000_squares(K: int, m: int, rows: int):
    assert bounds.turned_rows(K, m) == rows


@pytest.mark.parametrize(
    ("K", "epsilon", "d", "integer", "rows"),
    [
        (6, 0.25, 10**6, False, 6 + 24 + 2),
        (6, 0.25, 10**6, True, 6 + 12 + 2),
        (6, 1.0, 10**6, False, 6 + 12 + 2),
        (3, 0.3, 10**6, False, 3 + 10 + 2),
        (2, 0.5, 1000, False, 2 + 8),
    ],
)
def test_a_sketch_has_K_rows_and_some_to_spare(K: int, epsilon: float, d: int, integer: bool, rows: int):
    assert bounds.sketch_rows(K, epsilon, d, integer=integer) == rows


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
    assert upper.one_way_words(n, d, s, r, k, epsilon) == due


@given(sizes, sizes, sizes, st.integers(1, 5), st.integers(1, 5), accuracies)
def test_one_way_words_cover_every_count_of_columns_that_may_be_sent(n, d, s, r, k, epsilon):
    bound = upper.one_way_words(n, d, s, r, k, epsilon)
    most = min(bounds.columns_for(r * k, epsilon), d)
    assert bound == max(words(c, min(s, n), d) for c in range(most + 1))


@given(sizes, sizes, sizes, st.integers(1, 5), st.integers(1, 5), accuracies, st.data())
def test_words_grow_with_every_size_and_with_accuracy(n, d, s, r, k, epsilon, data: st.DataObject):
    m = data.draw(st.integers(1, d))
    more = data.draw(st.sampled_from(["n", "d", "s", "r", "k", "epsilon"]))
    sizes = {"n": n, "d": d, "s": s, "r": r, "k": k, "epsilon": epsilon}
    larger = sizes | {more: sizes[more] / 2 if more == "epsilon" else sizes[more] + 1}
    assert upper.one_way_words(**larger) >= upper.one_way_words(**sizes)
    assert upper.one_round_words(**larger, m=m) >= upper.one_round_words(**sizes, m=m)


@given(sizes, sizes, sizes, st.integers(1, 5), st.integers(1, 5), accuracies)
def test_one_round_with_one_server_is_the_one_way_game(n, d, s, r, k, epsilon):
    assert upper.one_round_words(n, d, s, r, k, epsilon, 1) == upper.one_way_words(n, d, s, r, k, epsilon)


@pytest.mark.parametrize(("d", "m", "widths"), [(7, 3, [3, 2, 2]), (4, 4, [1] * 4), (2, 5, [1, 1]), (9, 2, [5, 4])])
def test_one_round_adds_up_its_blocks(d: int, m: int, widths: list[int]):
    due = sum(upper.one_way_words(10, d_i, 3, 1, 2, 0.5) for d_i in widths)
    assert upper.one_round_words(10, d, 3, 1, 2, 0.5, m) == due


def test_raw_words_are_a_row_and_a_value_for_each_nonzero():
    assert upper.raw_words(10, 20, 3) == 2 * 3 * 20
    assert upper.raw_words(10, 20, 30) == 2 * 10 * 20


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
