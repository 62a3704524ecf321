"""Greedy selection by estimated gains, beside the gains themselves."""

import numpy as np
import pytest
from scipy.sparse import csc_array, random_array

from wlra_dist.css import SELECTORS, Selector, Stop
from wlra_dist.css.gram_qr import GramQR
from wlra_dist.css.sketched_greedy import SketchedGreedy
from wlra_dist.css.swaps import Swaps
from wlra_dist.linalg.basis import orthonormal_basis, residual_energy


def sparse(seed: int) -> csc_array:
    """Combinations of 12 sparse directions, every fourth column twice as long and alone."""
    rng = np.random.default_rng(seed)
    directions = random_array((400, 12), density=0.1, rng=rng).toarray() * np.linspace(2, 1, 12)
    B = directions @ (rng.standard_normal((12, 200)) * (rng.random((12, 200)) < 0.3))
    alone = random_array((400, 200), density=0.01, rng=rng).toarray()
    lengths = np.where(np.arange(200) % 4 == 0, 4.0, 0.3)
    return csc_array(B + alone * lengths)


def left(B: csc_array, selector: Selector, count: int) -> float:
    columns = selector(B, Stop(count), np.random.default_rng(0)).columns
    assert len(columns) == count
    return residual_energy(B, orthonormal_basis(B[:, columns]))


@pytest.mark.parametrize("seed", range(3))
def test_it_leaves_no_more_than_the_longest_do_and_with_many_signs_what_greedy_does(seed: int):
    B = sparse(seed)
    exact, longest = (left(B, SELECTORS[name](), 12) for name in ("greedy", "gram_qr"))
    few, many = (left(B, SketchedGreedy(signs), 12) for signs in (4, 1024))
    assert few <= longest * (1 + 1e-5)
    assert many <= 1.1 * exact < longest / 1.3


def test_a_residual_is_met_with_no_more_columns_than_by_the_longest():
    for seed in range(5):
        B = sparse(seed)
        residual = 0.2 * float((B.data**2).sum())
        stop = Stop(residual=residual)
        few, many = (selector(B, stop, np.random.default_rng(0)).columns for selector in (SketchedGreedy(), GramQR()))
        assert residual_energy(B, orthonormal_basis(B[:, few])) <= (1 + 1e-9) * residual
        assert len(few) <= len(many)


def test_more_signs_choose_the_best_first_column():
    B = sparse(0)
    G = (B.T @ B).toarray()
    gains = np.square(G).sum(axis=0) / np.diag(G)
    (first,) = SketchedGreedy(signs=1024)(B, Stop(1), np.random.default_rng(1)).columns
    assert gains[first] >= 0.9 * gains.max()


def test_swaps_on_more_columns_than_a_gram_matrix_has_room_for_start_there(monkeypatch: pytest.MonkeyPatch):
    B = sparse(1)
    monkeypatch.setattr("wlra_dist.css.swaps.GRAM_FITS", 100)
    expected, found = (
        selector(B, Stop(9), np.random.default_rng(5)).columns.tolist() for selector in (SketchedGreedy(), Swaps())
    )
    assert found == expected
