"""The scales of a matrix's entries: products of a row's and a column's, of which the receiver knows much already.

A heavy row of the public W makes a large row of W∘A; a long column of L makes a large row of Y. So a scale is a hint,
what the sender adds for its row and its column if that pays, and one number for all, in whole quarters of an octave.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import encode
from wlra_dist.codecs.base.integers import Count
from wlra_dist.codecs.entropy.histogram import Counted
from wlra_dist.codecs.trellis.tables import LEVELS, SHAPES

MOST_RAW = 40
"""Raw low bits of a value."""

WIDEST = 63
"""The most units by which the scales added for rows, or for columns, differ."""

HIGHEST = 255
"""The level of the largest scale, at most."""

_MOST, _BASE, _SHAPE = Count(WIDEST - 1), Count(HIGHEST), Count(SHAPES - 1)


def quarters(energies: np.ndarray) -> np.ndarray:
    """4·log2(√energy), rounded down, without a math library; that of 0 is as of 1."""
    mantissa, exponent = np.frexp(np.maximum(energies, 1).astype(float))
    return 2 * exponent + (mantissa >= np.sqrt(0.5))


@dataclass(frozen=True, eq=False)
class Hints:
    """Logarithms of the scales of rows and of columns, in quarters of an octave; only differences count."""

    rows: np.ndarray
    columns: np.ndarray

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.rows), len(self.columns)

    @property
    def scales(self) -> np.ndarray:
        """Of each entry, the largest being 0 (rows×columns)."""
        scales = np.add.outer(self.rows, self.columns)
        return scales - scales.max(initial=scales.flat[0] if scales.size else 0)


class Levels(NamedTuple):
    """How each entry is coded: the level of `tables` that it has, and how many low bits of half its value are raw."""

    rows: np.ndarray
    shifts: np.ndarray

    @classmethod
    def of(cls, levels: np.ndarray) -> "Levels":
        # np.clip takes thrice as long on a few
        shifts = np.minimum(np.maximum(-((LEVELS - 1 - levels) // 4), 0), MOST_RAW)
        return cls(np.minimum(np.maximum(levels - 4 * shifts, 0), LEVELS - 1), shifts)


class Scales(NamedTuple):
    """How the entries of a matrix are distributed.

    Attributes:
        rows: beyond the hint of each row.
        columns: of each column.
        base: the level of the largest scale.
        shape: in `tables`.
    """

    rows: np.ndarray
    columns: np.ndarray
    base: int
    shape: int = 0

    def order(self, hints: Hints) -> np.ndarray:
        """The entries, flat, from the largest scale to the least.

        In that order a machine comes to rest in its first state, which has 0, before entries that are hardly ever
        anything else; among larger ones it would be in any, and half of all states have no 0.
        """
        return np.argsort(-self.relative(hints), kind="stable")

    def absolute(self, hints: Hints) -> np.ndarray:
        """The levels of all entries, flat: those above the tables go on, those below are the least."""
        return np.maximum(self.relative(hints) + self.base, 0)

    def relative(self, hints: Hints) -> np.ndarray:
        """The scales of all entries, flat, the largest being 0."""
        return Hints(hints.rows + self.rows, hints.columns + self.columns).scales.ravel()


@dataclass(frozen=True)
class ScalesCode:
    """The code of the scales of a matrix of this shape."""

    shape: tuple[int, int]

    @property
    def limit(self) -> int:
        added = sum(1 + _MOST.limit + Counted(size, WIDEST + 1).limit for size in self.shape)
        return added + _BASE.limit + _SHAPE.limit

    def bits(self, value: Scales) -> int:
        return encode(self, value).bits

    def write(self, value: Scales, out: BitWriter) -> None:
        for added, unit in zip((value.rows, value.columns), self.units, strict=True):
            most = int(added.max()) // unit
            out.uint(most > 0, 1)
            if most:
                _MOST.write(most - 1, out)
                Counted(len(added), most + 1).write(added // unit, out)
        _BASE.write(value.base, out)
        _SHAPE.write(value.shape, out)

    def read(self, bits: BitReader) -> Scales:
        rows, columns = (self._read_added(size, bits) * unit for size, unit in zip(self.shape, self.units, strict=True))
        return Scales(rows, columns, _BASE.read(bits), _SHAPE.read(bits))

    def _read_added(self, size: int, bits: BitReader) -> np.ndarray:
        if not bits.uint(1):
            return np.zeros(size, dtype=np.int64)
        return Counted(size, _MOST.read(bits) + 2).read(bits).astype(np.int64)

    @property
    def units(self) -> tuple[int, int]:
        """Of the scales of rows and of columns: the fewer entries tell a scale, the coarser it is."""
        return _unit(self.shape[1]), _unit(self.shape[0])


def _unit(entries: int) -> int:
    return 1 if entries >= 64 else 2 if entries >= 12 else 4
