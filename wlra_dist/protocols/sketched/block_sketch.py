"""Sketches of a block: those of its columns, or of a few directions in which the columns have coefficients.

S has ℓ rows, and G has t rows of signs, for a check. Where a block has many columns and little beyond rank p, it is
sent as SQ (ℓ×p) and Y (p×d) with B ≈ QY: fewer numbers than ℓ·d, and most of B beyond rank p is not sent.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import DecodeError, encode
from wlra_dist.codecs.base.energy import Energy
from wlra_dist.codecs.base.grid import GRID_BOUND, Exponent, step
from wlra_dist.codecs.base.reals import Floats
from wlra_dist.codecs.entropy.quantised import Quantised


class BlockSketch(NamedTuple):
    """The sketch of a block of d columns.

    Attributes:
        missed: ‖E‖² with E = B − QY, EYᵀ = 0, which is not sketched; the largest eigenvalue of EEᵀ; and
            ‖Y − Ŷ‖² for the Ŷ that is sent. Zeros where columns are sketched themselves.
        exponents: of the steps of `left`, `right` and `check`.
        left: grid indices of SQ, each column times its coefficients' root mean square (ℓ×p; ℓ×0 if there is none).
        right: grid indices of Y (p×d), or of SB (ℓ×d) where there is no `left`. In plain numbers, these themselves.
        check: grid indices of GB (t×d), or of GQ, sized like SQ (t'×p).
    """

    missed: np.ndarray
    exponents: np.ndarray
    left: np.ndarray
    right: np.ndarray
    check: np.ndarray

    @property
    def framed(self) -> bool:
        """Whether directions stand for the columns."""
        return self.left.shape[1] > 0

    @property
    def Y(self) -> np.ndarray:
        """Ŷ (p×d), or SB."""
        return self.right * step(self.exponents[1])

    @property
    def SQ(self) -> np.ndarray:
        """The sketch of the directions as the receiver has it, ℓ×p."""
        return self.left * step(self.exponents[0]) / self._sizes

    @property
    def GQ(self) -> np.ndarray:
        """The same of the check, t'×p."""
        return self.check * step(self.exponents[2]) / self._sizes

    @property
    def GB(self) -> np.ndarray:
        """The signed sums of columns, t×d."""
        return self.check * step(self.exponents[2])

    @property
    def columns(self) -> np.ndarray:
        """SB, or S(QŶ), as the receiver has it, ℓ×d."""
        return self.SQ @ self.Y if self.framed else self.Y

    @property
    def rounding(self) -> float:
        """The energy that rounding has added to the sketch of all columns, expected.

        A step²/12 for each entry, but none for zeros of Ŷ: where most round to them, energy is lost.
        """
        p, d = self.left.shape[1], self.right.shape[1]
        right = step(self.exponents[1]) ** 2 / 12 * (np.count_nonzero(self.right) if self.framed else self.right.size)
        return float(right + step(self.exponents[0]) ** 2 / 12 * len(self.left) * p * d)

    @property
    def _sizes(self) -> np.ndarray:
        return sizes(self.right, int(self.exponents[1]))


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
        turned: t'; 0 where GB is sent beside directions, too.
        rank: p, the directions that stand for columns if any do.
        columns: d.
        width: bits of a plain number; None where grid indices are entropy-coded.
    """

    rows: int
    checks: int
    turned: int
    rank: int
    columns: int
    width: Literal[32, 64] | None

    @property
    def limit(self) -> int:
        if self.width is not None:
            return sum(code.limit for code in self._plain)
        both = [sum(code.limit for code in self._grids(framed)) for framed in (False, self.rank > 0)]
        return 1 + 3 * (Energy().limit + Exponent().limit) + max(both)

    def bits(self, value: BlockSketch) -> int:
        return encode(self, value).bits

    def write(self, value: BlockSketch, out: BitWriter) -> None:
        out.count(value.left.size + value.right.size + value.check.size)
        if self.width is not None:
            for code, numbers in zip(self._plain, (value.right, value.check), strict=True):
                code.write(numbers, out)
            return
        framed = value.framed
        if self.rank:
            out.uint(framed, 1)
        if framed:
            with out.part("energy"):
                for energy in value.missed:
                    Energy().write(float(energy), out)
        for exponent in value.exponents[not framed :]:
            Exponent().write(int(exponent), out)
        grids = (value.left.T, value.right, value.check) if framed else (value.right, value.check)
        for name, code, grid in zip(_names(framed), self._grids(framed), grids, strict=True):
            with out.part(name):
                code.write(grid, out)

    def read(self, bits: BitReader) -> BlockSketch:
        none, zeros = np.zeros((self.rows, 0), dtype=np.int64), np.zeros(3, dtype=np.int64)
        if self.width is not None:
            right, check = (code.read(bits) for code in self._plain)
            bits.count(right.size + check.size)
            return BlockSketch(np.zeros(3), zeros, none, right, check)
        framed = bool(self.rank and bits.uint(1))
        missed, exponents = np.zeros(3), zeros.copy()
        if framed:
            with bits.part("energy"):
                missed = np.array([Energy().read(bits) for _ in range(3)])
        for at in range(not framed, 3):
            exponents[at] = Exponent().read(bits)
        grids: list[np.ndarray] = []
        for name, code in zip(_names(framed), self._grids(framed), strict=True):
            with bits.part(name):
                grids.append(code.read(bits))
        value = BlockSketch(missed, exponents, grids[0].T if framed else none, *grids[-2:])
        bits.count(value.left.size + value.right.size + value.check.size)
        with np.errstate(over="ignore", invalid="ignore"):
            sums = value.GQ @ value.Y if framed and self.turned else value.GB
            if not (np.isfinite(value.columns).all() and np.isfinite(sums).all()):
                raise DecodeError("a sketch was due, and what came is none")
        return value

    @cached_property
    def _plain(self) -> tuple[Floats, Floats]:
        assert self.width is not None
        return Floats((self.rows, self.columns), self.width), Floats((self.checks, self.columns), self.width)

    def _grids(self, framed: bool) -> list[Quantised]:
        """The codes of left, right and check, or of the last two."""
        sums = (self.turned, self.rank) if framed and self.turned else (self.checks, self.columns)
        shapes = [(self.rank, self.rows)] * framed + [(self.rank if framed else self.rows, self.columns), sums]
        return [Quantised(shape, GRID_BOUND) for shape in shapes]


def _names(framed: bool) -> tuple[str, ...]:
    return ("SQ", "Y", "check") if framed else ("SB", "check")
