"""Nothing that is claimed is false: a slice of `benchmarks/truth.py`."""

import numpy as np
import pytest

from tests.truth.claims import played, verdict
from tests.truth.drawn import Given
from wlra_dist.scenario.options import ProtocolOptions


@pytest.mark.parametrize("slice_of", range(4))
def test_what_is_claimed_of_drawn_instances_is_true(slice_of: int):
    found = [verdict(seed, restarts=8) for seed in range(slice_of, 16, 4)]
    assert not [one for one in found if one.violations]
    assert {one.outcome for one in found} >= {"solved"}


@pytest.mark.parametrize("protocol", ["bwz", "block_qrcp"])
def test_columns_that_nearly_depend_on_each_other_leave_rounding(protocol: str):
    """W∘A is 10⁻⁸ off rank 1, and nothing but rounding is allowed: all of its columns are needed."""
    rng = np.random.default_rng(465)
    n, d = 17, 5
    W = np.outer(0.1 + rng.random(n), 0.1 + rng.random(d)) * (1 + 1e-8 * rng.standard_normal((n, d)))
    A = np.outer(rng.standard_normal(n), rng.standard_normal(d))
    game = played(Given(A, W, k=1, r=1), 2, ProtocolOptions(name=protocol, epsilon=0.5))
    assert game.certificate.is_rounding
