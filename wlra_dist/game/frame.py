"""One message on the wire: a fixed header, then the payload.

An entropy coder decodes garbage without complaint, so the frame must not: both header and payload carry a CRC-32C.
"""

import struct
from collections.abc import Iterator
from mmap import mmap
from typing import NamedTuple

import google_crc32c

from wlra_dist.codecs.base.bits import DecodeError

_HEADER = struct.Struct(">4sBBHQQI")  # magic, version, kind, reserved, step, bits, checksum of the payload
_CHECKSUM = struct.Struct(">I")  # of the header before it
_MAGIC, _VERSION, _MESSAGE = b"WLRA", 1, 1

HEADER_BYTES = _HEADER.size + _CHECKSUM.size


class Frame(NamedTuple):
    """Message number `step` of a game: `bits` bits in ⌈bits/8⌉ bytes."""

    step: int
    bits: int
    payload: bytes


def seal(frame: Frame) -> bytes:
    """The bytes that a wire carries: HEADER_BYTES + ⌈bits/8⌉."""
    header = _HEADER.pack(_MAGIC, _VERSION, _MESSAGE, 0, frame.step, frame.bits, google_crc32c.value(frame.payload))
    return header + _CHECKSUM.pack(google_crc32c.value(header)) + frame.payload


def unseal(data: bytes, step: int) -> Frame:
    """The frame that `seal` made for message number `step`; DecodeError on anything else."""
    frame, end = _frame_at(data, 0)
    if end < len(data):
        raise DecodeError(f"{len(data) - end} bytes follow the frame")
    if frame.step != step:
        raise DecodeError(f"message {step} was due, message {frame.step} came")
    return frame


def split(data: bytes | mmap) -> Iterator[tuple[Frame, bytes]]:
    """The frames that stand one after the other, each also as it was sealed; DecodeError where none stands."""
    start = 0
    while start < len(data):
        frame, end = _frame_at(data, start)
        yield frame, data[start:end]
        start = end


def _frame_at(data: bytes | mmap, start: int) -> tuple[Frame, int]:
    header, body = data[start : start + _HEADER.size], start + HEADER_BYTES
    if len(data) < body:
        raise DecodeError(f"a frame has at least {HEADER_BYTES} bytes, {len(data) - start} came")
    magic, version, kind, reserved, step, bits, due = _HEADER.unpack(header)
    if _CHECKSUM.unpack(data[start + _HEADER.size : body])[0] != google_crc32c.value(header):
        raise DecodeError("the header of a frame is damaged")
    if (magic, version, kind, reserved) != (_MAGIC, _VERSION, _MESSAGE, 0):
        raise DecodeError(f"a frame of version {_VERSION} was due, {magic!r} version {version} came")
    payload = data[body : body + -(-bits // 8)]
    if len(payload) != -(-bits // 8) or google_crc32c.value(payload) != due:
        raise DecodeError(f"the payload of message {step} is damaged or cut short")
    return Frame(step, bits, payload), body + len(payload)


def checksum(sealed: bytes) -> int:
    """The CRC-32C of the payload, as the header of a sealed frame states it."""
    return _HEADER.unpack(sealed[: _HEADER.size])[-1]
