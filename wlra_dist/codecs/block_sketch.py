"""Sketches of a block: those of its columns, or of a few directions in which the columns have coefficients.

S has ℓ rows, and t rows of signs are for a check. Where a block has many columns and little beyond rank p, it is told
by SQ (ℓ×p) and Y (p×d) with B ≈ QY: fewer numbers than ℓ·d, and most of what B has beyond rank p is not told.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from wlra_dist.codecs.bits import BitReader, BitWriter
from wlra_dist.codecs.codec import DecodeError, encode
from wlra_dist.codecs.grid import GRID_BOUND, Exponent, step
from wlra_dist.codecs.quantised import Quantised
from wlra_dist.codecs.reals import Floats


class BlockSketch(NamedTuple):
    """What is told of a block of d columns.

    Attributes:
        missed: ‖B − QY‖², which the sketch does not show, and that energy as each row of the check sees it (1+t); zeros
            where columns are sketched themselves.
        exponents: of the steps of `left`, `right` and `check`.
        left: grid indices of SQ, each column times its coefficients' root mean square (ℓ×p; ℓ×0 if there is none).
        right: grid indices of Y (p×d), or of SB (ℓ×d) where there is no `left`. In plain numbers, these themselves.
        check: grid indices of the signed sums of B's rows (t×d), or these numbers.
    """

    missed: np.ndarray
    exponents: np.ndarray
    left: np.ndarray
    right: np.ndarray
    check: np.ndarray

    @property
    def shown(self) -> np.ndarray:
        """SB or S(QY) as the receiver has it, ℓ×d."""
        right = self.right * step(self.exponents[1])
        if not self.left.shape[1]:
            return right
        return (self.left * step(self.exponents[0])) @ (right / sizes(self.right, int(self.exponents[1]))[:, None])

    @property
    def rounding(self) -> float:
        """The energy that rounding has added to `shown`, expected: a step²/12 for each entry but zeros."""
        p, d = self.left.shape[1], self.right.shape[1]
        right = step(self.exponents[1]) ** 2 * np.count_nonzero(self.right) / 12 if p else 0.0
        left = step(self.exponents[0]) ** 2 * len(self.left) * p * d / 12
        return float(right + left)

    @property
    def checks(self) -> np.ndarray:
        """The signed sums as the receiver has them, t×d."""
        return self.check * step(self.exponents[2])


def sizes(Y: np.ndarray, exponent: int) -> np.ndarray:
    """The root mean square of each row of grid indices, or a step where that is less (p)."""
    squares = np.square(Y.astype(float)).sum(axis=1) / max(Y.shape[1], 1)
    return np.sqrt(np.maximum(squares, 1.0)) * step(exponent)


@dataclass(frozen=True)
class BlockSketchCode:
    """A BlockSketch of d columns.

    Args:
        rows: ℓ.
        checks: t.
        rank: p, the directions that stand for columns if any do.
        columns: d.
        width: bits of a plain number; None where grid indices are entropy-coded.
    """

    rows: int
    checks: int
    rank: int
    columns: int
    width: Literal[32, 64] | None

    @property
    def limit(self) -> int:
        if self.width is not None:
            return sum(Floats(shape, self.width).limit for shape in self._plain)
        left, right = (self.rank, self.rows), (max(self.rank, self.rows), self.columns)
        grids = sum(Quantised(shape, GRID_BOUND).limit for shape in (left, right, (self.checks, self.columns)))
        return self._missed.limit + 1 + 3 * Exponent().limit + grids

    def bits(self, value: BlockSketch) -> int:
        return encode(self, value).bits

    def write(self, value: BlockSketch, out: BitWriter) -> None:
        out.count(value.left.size + value.right.size + value.check.size)
        if self.width is not None:
            for shape, numbers in zip(self._plain, (value.right, value.check), strict=True):
                Floats(shape, self.width).write(numbers, out)
            return
        framed = value.left.shape[1] > 0
        out.uint(framed, 1)
        if framed:
            with out.part("energy"):
                self._missed.write(value.missed, out)
            out.count(1 + self.checks)
        for exponent in value.exponents[not framed :]:
            Exponent().write(int(exponent), out)
        if framed:
            with out.part("SQ"):
                Quantised((self.rank, self.rows), GRID_BOUND).write(value.left.T, out)
        with out.part("Y" if framed else "SB"):
            Quantised(self._right(framed), GRID_BOUND).write(value.right, out)
        with out.part("check"):
            Quantised((self.checks, self.columns), GRID_BOUND).write(value.check, out)

    def read(self, bits: BitReader) -> BlockSketch:
        none, zeros = np.zeros((self.rows, 0), dtype=np.int64), np.zeros(3, dtype=np.int64)
        if self.width is not None:
            right, check = (Floats(shape, self.width).read(bits) for shape in self._plain)
            bits.count(right.size + check.size)
            return BlockSketch(np.zeros(1 + self.checks), zeros, none, right, check)
        framed = bool(bits.uint(1))
        if framed and not self.rank:
            raise DecodeError("directions came where there are none")
        missed = np.zeros(1 + self.checks)
        if framed:
            with bits.part("energy"):
                missed = self._missed.read(bits)
            bits.count(1 + self.checks)
        exponents = zeros.copy()
        for at in range(not framed, 3):
            exponents[at] = Exponent().read(bits)
        left = none
        if framed:
            with bits.part("SQ"):
                left = Quantised((self.rank, self.rows), GRID_BOUND).read(bits).T
        with bits.part("Y" if framed else "SB"):
            right = Quantised(self._right(framed), GRID_BOUND).read(bits)
        with bits.part("check"):
            check = Quantised((self.checks, self.columns), GRID_BOUND).read(bits)
        bits.count(left.size + right.size + check.size)
        value = BlockSketch(missed, exponents, left, right, check)
        with np.errstate(over="ignore", invalid="ignore"):
            if missed.min() < 0 or not (np.isfinite(value.shown).all() and np.isfinite(value.checks).all()):
                raise DecodeError("a sketch was due, and what came is none")
        return value

    @property
    def _missed(self) -> Floats:
        return Floats((1 + self.checks,), 32)

    @property
    def _plain(self) -> tuple[tuple[int, int], tuple[int, int]]:
        return (self.rows, self.columns), (self.checks, self.columns)

    def _right(self, framed: bool) -> tuple[int, int]:
        return (self.rank if framed else self.rows), self.columns
