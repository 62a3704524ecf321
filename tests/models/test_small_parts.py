"""Small parts of models by themselves: types of numbers, what a price buys, matrices in blocks."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.models.made import compressed, low_rank, saved
from wlra_dist.models.expand import load
from wlra_dist.models.kinds import KINDS
from wlra_dist.models.rates import WHOLE, Curve


@given(seed=st.integers(0, 2**32))
def test_bfloat16_is_the_nearer_of_two_upper_halves_and_the_even_one_of_a_tie(seed: int):
    rng, kind = np.random.default_rng(seed), KINDS["BF16"]
    numbers = (rng.standard_normal(50) * 2.0 ** rng.integers(-60, 60, 50)).astype(np.float32)
    words = numbers.view(np.uint32) & np.uint32(0xFFFF8000)  # every other is a tie
    down = words >> 16 << 16
    below, above, given_numbers = ((each.view(np.float32)).astype(float) for each in (down, down + 0x10000, words))
    closer = np.abs(above - given_numbers) < np.abs(below - given_numbers)
    tied = np.abs(above - given_numbers) == np.abs(below - given_numbers)
    due = np.where(closer | tied & (down >> 16 & 1 == 1), above, below)
    stored = kind.stored(given_numbers)
    assert np.array_equal(kind.floats(stored), due)
    assert np.array_equal(kind.numpy_array(stored), due.astype(np.float32))
    assert not kind.has_nan(stored)
    assert all(kind.has_nan(np.array([word], np.uint16)) for word in (0x7FC0, 0x7F80, 0xFF80))  # NaN, ∞, −∞


@pytest.mark.parametrize("name", ["F64", "F32", "F16"])
def test_other_floats_are_numpy_s_and_end_at_their_largest(name: str):
    kind = KINDS[name]
    assert kind.stored(np.array([0.1, 1e300, -1e300])).tolist()[0] == kind.dtype.type(0.1)
    assert np.isfinite(kind.stored(np.array([1e308, -1e308]))).all()
    assert kind.floats(np.array([0.5, -2.0], kind.dtype)).tolist() == [0.5, -2.0]


@pytest.mark.parametrize("price", [1e-6, 1e-3])
def test_a_bit_more_takes_its_price_off_the_loss(price: float):
    """So no other division of the bits loses less: a little cheaper, and the loss falls by the price of each bit."""
    curve = Curve((30, 20), 600.0, np.geomspace(100, 1, 20), np.linspace(0.5, 2, 20))
    one, more = (curve.at(WHOLE, 0, factor * price) for factor in (1.0, 0.99))
    assert (one.loss - more.loss) / (more.bits - one.bits) == pytest.approx(price, rel=0.01)


@pytest.mark.parametrize("blocks", [1, 2, 3])
def test_a_matrix_comes_back_from_any_number_of_blocks(tmp_path: Path, blocks: int):
    A = low_rank(60, 40, 4)
    (entry,) = compressed(saved({"A": A}, tmp_path / "A.safetensors"), tmp_path / "a", loss=1e-4, block=2400 // blocks)
    assert len(entry.blocks) == blocks
    again = load(tmp_path / "a")["A"].array()
    assert np.square(again - A).sum() <= 1e-4 * np.square(A).sum() * (1 + 1e-6)
