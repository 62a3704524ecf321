"""Laws of the Elias delta code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlra_dist.codecs.base.bits import BitReader, BitWriter, DecodeError
from wlra_dist.codecs.base.codec import decode, encode
from wlra_dist.codecs.base.universal import Natural

NUMBERS = st.one_of(st.integers(0, 20), st.integers(0, 2**63 - 2))


@given(st.lists(NUMBERS, max_size=5))
def test_numbers_one_after_the_other_come_back(numbers: list[int]):
    out = BitWriter()
    for number in numbers:
        Natural().write(number, out)
    assert out.bits == sum(map(Natural().bits, numbers))
    reader = BitReader(out.payload(), out.bits)
    assert [Natural().read(reader) for _ in numbers] == numbers
    reader.finish()


@pytest.mark.parametrize(("number", "text"), [(0, "1"), (1, "0100"), (2, "0101"), (3, "01100"), (16, "001010001")])
def test_the_words_are_those_of_elias(number: int, text: str):
    out = encode(Natural(), number)
    assert format(out.payload()[0] << 8 | (out.payload() + b"\0")[1], "016b")[: out.bits] == text


def test_the_code_is_complete():
    """Kraft's sum comes near 1, and the longest word is the limit."""
    widths = [Natural().bits(2**width - 1) for width in range(63)]
    assert sum(2.0 ** (width - bits) for width, bits in enumerate(widths)) == pytest.approx(1, abs=2**-5)
    assert max(widths) == Natural().limit == 73


@pytest.mark.parametrize("number", [-1, 2**63 - 1])
def test_numbers_out_of_range_are_refused(number: int):
    with pytest.raises(ValueError, match="expected an integer"):
        encode(Natural(), number)


def test_a_word_of_a_longer_number_is_a_decode_error():
    with pytest.raises(DecodeError, match="more than 63 bits"):
        decode(Natural(), bytes(20), 160)
