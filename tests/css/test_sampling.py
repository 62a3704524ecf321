"""The laws that norm and leverage sampling draw by."""

import numpy as np
import pytest

from wlra_dist.css import Stop
from wlra_dist.css.leverage import LeverageSampling
from wlra_dist.css.norm_sampling import NormSampling, draw

DRAWS = 4000


def deviation(probability: float) -> float:
    """Five standard deviations of a frequency over DRAWS."""
    return 5 * np.sqrt(probability * (1 - probability) / DRAWS)


def test_draws_are_successive_and_by_score():
    """P(first = i, second = j) = s_i/s · s_j/(s − s_i)."""
    scores = np.array([1.0, 2.0, 0.0, 5.0])
    rng = np.random.default_rng(0)
    pairs = [tuple(draw(scores, 2, rng)) for _ in range(DRAWS)]
    for i in (0, 1, 3):
        for j in {0, 1, 3} - {i}:
            probability = scores[i] / 8 * scores[j] / (8 - scores[i])
            assert pairs.count((i, j)) / DRAWS == pytest.approx(probability, abs=deviation(probability))


def test_norm_sampling_goes_by_energy():
    B = np.diag([1.0, 2.0, 3.0])
    rng = np.random.default_rng(1)
    drawn = [int(NormSampling()(B, Stop(1), rng).columns[0]) for _ in range(DRAWS)]
    for column, probability in enumerate([1 / 14, 4 / 14, 9 / 14]):
        assert drawn.count(column) / DRAWS == pytest.approx(probability, abs=deviation(probability))


def test_leverage_does_not_see_length():
    """Three columns on e_1 share a leverage of 1 by their energy; a tiny one on e_2 has 1 for itself."""
    B = np.zeros((5, 4))
    B[0, :3], B[1, 3] = [1.0, 2.0, 2.0], 1e-3
    rng = np.random.default_rng(2)
    drawn = [int(LeverageSampling(rank=2)(B, Stop(1), rng).columns[0]) for _ in range(DRAWS)]
    for column, probability in enumerate([1 / 18, 4 / 18, 4 / 18, 9 / 18]):
        assert drawn.count(column) / DRAWS == pytest.approx(probability, abs=deviation(probability))


def test_scores_next_to_nothing_are_drawn_by_their_size_too():
    scores = np.array([1e-320, 3e-320, 0.0])
    firsts = [int(draw(scores, 1, np.random.default_rng(seed))[0]) for seed in range(400)]
    assert 240 <= firsts.count(1) <= 360
    assert firsts.count(0) + firsts.count(1) == 400
