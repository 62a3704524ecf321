"""Strings of bits: written most significant bit first, counted part by part, read back exactly.

Every bit of a message passes here, so this is where it is counted. Arrays are packed eight words at a time: eight
words of w bits fill w bytes exactly, whatever w is, and each byte is a shift away from its word.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

BYTE = 8  # bits
WORD = 64  # bits of the words that lanes carry

FEW = 2000
"""Words below which spreading them bit by bit costs less than the calls that go lane by lane."""


class DecodeError(ValueError):
    """The bytes are not a message of this codec; the only error a decoder raises."""


def pack(words: np.ndarray, width: int) -> bytes:
    """Unsigned words (size N, below 2^width, width ≤ 64) as ⌈N·width/8⌉ bytes, the last one padded with zeros."""
    if width % BYTE == 0:
        return words.astype(">u8").view(np.uint8).reshape(-1, BYTE)[:, BYTE - width // BYTE :].tobytes()
    if len(words) < FEW:
        octets = -(-width // BYTE)
        big_endian = words.astype(">u8").view(np.uint8).reshape(-1, BYTE)[:, BYTE - octets :]
        return np.packbits(np.unpackbits(big_endian, axis=1)[:, octets * BYTE - width :]).tobytes()
    groups = -(-len(words) // BYTE)
    padded = np.zeros(groups * BYTE, dtype=np.uint64)
    padded[: len(words)] = words
    lanes = np.ascontiguousarray(padded.reshape(groups, BYTE).T)
    packed = np.zeros((width, groups), dtype=np.uint8)
    for lane, byte, shift in _overlaps(width):
        word = lanes[lane]
        packed[byte] |= (word >> np.uint64(shift) if shift >= 0 else word << np.uint64(-shift)).astype(np.uint8)
    return packed.T.tobytes()[: -(-len(words) * width // BYTE)]


def unpack(packed: bytes, count: int, width: int) -> np.ndarray:
    """The words (uint64, size `count`) that `pack` wrote."""
    if width % BYTE == 0:
        big_endian = np.zeros((count, BYTE), dtype=np.uint8)
        big_endian[:, BYTE - width // BYTE :] = np.frombuffer(packed, dtype=np.uint8).reshape(count, width // BYTE)
        return big_endian.reshape(-1).view(">u8").astype(np.uint64)
    if count < FEW:
        bits = np.zeros((count, WORD), dtype=np.uint8)
        run = np.frombuffer(packed, dtype=np.uint8)
        bits[:, WORD - width :] = np.unpackbits(run, count=count * width).reshape(count, width)
        return np.packbits(bits, axis=1).view(">u8").reshape(-1).astype(np.uint64)
    groups = -(-count // BYTE)
    padded = np.zeros(groups * width, dtype=np.uint8)
    padded[: len(packed)] = np.frombuffer(packed, dtype=np.uint8)
    columns = np.ascontiguousarray(padded.reshape(groups, width).T)
    lanes = np.zeros((BYTE, groups), dtype=np.uint64)
    for lane, byte, shift in _overlaps(width):
        column = columns[byte].astype(np.uint64)
        lanes[lane] |= column << np.uint64(shift) if shift >= 0 else column >> np.uint64(-shift)
    return lanes.T.reshape(-1)[:count] & np.uint64(2**width - 1)


def _overlaps(width: int) -> Iterator[tuple[int, int, int]]:
    """(lane, byte, shift): which byte of a group of eight words holds which bits of which word."""
    for lane in range(BYTE):
        start, stop = lane * width, (lane + 1) * width
        for byte in range(start // BYTE, -(-stop // BYTE)):
            yield lane, byte, stop - (byte + 1) * BYTE


HEADER = "header"
"""The part of what belongs to no other."""


class _Counter:
    """Bits by part of the message, and the numbers that the theorem would charge for it."""

    def __init__(self) -> None:
        self.parts: dict[str, int] = {}
        self.numbers = 0
        self._part = HEADER
        self._whole_part = False

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {sum(self.parts.values()):,} bits so far>"

    @contextmanager
    def part(self, name: str, *, whole: bool = False) -> Iterator[None]:
        """Within it, bits belong to the part `name`, of a `whole` one all of them; outside any, to the header."""
        outer = self._part, self._whole_part
        if not self._whole_part:
            self._part, self._whole_part = name, whole
        yield
        self._part, self._whole_part = outer

    def count(self, numbers: int) -> None:
        """Adds to the theorem's count of numbers."""
        self.numbers += numbers

    def _charge(self, bits: int) -> None:
        if bits:
            self.parts[self._part] = self.parts.get(self._part, 0) + bits


class BitWriter(_Counter):
    """A growing string of bits."""

    def __init__(self) -> None:
        super().__init__()
        self._whole = bytearray()
        self._tail = 0
        self._tail_bits = 0

    @property
    def bits(self) -> int:
        """Bits written so far."""
        return len(self._whole) * BYTE + self._tail_bits

    def uint(self, value: int, width: int) -> None:
        """One unsigned number below 2^width."""
        if not 0 <= value < 1 << width:
            raise ValueError(f"{value} does not fit in {width} bits")
        self._charge(width)
        self._append(value, width)

    def words(self, values: np.ndarray, width: int) -> None:
        """Unsigned numbers below 2^width ≤ 2^64, one after the other."""
        if len(values) and not 0 <= int(values.min()) <= int(values.max()) < 1 << width:
            raise ValueError(f"{values.min()} … {values.max()} do not fit in {width} bits")
        self.packed(pack(values, width), len(values) * width)

    def packed(self, data: bytes, bits: int) -> None:
        """The first `bits` bits of ⌈bits/8⌉ bytes; those after are zero."""
        if len(data) != -(-bits // BYTE):
            raise ValueError(f"{bits} bits take {-(-bits // BYTE)} bytes, got {len(data)}")
        self._charge(bits)
        self._put(data, bits)

    def extend(self, other: "BitWriter") -> None:
        """All that was written to another, as if it had been written here; what has no part there has this one's."""
        inner = self._part
        for name, bits in other.parts.items():
            with self.part(inner if name == HEADER else name):
                self._charge(bits)
        self.count(other.numbers)
        self._put(other.payload(), other.bits)

    def _put(self, data: bytes, bits: int) -> None:
        whole, rest = divmod(bits, BYTE)
        if not self._tail_bits:
            self._whole += data[:whole]
        elif whole:
            run = np.frombuffer(data, dtype=np.uint8, count=whole)
            shifted = run >> np.uint8(self._tail_bits)
            shifted[0] |= self._tail << (BYTE - self._tail_bits)
            shifted[1:] |= run[:-1] * np.uint8(1 << BYTE - self._tail_bits)  # numpy's << is ten times slower
            self._tail = int(run[-1]) & ((1 << self._tail_bits) - 1)
            self._whole += shifted.tobytes()
        if rest:
            self._append(data[whole] >> (BYTE - rest), rest)

    def payload(self) -> bytes:
        """All bits, the last byte padded with zeros."""
        return bytes(self._whole) + bytes([self._tail << (BYTE - self._tail_bits)] if self._tail_bits else [])

    def _append(self, value: int, width: int) -> None:
        tail = self._tail << width | value
        whole, self._tail_bits = divmod(self._tail_bits + width, BYTE)
        self._whole += (tail >> self._tail_bits).to_bytes(whole, "big")
        self._tail = tail & ((1 << self._tail_bits) - 1)


class BitReader(_Counter):
    """A string of bits; reading past its end, or leaving some unread, is a DecodeError.

    Parameters
    ----------
    payload
        ⌈bits/8⌉ bytes, the last one padded with zeros.
    bits
        How many there are.
    """

    def __init__(self, payload: bytes, bits: int) -> None:
        super().__init__()
        if len(payload) != -(-bits // BYTE):
            raise DecodeError(f"{bits} bits take {-(-bits // BYTE)} bytes, {len(payload)} came")
        self._payload = payload
        self._position = 0
        self.bits = bits

    @property
    def left(self) -> int:
        """Bits not read yet."""
        return self.bits - self._position

    def uint(self, width: int) -> int:
        """The next `width` bits as a number."""
        start = self._advance(width)
        stop = start + width
        run = int.from_bytes(self._payload[start // BYTE : -(-stop // BYTE)], "big")
        return run >> (-stop % BYTE) & ((1 << width) - 1)

    def words(self, count: int, width: int) -> np.ndarray:
        """The next `count` numbers of `width` bits each."""
        return unpack(self.packed(count * width), count, width)

    def packed(self, bits: int) -> bytes:
        """The next `bits` bits, from the first bit of the first byte on; padded with zeros."""
        start = self._advance(bits)
        first, shift = divmod(start, BYTE)
        size = -(-bits // BYTE)
        if not bits:
            return b""
        run = np.zeros(size + 1, dtype=np.uint8)
        piece = self._payload[first : first + size + 1]
        run[: len(piece)] = np.frombuffer(piece, dtype=np.uint8)
        if shift:
            run[:-1] = run[:-1] * np.uint8(1 << shift) | run[1:] >> np.uint8(BYTE - shift)
        run[size - 1] &= 0xFF << (-bits % BYTE) & 0xFF
        return run[:size].tobytes()

    def finish(self) -> None:
        """Checks that the message ended where its codec says it does, and that the padding is zero."""
        if self.left:
            raise DecodeError(f"{self.left} bits are left over at the end of the message")
        if self.bits % BYTE and self._payload[-1] & ((1 << (-self.bits % BYTE)) - 1):
            raise DecodeError("the padding of the last byte is not zero")

    def _advance(self, bits: int) -> int:
        if bits > self.left:
            raise DecodeError(f"{bits} bits expected, the message has {self.left} left")
        self._charge(bits)
        start = self._position
        self._position += bits
        return start
