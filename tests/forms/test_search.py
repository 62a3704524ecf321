"""The search for the fewest bits, by its own laws: where it starts, what it tries, when it ends."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlra_dist.forms import Sent
from wlra_dist.forms.search import GROWTH, HALVINGS, ROOM, bisected, coarsest, lengths, shortest
from wlra_dist.weights import DenseWeights


def sent(B: np.ndarray) -> Sent:
    return Sent(B, DenseWeights(np.ones(B.shape)), B)


@pytest.mark.parametrize(("n", "d"), [(12, 30), (40, 30)])
@pytest.mark.parametrize("share", [1.0, 0.3, 0.02, 0.0])
def test_lengths_go_from_the_first_that_leaves_room_to_all_in_growing_steps(n: int, d: int, share: float):
    B = np.random.default_rng(0).standard_normal((n, d))
    goal = share * float(np.square(B).sum())
    most = min(n, d)
    tries = lengths(sent(B), B, goal)
    left = [_left(B, c) for c in range(most + 1)]
    first = next((c for c in range(1, most + 1) if left[c] <= ROOM * goal), most)
    assert (tries[0], tries[-1]) == (first, most)
    for c, after in pairwise(tries):
        assert c < after <= max(c + 1, round(GROWTH * c))
    assert all(after == max(c + 1, round(GROWTH * c)) for c, after in pairwise(tries[:-1]))


def _left(B: np.ndarray, c: int) -> float:
    """‖B − CC⁺B‖² for its first c columns C."""
    return float(np.square(B - B[:, :c] @ np.linalg.pinv(B[:, :c]) @ B).sum())


def test_a_length_that_leaves_just_the_room_is_the_first():
    B = np.diag([2.0, 1, 1])
    assert lengths(sent(B), B, 2.0 / ROOM)[0] == 1
    assert lengths(sent(B), B, 1.99 / ROOM)[0] == 2


@pytest.mark.parametrize(
    ("sizes", "tried", "found"),
    [
        ([5, 4, 3, 2], 4, [2, 3, 4, 5]),
        ([5, 6, 7, 1], 3, [5, 6, 7]),
        ([5, 6, 4, 5, 3], 5, [3, 4, 5, 5, 6]),
        ([5, 5, 5, 1], 3, [5, 5, 5]),
        ([5, None, 4, None, None, 1], 5, [4, 5]),
        ([None, None, 3], 2, []),
        ([], 0, []),
    ],
)
def test_the_search_ends_when_twice_in_a_row_nothing_is_shorter(
    sizes: list[float | None], tried: int, found: list[float]
):
    asked: list[int] = []

    def describe(c: int) -> tuple[int, float] | None:
        asked.append(c)
        size = sizes[c]
        return None if size is None else (c, size)

    descriptions = shortest(describe, range(len(sizes)), lambda description: description[1])
    assert asked == list(range(tried))
    assert [size for _, size in descriptions] == found
    assert [c for c, _ in descriptions] == sorted((c for c, _ in descriptions), key=lambda c: (sizes[c], c))


@given(start=st.integers(-50, 50), stride=st.integers(1, 12), below=st.integers(-3, 400))
def test_the_coarsest_is_the_largest_exponent_that_will_do(start: int, stride: int, below: int):
    largest = start + stride - 1 - below  # at(e) is found for e ≤ largest
    exponent = coarsest(lambda e: e if e <= largest else None, start, stride)
    lowest = start - stride * (HALVINGS - 1)
    assert exponent == (None if largest < lowest else min(largest, start + stride - 1))


def test_a_step_that_never_does_is_tried_so_many_times_and_given_up():
    tried: list[int] = []
    assert coarsest(tried.append, 7, 3) is None
    assert tried == [7 - 3 * i for i in range(HALVINGS)]


@given(low=st.integers(-20, 20), width=st.integers(1, 40), share=st.floats(0, 1))
def test_bisection_finds_the_last_that_will_do_in_as_many_tries_as_bits(low: int, width: int, share: float):
    largest, tried = low + int(share * (width - 1)), []

    def at(e: int) -> str | None:
        tried.append(e)
        return f"at {e}" if e <= largest else None

    assert bisected(at, low, f"at {low}", low + width) == f"at {largest}"
    assert all(low < e < low + width for e in tried)
    assert len(tried) <= (width - 1).bit_length()
