"""The scales of a matrix's entries: products of a row's and a column's, of which the receiver knows much already.

A heavy row of the public W makes a large row of W∘A; a long column of L makes a large row of Y. So a scale is a hint,
what the sender adds for its row and its column if that pays, and one number for all, in whole quarters of an octave.
"""

from dataclasses import dataclass

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import encode
from wlra_dist.codecs.base.integers import Count
from wlra_dist.codecs.entropy.entropy import shares
from wlra_dist.codecs.entropy.histogram import Counted
from wlra_dist.codecs.entropy.mixtures import two_sided
from wlra_dist.codecs.trellis.trellis_tables import LEVELS, SHAPES, masses

MOST_RAW = 40
"""Raw low bits of an index."""

WIDEST = 63
"""The most units by which the scales added for rows, or for columns, differ."""

OFFSETS = np.arange(-16, 16)
"""By how much the best level for a quantiser may differ from that of the energy."""

_COARSE = 33
"""Above this level (σ of 27 units) low bits are as good as random, and travel raw."""

HIGHEST = 255
"""The level of the largest scale, at most."""

_ADDED, _BASE, _SHAPE, _OFFSET = Count(WIDEST), Count(HIGHEST), Count(len(SHAPES) - 1), Count(len(OFFSETS) - 1)

QUANTISER_BITS = _SHAPE.limit + _OFFSET.limit
"""What it takes to say that a quantiser has a shape and an offset of its own."""


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


@dataclass(frozen=True, eq=False)
class Levels:
    """How each entry of a matrix is coded, flat.

    Attributes:
        rows: of a table of 2·LEVELS distributions, for either quantiser (2×entries).
        shifts: how many low bits of the index are raw.
    """

    rows: np.ndarray
    shifts: np.ndarray

    @classmethod
    def of(cls, levels: np.ndarray, offsets: tuple[int, int] = (0, 0)) -> "Levels":
        """By the level of each entry, and what either quantiser adds to it."""
        shifts = np.clip(-((_COARSE - levels) // 4), 0, MOST_RAW)
        rows = [LEVELS * odd + within(levels - 4 * shifts + offset) for odd, offset in enumerate(offsets)]
        return cls(np.stack(rows), shifts)


@dataclass(frozen=True, eq=False)
class Scales:
    """How the entries of a matrix are distributed.

    Attributes:
        rows: beyond the hint of each row.
        columns: of each column.
        base: the level of the largest scale.
        shapes: in `trellis_tables`, one for each quantiser.
        offsets: what each quantiser adds to levels.
    """

    rows: np.ndarray
    columns: np.ndarray
    base: int
    shapes: tuple[int, int] = (0, 0)
    offsets: tuple[int, int] = (0, 0)

    def levels(self, hints: Hints) -> Levels:
        scales = np.add.outer(hints.rows + self.rows, hints.columns + self.columns).ravel()
        return Levels.of(scales - scales.max() + self.base, self.offsets)

    def tables(self, top: int) -> np.ndarray:
        """The probabilities of −top … top as the coder has them, a row for each quantiser and level."""
        one_sided = np.concatenate([masses()[odd, shape] for odd, shape in enumerate(self.shapes)])
        if not top:
            return np.ones((len(one_sided), 1))
        return shares(two_sided(one_sided, top))


@dataclass(frozen=True)
class ScalesCode:
    """The code of the scales of a matrix of this shape."""

    shape: tuple[int, int]

    @property
    def limit(self) -> int:
        added = sum(_ADDED.limit + Counted(size, WIDEST + 1).limit for size in self.shape)
        return added + _BASE.limit + 1 + 2 * QUANTISER_BITS

    def bits(self, value: Scales) -> int:
        return encode(self, value).bits

    def write(self, value: Scales, out: BitWriter) -> None:
        for added, unit in zip((value.rows, value.columns), self.units, strict=True):
            most = int(added.max()) // unit
            _ADDED.write(most, out)
            if most:
                Counted(len(added), most + 1).write(added // unit, out)
        _BASE.write(value.base, out)
        quantisers = list(zip(value.shapes, value.offsets, strict=True))
        alike = quantisers[0] == quantisers[1]
        out.uint(alike, 1)
        for shape, offset in quantisers[: 1 if alike else 2]:
            _SHAPE.write(shape, out)
            _OFFSET.write(offset - int(OFFSETS[0]), out)

    def read(self, bits: BitReader) -> Scales:
        added = []
        for size, unit in zip(self.shape, self.units, strict=True):
            most = _ADDED.read(bits)
            added.append((Counted(size, most + 1).read(bits) if most else np.zeros(size, dtype=np.int64)) * unit)
        base, alike = _BASE.read(bits), bits.uint(1)
        first = self._read_quantiser(bits)
        second = first if alike else self._read_quantiser(bits)
        return Scales(added[0], added[1], base, (first[0], second[0]), (first[1], second[1]))

    def _read_quantiser(self, bits: BitReader) -> tuple[int, int]:
        return _SHAPE.read(bits), _OFFSET.read(bits) + int(OFFSETS[0])

    @property
    def units(self) -> tuple[int, int]:
        """Of the scales of rows and of columns: the fewer entries tell a scale, the coarser it is."""
        return _unit(self.shape[1]), _unit(self.shape[0])


def within(levels: np.ndarray) -> np.ndarray:
    """Levels, those that the tables lack as the nearest that they have."""
    return np.clip(levels, 0, LEVELS - 1)


def _unit(entries: int) -> int:
    return 1 if entries >= 64 else 2 if entries >= 12 else 4
