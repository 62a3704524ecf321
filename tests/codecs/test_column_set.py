"""Which columns: every subset comes back within the limit, and each shape of one takes the bits that are due."""

from itertools import combinations

import numpy as np
import pytest

from wlra_dist.codecs.base.codec import received
from wlra_dist.codecs.base.integers import Count
from wlra_dist.codecs.columns.column_set import ColumnSet, Places
from wlra_dist.codecs.entropy.subset import Subset


def subsets(d: int) -> list[np.ndarray]:
    return [np.array(S, dtype=np.int64) for size in range(d + 1) for S in combinations(range(d), size)]


@pytest.mark.parametrize("likely", [None, 0, 2, 9])
@pytest.mark.parametrize("below", [0, 1, 2, 6])
def test_every_subset_comes_back_and_takes_the_bits_of_its_shape(below: int, likely: int | None):
    code = Places(below, likely)
    for S in subsets(below):
        assert np.array_equal(received(code, S), S)
        size, is_run = len(S), len(S) > 0 and S[-1] - S[0] == len(S) - 1
        due = 1 + Count(below).bits(size)
        if is_run and S[0] == 0:
            expected = 0 if likely is None else 1
            due = 2 if likely is not None and size == min(likely, below) else due + expected
        else:
            due += 1 + (Count(below - size).bits(int(S[0])) if is_run else Subset(size, below).bits(S))
        assert code.bits(S) == due <= code.limit


@pytest.mark.parametrize("groups", [[], [0], [0, 0, 0, 1, 1, 1], [1, 0, 1, 0, 1, 0], [0, 1, 1, 2, 2, 2], [0, 1, 2, 3]])
def test_places_that_every_group_has_are_sent_once(groups: list[int]):
    """The same places of each group, or all columns one by one: what is shorter, and a bit for which."""
    labels, likely = np.array(groups, dtype=np.int64), 1
    code = ColumnSet(labels, likely)
    place = np.array([groups[:j].count(group) for j, group in enumerate(groups)], dtype=np.int64)
    height = max([groups.count(group) for group in groups], default=0)
    for S in subsets(len(groups)):
        assert np.array_equal(received(code, S), S)
        one_by_one = Places(len(groups)).bits(S)
        pattern = np.unique(place[S])
        repeated = Places(height, likely).bits(pattern) if np.isin(place, pattern).sum() == len(S) else np.inf
        assert code.bits(S) == 1 + min(one_by_one, repeated) <= code.limit
