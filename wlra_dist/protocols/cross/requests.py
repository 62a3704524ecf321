"""What the coordinator asks of a server's columns of a part, look by look, and what comes back.

A codec knows public shapes only, so an answer tells how large it is.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import Codec, encode
from wlra_dist.codecs.base.integers import Count
from wlra_dist.codecs.columns.column_set import Places
from wlra_dist.protocols.bins import Bins
from wlra_dist.protocols.cross.cosets import LEVELS, Cosets, modulus
from wlra_dist.protocols.cross.offsets import Offset


@dataclass(frozen=True)
class _Level:
    """A level, or none at all: a bit says which."""

    limit: int = 1 + Count(LEVELS - 1).limit

    def bits(self, value: int) -> int:
        return 1 if value == LEVELS else self.limit

    def write(self, value: int, out: BitWriter) -> None:
        out.uint(value < LEVELS, 1)
        if value < LEVELS:
            Count(LEVELS - 1).write(value, out)

    def read(self, bits: BitReader) -> int:
        return Count(LEVELS - 1).read(bits) if bits.uint(1) else LEVELS


_LEVEL = _Level()


class Request(NamedTuple):
    """What is asked: columns first, then rows of those that are not held.

    Attributes:
        offset: of the step, from that of the probe.
        rows: t, how many rows of every column shall be known.
        columns: the columns that shall be known at full length, of those not held yet; counted within the server's.
        levels: of the moduli for columns and for rows, where cosets may do; LEVELS where they may not.
    """

    offset: int
    rows: int
    columns: np.ndarray
    levels: tuple[int, int]


class SentNumbers(NamedTuple):
    """Numbers that were asked for: grid indices, or these modulo that of the level."""

    numbers: np.ndarray
    level: int = LEVELS

    @property
    def code(self) -> Codec[np.ndarray]:
        return _code(self.numbers.shape, self.level)


class CrossAnswer(NamedTuple):
    """The rest of the columns, then the new rows."""

    columns: SentNumbers
    rows: SentNumbers


@dataclass(frozen=True)
class RequestCode:
    """A request to a server with d columns of a part of n rows."""

    n: int
    d: int

    @property
    def limit(self) -> int:
        return Offset().limit + Count(self.n).limit + Places(self.d).limit + 2 * _LEVEL.limit

    def bits(self, value: Request) -> int:
        return encode(self, value).bits

    def write(self, value: Request, out: BitWriter) -> None:
        out.count(2 + len(value.columns))
        Offset().write(value.offset, out)
        Count(self.n).write(value.rows, out)
        with out.part("columns asked"):
            Places(self.d).write(value.columns, out)
        for level in value.levels:
            _LEVEL.write(level, out)

    def read(self, bits: BitReader) -> Request:
        offset, rows = Offset().read(bits), Count(self.n).read(bits)
        with bits.part("columns asked"):
            columns = Places(self.d).read(bits)
        bits.count(2 + len(columns))
        return Request(offset, rows, columns, (_LEVEL.read(bits), _LEVEL.read(bits)))


@dataclass(frozen=True)
class AnswerCode:
    """An answer of a server with d columns of a part of n rows."""

    n: int
    d: int

    @property
    def limit(self) -> int:
        return 2 * (Count(self.n).limit + Count(self.d).limit + _LEVEL.limit + self._most)

    def bits(self, value: CrossAnswer) -> int:
        return encode(self, value).bits

    def write(self, value: CrossAnswer, out: BitWriter) -> None:
        for name, sent in zip(CrossAnswer._fields, value, strict=True):
            with out.part(name):
                self._write(sent, out)

    def read(self, bits: BitReader) -> CrossAnswer:
        found: list[SentNumbers] = []
        for name in CrossAnswer._fields:
            with bits.part(name):
                found.append(self._read(bits))
        return CrossAnswer(*found)

    def _write(self, sent: SentNumbers, out: BitWriter) -> None:
        rows, columns = sent.numbers.shape
        Count(self.d).write(columns if rows else 0, out)
        if rows and columns:
            Count(self.n).write(rows, out)
            _LEVEL.write(sent.level, out)
            sent.code.write(sent.numbers, out)

    def _read(self, bits: BitReader) -> SentNumbers:
        columns = Count(self.d).read(bits)
        rows = Count(self.n).read(bits) if columns else 0
        level = _LEVEL.read(bits) if columns else LEVELS
        return SentNumbers(_code((rows, columns), level).read(bits), level)

    @property
    def _most(self) -> int:
        return max(_code((self.n, self.d), level).limit for level in (0, LEVELS - 1, LEVELS))


def _code(shape: tuple[int, int], level: int) -> Codec[np.ndarray]:
    return Bins(shape) if level == LEVELS else Cosets(shape, modulus(level))
