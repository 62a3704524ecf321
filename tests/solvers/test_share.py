"""S is between 0 and 1, its largest 1, whatever W is multiplied by; a cut takes heavy entries for equal."""

import numpy as np
import pytest

from wlra_dist.solvers.share import Scale, shares
from wlra_dist.weights import DenseWeights

W = np.array([[0.0, 1.0, 2.0], [4.0, 8.0, 3.0]])


def share(scale: Scale, entries: np.ndarray, quantile: float = 0.5) -> np.ndarray:
    """S = (W'/max W')∘(W'/max W') of the weights W' that are given."""
    root = shares(DenseWeights(entries), scale, quantile).dense(slice(None))
    return np.square(root / (root.max() or 1.0))


@pytest.mark.parametrize("factor", [0.01, 1.0, 100.0])
def test_each_scale_is_what_it_says_of_F_whatever_its_largest_entry_is(factor: float):
    F = np.square(W)
    assert np.allclose(share("max", factor * W), F / F.max())
    assert np.allclose(share("root", factor * W), np.sqrt(F / F.max()))
    assert np.allclose(share("quantile", factor * W), np.minimum(F / np.square(3), 1.0))  # the third of 1, 2, 3, 4, 8


def test_where_nothing_counts_nothing_is_divided():
    assert all(not share(scale, np.zeros((2, 3))).any() for scale in ("max", "root", "quantile"))


def test_the_root_is_on_the_scale_of_W_over_its_largest():
    assert shares(DenseWeights(W), "root", 0.5).dense(slice(None)).max() == 1.0
