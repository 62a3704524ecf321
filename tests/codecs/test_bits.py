"""Laws of bit strings, held against Python's big integers."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlra_dist.codecs.base.bits import BitReader, BitWriter, DecodeError, pack, unpack

WIDTHS = st.integers(0, 64)


@st.composite
def words(draw: st.DrawFn) -> tuple[list[int], int]:
    """Numbers and a width that they fit in."""
    width = draw(WIDTHS)
    return draw(st.lists(st.integers(0, 2**width - 1), max_size=40)), width


def as_text(numbers: list[int], width: int) -> str:
    """The bits as a string of 0 and 1: the oracle."""
    return "".join(format(number, f"0{width}b") for number in numbers) if width else ""


def bytes_of(text: str) -> bytes:
    padded = text + "0" * (-len(text) % 8)
    return bytes(int(padded[start : start + 8], 2) for start in range(0, len(padded), 8))


@pytest.mark.parametrize("width", range(65))
@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 50])
def test_packed_words_are_the_bits_of_the_numbers_and_come_back(width: int, count: int):
    rng = np.random.default_rng(width * 100 + count)
    numbers = [int.from_bytes(rng.bytes(8), "big") >> (64 - width) for _ in range(count)]
    packed = pack(np.array(numbers, dtype=np.uint64), width)
    assert packed == bytes_of(as_text(numbers, width))
    assert unpack(packed, count, width).tolist() == numbers


@given(words())
def test_any_words_come_back(drawn: tuple[list[int], int]):
    numbers, width = drawn
    assert unpack(pack(np.array(numbers, dtype=np.uint64), width), len(numbers), width).tolist() == numbers


def test_eight_bits_are_what_numpy_unpacks():
    numbers = np.arange(256, dtype=np.uint64)
    assert (
        np.unpackbits(np.frombuffer(pack(numbers, 9), dtype=np.uint8)).reshape(256, 9)[:, 1:]
        == np.unpackbits(numbers.astype(np.uint8)[:, None], axis=1)
    ).all()


@st.composite
def messages(draw: st.DrawFn) -> list[tuple[str, list[int], int]]:
    """A program of writes, which meet at any offset: single numbers, runs of words, packed bits."""
    kinds = st.sampled_from(["uint", "words", "packed"])
    return [(draw(kinds), *draw(words())) for _ in range(draw(st.integers(0, 6)))]


@given(messages(), st.booleans())
def test_writes_at_any_offset_are_read_back_and_each_part_is_counted(
    program: list[tuple[str, list[int], int]], named: bool
):
    out, due = BitWriter(), {}
    for place, (kind, numbers, width) in enumerate(program):
        name = f"part {place % 3}"
        with out.part(name):
            write(out, kind, numbers, width)
        due[name] = due.get(name, 0) + len(numbers) * width
    text = "".join(as_text(numbers, width) for _, numbers, width in program)
    assert out.bits == len(text)
    assert out.payload() == bytes_of(text)
    reader = BitReader(out.payload(), out.bits)
    for place, (kind, numbers, width) in enumerate(program):
        with reader.part(f"part {place % 3}" if named else "all"):
            assert read(reader, kind, len(numbers), width) == numbers
    reader.finish()
    assert reader.left == 0
    nonzero = {name: bits for name, bits in due.items() if bits}
    assert {name: bits for name, bits in out.parts.items() if bits} == nonzero
    assert sum(reader.parts.values()) == out.bits
    if named:
        assert reader.parts == out.parts


def write(out: BitWriter, kind: str, numbers: list[int], width: int) -> None:
    if kind == "uint":
        for number in numbers:
            out.uint(number, width)
    elif kind == "words":
        out.words(np.array(numbers, dtype=np.uint64), width)
    else:
        out.packed(bytes_of(as_text(numbers, width)), len(numbers) * width)


def read(reader: BitReader, kind: str, count: int, width: int) -> list[int]:
    if kind == "uint":
        return [reader.uint(width) for _ in range(count)]
    if kind == "words":
        return reader.words(count, width).tolist()
    whole = int.from_bytes(reader.packed(count * width), "big") >> (-count * width % 8)
    return [whole >> (width * (count - 1 - i)) & (2**width - 1) for i in range(count)]


def test_parts_nest_and_what_is_in_none_is_header():
    out = BitWriter()
    out.uint(1, 3)
    with out.part("outer"):
        out.uint(1, 5)
        with out.part("inner"):
            out.uint(1, 7)
        out.uint(1, 11)
    out.uint(1, 13)
    assert out.parts == {"header": 16, "outer": 16, "inner": 7}
    assert sum(out.parts.values()) == out.bits


@pytest.mark.parametrize(
    "write",
    [
        lambda out: out.uint(8, 3),
        lambda out: out.uint(-1, 3),
        lambda out: out.words(np.array([1, 8]), 3),
        lambda out: out.words(np.array([-1, 3]), 3),
        lambda out: out.words(np.array([1]), 0),
        lambda out: out.packed(b"\x00\x00\x00", 16),
        lambda out: out.packed(b"\x00", 16),
    ],
)
def test_what_does_not_fit_is_refused(write: Callable[[BitWriter], None]):
    with pytest.raises(ValueError, match=r"fit|bytes"):
        write(BitWriter())


@pytest.mark.parametrize(
    "read",
    [
        lambda reader: reader.uint(12),
        lambda reader: reader.words(4, 3),
        lambda reader: reader.packed(12),
        lambda reader: reader.words(2**60, 64),
        lambda reader: (reader.uint(11), reader.uint(1)),
    ],
)
def test_reading_past_the_end_is_a_decode_error(read: Callable[[BitReader], object]):
    with pytest.raises(DecodeError, match="left"):
        read(BitReader(b"\xff\xe0", 11))


def test_unread_bits_are_a_decode_error():
    reader = BitReader(b"\xff\xe0", 11)
    reader.uint(10)
    with pytest.raises(DecodeError, match="1 bits are left over"):
        reader.finish()


@pytest.mark.parametrize("bits", range(1, 8))
def test_padding_must_be_zero(bits: int):
    for wrong in range(8 - bits):
        reader = BitReader(bytes([1 << wrong]), bits)
        reader.uint(bits)
        with pytest.raises(DecodeError, match="padding"):
            reader.finish()


@given(st.binary(max_size=9), st.integers(0, 80))
def test_as_many_bytes_as_the_bits_need(payload: bytes, bits: int):
    if len(payload) == -(-bits // 8):
        assert BitReader(payload, bits).left == bits
    else:
        with pytest.raises(DecodeError, match="bytes"):
            BitReader(payload, bits)


@given(
    st.lists(st.tuples(st.integers(0, 40), st.sampled_from(["header", "values", "support"])), max_size=6),
    st.integers(0, 6),
)
def test_what_was_written_elsewhere_is_as_if_it_had_been_written_here(pieces: list[tuple[int, str]], cut: int):
    def write(out: BitWriter, pieces: list[tuple[int, str]]) -> None:
        for bits, part in pieces:
            with out.part(part):
                out.uint((1 << bits) // 3, bits)
            out.count(bits)

    here, elsewhere, whole = BitWriter(), BitWriter(), BitWriter()
    write(here, pieces[:cut])
    write(elsewhere, pieces[cut:])
    here.extend(elsewhere)
    write(whole, pieces)
    assert (here.payload(), here.bits, here.parts, here.numbers) == (
        whole.payload(), whole.bits, whole.parts, whole.numbers,
    )  # fmt: skip
