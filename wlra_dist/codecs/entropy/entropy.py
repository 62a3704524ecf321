"""Entropy-coded blocks: symbols of known models within a string of bits, at most two bits above their cost.

A block has no length field. Coding the symbols narrows an interval of [0, 1); the block is the shortest string of bits
all of whose continuations lie in it. So the reader, who does not know where the block ends, decodes from all that
follows, codes the symbols again, and so finds how many bits they took. A block that is not what the writer would
have written is refused.

The reader must have the writer's probabilities to the last bit, on any machine. Hence
- a probability is an integer over 2^24. constriction makes it from floats w_i as w_i·(2^24 − n)/Σw + 1 for n symbols;
  given integers that add up to 2^24 − n it multiplies by 1.0 and adds integers, all of it exact;
- these integers come from weights by one division, one product and one truncation each, and running sums in
  sequence: IEEE arithmetic fixes every bit. numpy's `sum` adds in an order that depends on the processor: not here;
- weights may be made by +, −, ×, / and square roots alone, never by exp, log or erf of a math library.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

import constriction
import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import DecodeError

PRECISION = 24
"""Bits of a probability."""

SYMBOL_LIMIT = 25
"""More bits than any symbol takes: 24 if its probability is the least, and what a range of 32 bits rounds off."""

ROUNDING = 0.006
"""The most bits that the coder rounds off a symbol: its range keeps 8 bits or more beyond the 24."""

END_LIMIT = 2
"""The most bits that ending a block takes above its information."""

T = TypeVar("T")

_STREAM: Any = constriction.stream  # pyright: ignore[reportAttributeAccessIssue]  compiled, without stubs

_EACH = _STREAM.model.Categorical(perfect=False)
"""A model for each symbol, given with it."""

_RUN = 1 << 16
"""Symbols that are converted for the coder at a time: they stay in the cache."""

_WORD = 32  # bits that the coder writes at a time
_STATE = 64  # bits of what it keeps between two symbols

RULED_OUT = "an entropy-coded block came that its models rule out"

_TAIL = 64
"""Bytes at the end of a block that ending it may change, but for long borrows and carries."""


@dataclass(frozen=True, eq=False)
class Model:
    """A distribution on 0 … size−1, in the exact arithmetic of the coder.

    Attributes:
        size: how many symbols; a single one costs nothing.
        coded: constriction's own model.
    """

    size: int
    coded: Any


def uniform(size: int) -> Model:
    """All of `size` ≤ 2^16 symbols alike: within 0.006 bits of log2(size)."""
    return Model(size, _STREAM.model.Uniform(size) if size > 1 else None)


def weighted(weights: np.ndarray) -> Model:
    """Symbols in proportion to nonnegative weights (at most 2^16, not all 0); none gets less than 2^−24."""
    size = len(weights)
    return Model(size, _STREAM.model.Categorical(shares(weights), perfect=False) if size > 1 else None)


def shares(weights: np.ndarray) -> np.ndarray:
    """The weights (last axis) as whole numbers in float64 that add up to 2^24 − size; rounded in a fixed order."""
    total = 2**PRECISION - weights.shape[-1]
    scaled = np.floor(weights * (total / np.add.accumulate(weights.astype(float), axis=-1)[..., -1:]))
    largest = scaled.argmax(axis=-1, keepdims=True)
    missing = total - np.add.accumulate(scaled, axis=-1)[..., -1:]
    np.put_along_axis(scaled, largest, np.take_along_axis(scaled, largest, axis=-1) + missing, axis=-1)
    return scaled


def cumulative(shares: np.ndarray) -> np.ndarray:
    """Of tables, rows of `shares` of n symbols: the n + 1 ends of the symbols' intervals, from 0 to 2^24 (uint32)."""
    return np.pad(np.add.accumulate(shares + 1, axis=-1), ((0, 0), (1, 0))).astype(np.uint32)


class Interval(NamedTuple):
    """What symbols have narrowed [0, 1) to.

    Attributes:
        words: of 32 bits, that the coder has passed.
        low: of the low end, the 64 bits after those.
        width: in units of the last of these bits.
    """

    words: int
    low: int
    width: int

    def block(self, inside: bytes) -> tuple[bytes, int]:
        """(bytes, bits): the shortest string all of whose continuations lie in the interval, as `inside` does."""
        head = inside[: max(0, len(inside) - _TAIL)]
        number, bits = self._shortest(inside[len(head) :], len(head))
        if not 0 <= number < 1 << bits:
            # a borrow or a carry beyond the tail
            head = b""
            number, bits = self._shortest(inside, 0)
        return head + (number << -bits % 8).to_bytes(-(-bits // 8), "big"), len(head) * 8 + bits

    def _shortest(self, tail: bytes, head: int) -> tuple[int, int]:
        """(number, bits): what is to follow `head` bytes."""
        size = self.words * _WORD + _STATE - head * 8
        point = int.from_bytes(tail, "big") << size - len(tail) * 8
        low = point - (point - self.low & (1 << _STATE) - 1)
        spare = self.width.bit_length() - 1
        if (_ceil(low, spare) + 1 << spare) > low + self.width:
            spare -= 1
        return _ceil(low, spare), size - spare


@dataclass(frozen=True)
class BlockWriter:
    """Codes symbols, run after run."""

    coder: Any = field(default_factory=_STREAM.queue.RangeEncoder)

    def symbols(self, symbols: np.ndarray, model: Model) -> None:
        """Symbols in 0 … model.size−1, all of the same model."""
        if len(symbols) and not 0 <= int(symbols.min()) <= int(symbols.max()) < model.size:
            raise ValueError(f"{symbols.min()} … {symbols.max()} are not symbols of a model of {model.size}")
        if model.size > 1:
            for start in range(0, len(symbols), _RUN):
                self.coder.encode(np.ascontiguousarray(symbols[start : start + _RUN], dtype=np.int32), model.coded)

    def various(self, symbols: np.ndarray, tables: np.ndarray, which: np.ndarray) -> None:
        """Symbols with a model each: `which` of the tables, rows of `shares`."""
        for run in _runs(len(symbols), tables.shape[1]):
            self.coder.encode(np.ascontiguousarray(symbols[run], dtype=np.int32), _EACH, tables[which[run]])

    def ended(self) -> tuple[bytes, int]:
        """(bytes, bits): the shortest string all of whose continuations decode to these symbols."""
        if self.coder.is_empty():
            return b"", 0
        words, (low, width) = self.coder.pos()
        # the coder's own ending lies in the interval
        return Interval(words, low, width).block(self.coder.get_compressed().astype(">u4").tobytes())


def _ceil(number: int, shift: int) -> int:
    """⌈number / 2^shift⌉."""
    return -(-number >> shift)


@dataclass(frozen=True)
class BlockReader:
    """Decodes what a BlockWriter coded, given the same models in the same order."""

    coder: Any
    again: BlockWriter = field(default_factory=BlockWriter)

    def symbols(self, count: int, model: Model) -> np.ndarray:
        """int32 array of `count` symbols in 0 … model.size−1."""
        if not count or model.size == 1:
            return np.zeros(count, dtype=np.int32)
        try:
            symbols = self.coder.decode(model.coded, count)
        except AssertionError as error:
            raise DecodeError(RULED_OUT) from error
        self.again.coder.encode(symbols, model.coded)
        return symbols

    def peek(self, tables: np.ndarray, which: np.ndarray) -> np.ndarray:
        """int32 array of a symbol for each of `which`, coded with that one of the tables, rows of `shares`.

        Who peeks says afterwards, by `retrace`, what came: a few at a time, that would take as long again.
        """
        symbols = np.zeros(len(which), dtype=np.int32)
        for run in _runs(len(which), tables.shape[1]):
            try:
                symbols[run] = self.coder.decode(_EACH, tables[which[run]])
            except AssertionError as error:
                raise DecodeError(RULED_OUT) from error
        return symbols

    def retrace(self, symbols: np.ndarray, tables: np.ndarray, which: np.ndarray) -> None:
        """Codes again what was peeked at, which tells where the block ends."""
        self.again.various(symbols, tables, which)


def _runs(size: int, width: int) -> Iterator[slice]:
    """Runs of so many symbols whose tables, of this width, stay in the cache; none if there is but one symbol."""
    step = max(1, _RUN // width)
    yield from (slice(start, start + step) for start in range(0, size if width > 1 else 0, step))


@contextmanager
def writing_block(out: BitWriter) -> Iterator[BlockWriter]:
    """The symbols given within it are one block of `out`."""
    block = BlockWriter()
    yield block
    out.packed(*block.ended())


@contextmanager
def reading_block(bits: BitReader, most: int) -> Iterator[BlockReader]:
    """Within it, the symbols of the next block of `bits`, at most `most` in number; DecodeError if it is none."""
    block = BlockReader(_STREAM.queue.RangeDecoder(_words(_ahead(bits, most))))
    yield block
    _pass(bits, *block.again.ended())


def whole_block(bits: BitReader, most: int, decode: Callable[[np.ndarray], tuple[T, Interval]]) -> T:
    """What `decode` makes of the words of the next block, which also tells the interval that they lie in."""
    ahead = _ahead(bits, most)
    value, interval = decode(_words(ahead))
    _pass(bits, *interval.block(ahead[: (interval.words * _WORD + _STATE) // 8]))
    return value


def _pass(bits: BitReader, due: bytes, size: int) -> None:
    """Reads a block that is to be this one."""
    if bits.packed(size) != due:
        raise DecodeError("an entropy-coded block came that does not end where its symbols do")


def _ahead(bits: BitReader, most: int) -> bytes:
    """The next bits, as many as so many symbols may take, left unread and uncounted."""
    ahead = copy(bits)
    ahead.parts = {}
    return ahead.packed(min(bits.left, most * SYMBOL_LIMIT + END_LIMIT))


def _words(ahead: bytes) -> np.ndarray:
    return np.frombuffer(ahead + bytes(-len(ahead) % 4), dtype=">u4").astype(np.uint32)
