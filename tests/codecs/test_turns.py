"""Columns told by their neighbours to the left come to the entropy of their turns."""

from math import log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.columns.layout import Layout
from wlra_dist.codecs.columns.turns import Turns
from wlra_dist.weights import BlockMask, DenseWeights, Weights


def layout(W: Weights) -> Layout:
    return Layout(W, np.arange(W.shape[1]))


@given(st.integers(0, 2**32 - 1), st.integers(1, 20), st.integers(1, 9), st.integers(0, 5))
def test_what_is_read_was_written(seed: int, n: int, d: int, bound: int):
    rng = np.random.default_rng(seed)
    mask = rng.random((n, d)) < rng.random()
    for W in (BlockMask(rng.integers(0, 3, n), rng.integers(0, 3, d)), DenseWeights(mask.astype(float))):
        places = layout(W)
        values = rng.integers(-bound, bound + 1, places.places) * (rng.random(places.places) < rng.random())
        code = Turns(places, max(bound, 1))
        code.write(values, out := BitWriter())
        bits = BitReader(out.payload(), out.bits)
        assert np.array_equal(code.read(bits), values)
        assert bits.left == 0


@pytest.mark.parametrize("values", [[0, 1], [-1, 0], [-2, 0, 3]])
def test_neighbours_that_repeat_each_other_cost_their_turns(values: list[int]):
    rng, n, d = np.random.default_rng(1), 2000, 20
    matrix = rng.choice(values, (n, d))
    for j in range(1, d):
        repeats = rng.random(n) < 0.9
        matrix[repeats, j] = matrix[repeats, j - 1]
    chance = 0.9 + 0.1 / len(values)
    rest = 1 - chance
    entropy = n * (d - 1) * -(chance * log2(chance) + rest * log2(rest / (len(values) - 1))) + n * log2(len(values))
    Turns(layout(BlockMask.even(n, d, 1)), 5).write(matrix.T.ravel(), out := BitWriter())
    assert out.bits == pytest.approx(entropy, rel=0.05)
