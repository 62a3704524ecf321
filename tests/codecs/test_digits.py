"""Laws of digits of any base: round trip, cost, limit."""

from math import ceil, log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlra_dist.codecs.base.bits import DecodeError
from wlra_dist.codecs.base.codec import decode, encode, received
from wlra_dist.codecs.base.digits import Digits, Spread

BASES = [1, 2, 3, 5, 15, 16, 63, 64, 65, 1000, 4095, 4097, 2**20 + 1, 2**31 - 1, 2**62 - 1, 2**62]


@given(st.sampled_from(BASES), st.data())
def test_digits_come_back_within_the_limit(base: int, data: st.DataObject):
    digits = np.array(data.draw(st.lists(st.integers(0, base - 1), max_size=80)), dtype=np.int64)
    codec = Digits(len(digits), base)
    assert (received(codec, digits) == digits).all()
    assert encode(codec, digits).bits <= codec.limit


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("size", [1, 3, 4001])
def test_a_digit_takes_log2_of_the_base(base: int, size: int):
    digits = np.random.default_rng(base % 97).integers(0, base, size)
    bits = Digits(size, base).bits(digits)
    assert bits <= 1.001 * size * log2(base) + 2
    assert bits >= size * log2(base) - 20  # chance: some digits cost less than others


@pytest.mark.parametrize("base", [2, 3, 10, 1000])
def test_few_digits_are_one_number(base: int):
    size = int(64 / log2(base))
    assert Digits(size, base).limit == Digits(size, base).bits(np.zeros(size, dtype=int)) == ceil(size * log2(base))


@pytest.mark.parametrize("base", range(2, 140))
def test_limits_grow_with_the_base(base: int):
    """Spread rests on it: the limit of the widest range is that of all."""
    for size in (1, 7, 50, 1000):
        assert Digits(size, base).limit <= Digits(size, base + 1).limit <= size * base.bit_length()


def test_digits_out_of_range_are_refused():
    with pytest.raises(ValueError, match="below 3"):
        encode(Digits(2, 3), np.array([1, 3]))


@given(st.binary(max_size=200), st.sampled_from([3, 15, 5000]))
def test_whatever_decodes_is_below_the_base(payload: bytes, base: int):
    try:
        digits, _ = decode(Digits(100, base), payload, len(payload) * 8)
    except DecodeError:
        return
    assert digits.shape == (100,)
    assert 0 <= digits.min() <= digits.max() < base


@given(st.lists(st.integers(0, 1000), max_size=50))
def test_spreads_come_back_within_the_limit(drawn: list[int]):
    codec = Spread(len(drawn), 1000)
    assert received(codec, np.array(drawn, dtype=np.int64)).tolist() == drawn
    assert codec.bits(np.array(drawn)) <= codec.limit
