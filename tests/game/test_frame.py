"""Frames: what is sealed is unsealed, and any damage is noticed."""

import struct

import google_crc32c
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlra_dist.codecs.base.bits import DecodeError
from wlra_dist.game.frame import HEADER_BYTES, Frame, checksum, seal, split, unseal


@st.composite
def frames(draw: st.DrawFn) -> Frame:
    payload = draw(st.binary(max_size=40))
    bits = max(0, 8 * len(payload) - draw(st.integers(0, 7))) if payload else 0
    return Frame(draw(st.integers(0, 2**64 - 1)), bits, payload)


@given(frames())
def test_a_frame_is_its_header_and_its_payload(frame: Frame):
    sealed = seal(frame)
    assert len(sealed) == HEADER_BYTES + -(-frame.bits // 8) == 32 + len(frame.payload)
    assert unseal(sealed, frame.step) == frame
    assert checksum(sealed) == google_crc32c.value(frame.payload)


@given(st.lists(frames(), max_size=5))
def test_frames_one_after_the_other_are_told_apart(sent: list[Frame]):
    sealed = [seal(frame) for frame in sent]
    assert list(split(b"".join(sealed))) == list(zip(sent, sealed, strict=True))


@given(frames(), st.data())
def test_any_flipped_bits_of_a_byte_are_noticed(frame: Frame, data: st.DataObject):
    sealed = bytearray(seal(frame))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(DecodeError):
        unseal(bytes(sealed), frame.step)


@pytest.mark.parametrize("bit", range((HEADER_BYTES + 2) * 8))
def test_every_flipped_bit_is_noticed(bit: int):
    sealed = bytearray(seal(Frame(3, 12, b"\xab\xc0")))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(DecodeError):
        unseal(bytes(sealed), 3)
    with pytest.raises(DecodeError):
        list(split(bytes(sealed)))


@pytest.mark.parametrize("length", range(HEADER_BYTES + 2))
def test_every_truncation_is_noticed(length: int):
    sealed = seal(Frame(3, 12, b"\xab\xc0"))
    with pytest.raises(DecodeError):
        unseal(sealed[:length], 3)
    if length:
        with pytest.raises(DecodeError):
            list(split(sealed[:length]))


def test_what_follows_a_frame_is_noticed():
    with pytest.raises(DecodeError, match="1 bytes follow"):
        unseal(seal(Frame(0, 8, b"a")) + b"b", 0)


def test_two_frames_that_changed_places_are_noticed():
    first, second = seal(Frame(0, 8, b"a")), seal(Frame(1, 8, b"a"))
    with pytest.raises(DecodeError, match="message 0 was due, message 1 came"):
        unseal(second, 0)
    with pytest.raises(DecodeError, match="message 1 was due, message 0 came"):
        unseal(first, 1)


@given(st.binary(max_size=200))
def test_noise_is_no_frame(noise: bytes):
    with pytest.raises(DecodeError):
        unseal(noise, 0)


@pytest.mark.parametrize(("at", "value"), [(0, b"WLRB"), (4, b"\x02"), (5, b"\x02"), (6, b"\x00\x01")])
def test_a_sound_frame_of_another_kind_is_refused(at: int, value: bytes):
    """Another magic, version or kind, with checksums that are right."""
    header = bytearray(seal(Frame(0, 0, b""))[: HEADER_BYTES - 4])
    header[at : at + len(value)] = value
    with pytest.raises(DecodeError, match="version"):
        unseal(bytes(header) + struct.pack(">I", google_crc32c.value(bytes(header))), 0)


def test_a_claim_of_exabytes_is_refused_without_allocating_them():
    header = struct.pack(">4sBBHQQI", b"WLRA", 1, 1, 0, 0, 2**64 - 1, 0)
    with pytest.raises(DecodeError, match="cut short"):
        unseal(header + struct.pack(">I", google_crc32c.value(header)), 0)
