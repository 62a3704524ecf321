"""The laws of codec.py, for every codec."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csc_array

from tests.codecs.drawn import DRAWN
from wlra_dist.codecs.base.bits import BitReader, BitWriter, DecodeError
from wlra_dist.codecs.base.codec import Codec, decode, encode, received
from wlra_dist.codecs.base.compound import Fields
from wlra_dist.codecs.base.grid import GRID_BOUND
from wlra_dist.codecs.base.integers import Count
from wlra_dist.codecs.base.reals import Coefficients, Fixed, Floats
from wlra_dist.codecs.columns.columns import SelectedColumns
from wlra_dist.codecs.multiples import Multiples, MultiplesCode

each_codec = pytest.mark.parametrize("name", DRAWN)
seeds = st.integers(0, 2**32)

EPS = float(np.finfo(float).eps)


def assert_received(codec: Codec[Any], sent: Any, decoded: Any) -> None:
    """`decoded` is what the codec promises for `sent`: the same, or the nearest grid point."""
    match sent:
        case SelectedColumns():
            assert type(decoded.rounded) is bool
            assert (decoded.width, decoded.rounded) == (sent.width, sent.rounded)
            assert_received(codec, sent.S, decoded.S)
            assert_received(codec, sent.C, decoded.C)
            assert_received(Coefficients(sent.X.shape), (sent.width, sent.X), (decoded.width, decoded.X))
        case (int() as width, np.ndarray() as X) if isinstance(codec, Coefficients):
            assert decoded[0] == width
            assert_received(codec.at(width), X, decoded[1])
        case np.ndarray() if isinstance(codec, Fixed):
            assert decoded.shape == sent.shape
            assert np.abs(decoded - sent).max(initial=0.0) <= half_step(sent, codec.width)
        case np.ndarray():
            assert isinstance(decoded, np.ndarray)
            assert np.array_equal(decoded, sent)
        case csc_array():
            assert isinstance(decoded, csc_array)
            assert np.array_equal(decoded.toarray(), sent.toarray())
        case tuple() if isinstance(codec, Fields):
            for code, one, other in zip(codec.codes, sent, decoded, strict=True):
                assert_received(code, one, other)
        case tuple() | list():
            assert len(decoded) == len(sent)
            for one, other in zip(sent, decoded, strict=True):
                assert_received(codec, one, other)
        case _:
            assert type(decoded) is type(sent)
            assert decoded == sent


def half_step(sent: np.ndarray, width: int) -> float:
    """Half the distance of grid points, and the rounding of float64."""
    largest = np.abs(sent).max(initial=0.0)
    bound = largest + float(np.spacing(np.float32(largest)))
    return bound * (0.5 / (2 ** (width - 1) - 1) + 2 * EPS)


@each_codec
@given(seed=seeds)
@settings(max_examples=25)
def test_what_is_written_is_read_and_booked_alike_at_the_length_that_was_known(name: str, seed: int):
    codec, value = DRAWN[name](np.random.default_rng(seed))
    out = encode(codec, value)
    assert out.bits == codec.bits(value) == sum(out.parts.values())
    assert out.bits <= codec.limit
    assert len(out.payload()) == -(-out.bits // 8)
    decoded, reader = decode(codec, out.payload(), out.bits)
    assert_received(codec, value, decoded)
    assert reader.parts == out.parts
    assert reader.numbers == out.numbers


@each_codec
@given(seed=seeds)
@settings(max_examples=25)
def test_messages_delimit_themselves(name: str, seed: int):
    codec, value = DRAWN[name](np.random.default_rng(seed))
    out = BitWriter()
    out.uint(5, 3)
    codec.write(value, out)
    codec.write(value, out)
    out.uint(2, 2)
    reader = BitReader(out.payload(), out.bits)
    assert reader.uint(3) == 5
    for _ in range(2):
        assert_received(codec, value, codec.read(reader))
    assert reader.uint(2) == 2
    reader.finish()


@each_codec
@given(seed=seeds)
@settings(max_examples=25)
def test_writing_leaves_the_value_alone(name: str, seed: int):
    rng = np.random.default_rng
    (codec, value), (_, untouched) = DRAWN[name](rng(seed)), DRAWN[name](rng(seed))
    assert encode(codec, value).payload() == encode(codec, value).payload()
    assert repr(value) == repr(untouched)


@given(seed=seeds, width=st.integers(2, 53), scale=st.integers(-37, 37))
def test_fixed_point_keeps_zero_and_takes_the_largest_number(seed: int, width: int, scale: int):
    value = np.random.default_rng(seed).standard_normal(5) * 10.0**scale
    value[0] = 0.0
    decoded = received(Fixed((5,), width), value)
    assert decoded[0] == 0.0
    assert np.abs(decoded - value).max() <= half_step(value, width)


@pytest.mark.parametrize("largest", [5e-324, 1e-45, 1.2e-38, 1.0, np.nextafter(1.0, 2), 3.4e38])
@pytest.mark.parametrize("width", [2, 25, 53])
def test_fixed_point_at_the_ends_of_float32(largest: float, width: int):
    value = np.array([largest, -largest])
    assert np.abs(received(Fixed((2,), width), value) - value).max() <= max(
        half_step(value, width), float(np.finfo(np.float32).smallest_subnormal)
    )


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), max_size=5))
def test_32_bits_round_to_the_nearest_float32(values: list[float]):
    close = np.array(values) * (1 + EPS)
    assert np.array_equal(received(Floats((len(values),), 32), close), close.astype(np.float32))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e39])
def test_numbers_that_a_code_cannot_hold_are_refused(value: float):
    for codec in (Floats((1,), 32), Fixed((1,), 8)):
        with pytest.raises(ValueError, match="expected"):
            encode(codec, np.array([value]))


@pytest.mark.parametrize("width", [-1, 0, 1, 54, 63, 65])
def test_widths_without_a_grid_are_refused(width: int):
    with pytest.raises(ValueError, match=r"width|count"):
        encode(Coefficients((1,)), (width, np.ones(1)))


def test_a_count_beyond_its_bound_is_refused_on_both_sides():
    with pytest.raises(ValueError, match="at most 5"):
        encode(Count(5), 6)
    with pytest.raises(DecodeError, match="at most 5"):
        decode(Count(5), bytes([6 << 5]), 3)


def test_multiples_that_no_float_holds_are_refused():
    code, value = MultiplesCode(1, 1, "words"), Multiples(32_000, np.array([[GRID_BOUND]]))
    out = encode(code, value)
    with pytest.raises(DecodeError, match="infinite"):
        decode(code, out.payload(), out.bits)
