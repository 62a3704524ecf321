"""Small parts of protocols by themselves: labels, and what a server surveys."""

from math import log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlra_dist.codecs.base.codec import decode, encode
from wlra_dist.codecs.base.integers import Count
from wlra_dist.linalg.blocks import energy
from wlra_dist.protocols.distinct.labels import Labels
from wlra_dist.protocols.one_round.local_budget import survey
from wlra_dist.protocols.sketched.sketches import PlannedPart
from wlra_dist.weights.components import Component


@given(st.lists(st.integers(0, 4), max_size=30))
def test_labels_come_back_and_take_at_most_their_limit(drawn: list[int]):
    _, labels = np.unique(np.array(drawn, dtype=np.int64), return_inverse=True)
    if len(set(drawn)) == len(drawn):
        labels = np.arange(len(drawn))
    code = Labels(len(labels))
    written = encode(code, labels)
    read, _ = decode(code, written.payload(), written.bits)
    assert np.array_equal(read, labels)
    assert written.bits <= code.limit


@pytest.mark.parametrize("size", [1, 2, 100])
def test_labels_that_leave_no_choice_cost_their_number_of_groups_alone(size: int):
    """And of one group, the bit that says how the sizes of groups travel."""
    count = encode(Count(size), size).bits
    assert Labels(size).bits(np.arange(size)) == count
    assert Labels(size).bits(np.zeros(size, dtype=np.int64)) <= count + 1


def test_labels_cost_about_the_entropy_of_the_groups_sizes():
    labels = np.random.default_rng(0).permutation(np.repeat([0, 1, 2], [700, 200, 100]))
    entropy = -sum(size * log2(size / 1000) for size in (700, 200, 100))
    assert entropy <= Labels(1000).bits(labels) <= entropy + 60


def test_different_labels_out_of_order_are_refused():
    with pytest.raises(ValueError, match="in order"):
        Labels(3).bits(np.array([0, 2, 1]))


@pytest.mark.parametrize("S", [[], [1], [1, 0], [2, 0, 1]])
def test_a_survey_is_what_columns_leave_one_by_one_and_the_entries_of_each(S: list[int]):
    B = np.random.default_rng(0).standard_normal((8, 5))
    B[:4, 0], B[0, 2] = 0, 0
    curve = survey(B, np.array(S, dtype=np.int64), 0.25)
    assert curve.bound == 0.25
    assert curve.entries == (np.ceil(np.count_nonzero(B[:, S]) / len(S)) if S else 0)
    left = [energy(B - B[:, S[:c]] @ np.linalg.pinv(B[:, S[:c]]) @ B) for c in range(len(S) + 1)]
    assert curve.residuals == pytest.approx(left, rel=1e-9)


@pytest.mark.parametrize("K", [0, 1, 3, 9])
@pytest.mark.parametrize("rows", [4, 20, 60])
def test_directions_are_taken_where_they_and_their_coefficients_are_half_of_a_sketch(K: int, rows: int):
    part = PlannedPart(Component(np.arange(80), np.arange(90)), K, rows, checks=8, turned=4, number=0)
    for d in range(1, 90):
        p = part.rank_of(d)
        assert p in (0, K)
        numbers_of_directions, numbers_of_a_sketch = K * rows + K * d, rows * d
        assert (p > 0) == (0 < K < d and 2 * numbers_of_directions <= numbers_of_a_sketch)
