"""Of values that are alike but for rounding, the first is taken."""

import numpy as np
import pytest

from wlra_dist.linalg.ties import first_largest


@pytest.mark.parametrize(
    ("values", "first"),
    [
        ([1.0, 3.0, 3.0 + 1e-14, 2.0], 1),
        ([-2.0, -1.0 - 1e-14, -1.0], 1),
        ([1.0, np.inf, np.inf], 1),
        ([3.0, 3.1], 1),
        ([0.0, 0.0], 0),
        ([], 0),
    ],
)
def test_the_first_of_those_that_tie(values: list[float], first: int):
    assert first_largest(np.array(values)) == first
