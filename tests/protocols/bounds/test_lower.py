"""Lower bounds: the formulas by hand, the inequalities of their proofs by counting."""

from fractions import Fraction
from math import ceil, log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlra_dist.protocols import bounds
from wlra_dist.protocols.bounds import Bound, Rules, lower

RULES = Rules(m=4, everyone=True, blackboard=False, promise="certain")


@pytest.mark.parametrize(
    ("s", "k", "widths", "N"), [(3, 2, [1, 2, 5], 15), (4, 4, [4, 4], 32), (7, 9, [2], 14), (1, 1, [3, 3, 3], 3)]
)
def test_a_block_shows_s_entries_of_each_of_its_first_k_columns(s: int, k: int, widths: list[int], N: int):
    assert lower.hard_bits(s, k, widths) == N


@given(st.integers(1, 99), st.integers(1, 9), st.integers(1, 12), st.integers(1, 12))
def test_even_blocks_show_as_many_as_their_widths_say(d: int, s: int, r: int, k: int):
    widths = [d // r + (block < d % r) for block in range(r)]
    assert lower.even_hard_bits(d, s, r, k) == lower.hard_bits(s, k, widths)


@pytest.mark.parametrize("N", range(1, 15))
def test_the_worst_case_bound_is_what_counting_transcripts_gives(N: int):
    """A binary tree has 2^B leaves within B levels; each right input needs a leaf of its own."""
    right = ceil(Fraction(2, 3) * 2**N)
    B = next(B for B in range(N + 1) if right <= 2**B)
    assert ceil(lower.worst_case_bits(N)) == B == N
    assert lower.worst_case_bits(N) == pytest.approx(log2(Fraction(2, 3) * 2**N))


@pytest.mark.parametrize("N", [3, 8, 30])
def test_fano_is_the_entropy_that_one_guess_in_three_may_leave(N: int):
    h = log2(3) / 3 + 2 / 3 * log2(3 / 2)
    assert lower.expected_bits(N, N) == pytest.approx(N - h - N / 3, abs=1e-9)
    assert lower.expected_bits(N, N) <= lower.worst_case_bits(N) <= lower.zero_error_bits(N) == N


@pytest.mark.parametrize(("N", "m"), [(10, 2), (10, 7), (100, 3)])
def test_telling_everyone_costs_nearly_m_times_as_much(N: int, m: int):
    assert lower.everyone_bits(N, m) == pytest.approx(m * (N - 2 * log2(1.5)))
    assert lower.everyone_bits(N, m) <= m * N


def test_no_bound_is_negative():
    assert lower.expected_bits(1, 1) == lower.everyone_bits(1, 5) == 0
    assert lower.worst_case_bits(0) == 0


@pytest.mark.parametrize(
    ("n", "d", "s", "r", "k", "N"),
    [
        (256, 256, 64, 4, 4, 1024),
        (64, 10, 4, 4, 4, 40),
        (64, 16, 4, 4, 4, 64),
        (12, 9, 3, 3, 4, 27),
        (12, 9, 4, 3, 3, 36),
    ],
)
def test_the_hard_instance_by_hand(n: int, d: int, s: int, r: int, k: int, N: int):
    assert bounds.even_hard_instance(n, d, s, r, k) == Bound(N)
    blocks = [(n // r, d // r + (block < d % r)) for block in range(r)]
    assert bounds.hard_instance(s, k, blocks) == Bound(N)


@pytest.mark.parametrize(
    ("sizes", "fails"),
    [
        ((10, 12, 2, 4, 2), "does not divide n = 10"),
        ((12, 12, 4, 4, 2), "s, k ≤ n/r, but s = 4, k = 2, n/r = 3"),
        ((12, 12, 2, 4, 4), "s, k ≤ n/r, but s = 2, k = 4, n/r = 3"),
    ],
)
def test_sizes_that_the_theorem_does_not_know_are_named(sizes: tuple[int, int, int, int, int], fails: str):
    bits, reason = bounds.even_hard_instance(*sizes)
    assert bits is None
    assert fails in (reason or "")


@pytest.mark.parametrize(
    ("s", "blocks", "fails"),
    [
        (None, [(8, 8)], "states no s"),
        (2, None, "for the mask of Def 3.2, not for this W"),
        (4, [(8, 8), (3, 8)], "n/r = 3"),
    ],
)
def test_a_W_that_the_theorem_does_not_know_is_named(s: int | None, blocks: list[tuple[int, int]] | None, fails: str):
    bits, reason = bounds.hard_instance(s, 2, blocks)
    assert bits is None
    assert fails in (reason or "")


HYPOTHESES = {
    "a promise": (RULES._replace(promise=None), set(), "promises no accuracy"),
    "certainty": (
        RULES._replace(promise="estimate"),
        {"lower_bound_worst_case", "lower_bound_expected", "lower_bound_everyone"},
        "goes by estimates",
    ),
    "everyone": (
        RULES._replace(everyone=False),
        {"lower_bound_bits", "lower_bound_worst_case", "lower_bound_expected"},
        "must all hold",
    ),
    "several servers": (
        RULES._replace(m=1),
        {"lower_bound_bits", "lower_bound_worst_case", "lower_bound_expected"},
        "m ≥ 2",
    ),
    "links": (
        RULES._replace(blackboard=True),
        {"lower_bound_bits", "lower_bound_worst_case", "lower_bound_expected"},
        "message passing",
    ),
}


@pytest.mark.parametrize("dropped", HYPOTHESES)
def test_a_bound_is_told_with_its_hypotheses_alone(dropped: str):
    rules, left, fails = HYPOTHESES[dropped]
    known = bounds.lower_bounds(Bound(64), rules)
    assert {name for name, bound in known.items() if bound.bits} == left
    for name, bound in known.items():
        assert (bound.fails is None) == (name in left)
        assert bound.fails is None or fails in bound.fails


def test_with_all_hypotheses_all_bounds_are_told():
    known = bounds.lower_bounds(Bound(64), RULES)
    assert [bound.bits for bound in known.values()] == [
        64, lower.worst_case_bits(64), lower.expected_bits(64, 64), lower.everyone_bits(64, 4)
    ]  # fmt: skip
    assert not any(bound.fails for bound in known.values())


def test_without_a_hard_instance_none_is():
    known = bounds.lower_bounds(Bound(None, "no mask"), RULES)
    assert set(known.values()) == {Bound(None, "no mask")}
