"""Nothing that is claimed is false: a slice of `benchmarks/truth.py`."""

import pytest

from tests.truth.claims import verdict


@pytest.mark.parametrize("slice_of", range(4))
def test_what_is_claimed_of_drawn_instances_is_true(slice_of: int):
    found = [verdict(seed, restarts=8) for seed in range(slice_of, 24, 4)]
    assert not [one for one in found if one.violations]
    assert {one.outcome for one in found} >= {"solved"}
