"""Sketched pivots beside those of LAPACK."""

import numpy as np
import pytest
from scipy.linalg import qr

from wlra_dist.css import Stop, select
from wlra_dist.css.sketched_qr import SketchedQR
from wlra_dist.linalg.basis import orthonormal_basis, residual_energy
from wlra_dist.linalg.blocks import energy


def decaying(n: int, d: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.standard_normal((n, d)) @ (1 / np.arange(1, d + 1)[:, None] * rng.standard_normal((d, d)))


def pivots_of_lapack(B: np.ndarray) -> np.ndarray:
    _, _, pivots = qr(B, pivoting=True, mode="economic")  # pyright: ignore[reportAssignmentType]
    return pivots


def left(B: np.ndarray, columns: np.ndarray) -> float:
    return residual_energy(B, orthonormal_basis(B[:, columns]))


@pytest.mark.parametrize(("count", "slack"), [(10, 1.25), (40, 1.1)])
def test_little_is_lost_against_pivoted_qr(count: int, slack: float):
    B = decaying(800, 150)
    exact = left(B, pivots_of_lapack(B)[:count])
    for seed in range(3):
        sketched = SketchedQR()(B, Stop(count), np.random.default_rng(seed)).columns
        assert left(B, sketched) <= slack * exact


def test_a_sketch_of_all_rows_is_pivoted_qr():
    B = decaying(60, 50)
    columns = SketchedQR(oversampling=6)(B, Stop(10), np.random.default_rng(0)).columns
    assert columns.tolist() == pivots_of_lapack(B)[:10].tolist()


@pytest.mark.parametrize("fraction", [0.2, 0.02, 0.002])
def test_the_sketch_grows_until_it_believes_in_the_target(fraction: float):
    """Its own estimate, corrected for the pivots it fits, is right within a third of the target."""
    B = decaying(800, 150)
    columns = SketchedQR()(B, Stop(residual=fraction * energy(B)), np.random.default_rng(1)).columns
    assert left(B, columns) == pytest.approx(fraction * energy(B), rel=1 / 3)


def test_a_target_that_the_sketch_holds_for_met_is_met():
    """Four rows of a sketch show half of this column's energy: enough, if it were true, for no column at all."""
    rng = np.random.default_rng(2)
    B = rng.standard_normal((10, 10)) @ (10.0 ** (-np.arange(10) / 10))[:, None] * rng.standard_normal((1, 1))
    for seed in range(20):
        stop = Stop(residual=0.6 * float(np.square(B).sum()))
        assert select(SketchedQR(), B, stop, np.random.default_rng(seed)).columns.tolist() == [0]
