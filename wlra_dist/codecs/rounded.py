"""A left factor and coefficients, both rounded to grids and entropy-coded: the message for real A.

The left factor is n×c: columns of B = W∘A, or any others. With Q an orthonormal basis of it as it was decoded, a column
b of B is told by its coefficients Qᵀb: rounding those by δ costs |δ|² of loss whatever the conditioning of the factor.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from wlra_dist.codecs.bits import BitReader, BitWriter
from wlra_dist.codecs.codec import DecodeError, encode
from wlra_dist.codecs.grid import EXPONENT, LEAST, step
from wlra_dist.codecs.histogram import Spread
from wlra_dist.codecs.integers import Count, Indices
from wlra_dist.codecs.quantised import Quantised
from wlra_dist.weights import Weights

GRID_BOUND = 2**40
"""No grid index is larger: a coarser step would do."""

FINEST = 1023
"""The most steps by which a column's step is finer than that of the coefficients."""


class RoundedFactors(NamedTuple):
    """L ≈ a factor of B, and Y ≈ QᵀB on the columns that are not in S.

    Attributes:
        S: the columns of the block that L's are, in that order; empty if L is no columns of B.
        exponent: of the step of Y.
        finer: by how many steps of the grid of steps each column of L has a finer one.
        L: grid indices, n×c.
        Y: grid indices, c×(d−|S|).
    """

    S: np.ndarray
    exponent: int
    finer: np.ndarray
    L: np.ndarray
    Y: np.ndarray

    @property
    def left(self) -> np.ndarray:
        """The left factor as the receiver has it, n×c."""
        return self.L * step(self.exponent - self.finer)

    @property
    def coefficients(self) -> np.ndarray:
        """Y as the receiver has it, c×(d−|S|)."""
        return self.Y * step(self.exponent)


@dataclass(frozen=True, eq=False)
class RoundedCode:
    """RoundedFactors of a block with public weights W (n×d): how many, which columns, steps, L, Y."""

    W: Weights

    @property
    def limit(self) -> int:
        n, d = self.W.shape
        header = Count(d).limit + 1 + Indices(d, d).limit + EXPONENT.limit + Spread(d, FINEST).limit
        return header + 1 + Quantised((n, d), GRID_BOUND).limit + Quantised((d, d), GRID_BOUND).limit

    def bits(self, value: RoundedFactors) -> int:
        return encode(self, value).bits

    def write(self, value: RoundedFactors, out: BitWriter) -> None:
        d, c = self.W.shape[1], value.L.shape[1]
        Count(d).write(c, out)
        out.uint(bool(len(value.S)), 1)
        with out.part("column indices"):
            if len(value.S):
                Indices(c, d).write(value.S, out)
        with out.part("steps"):
            EXPONENT.write(value.exponent - LEAST, out)
            Spread(c, FINEST).write(value.finer, out)
        with out.part("values of C"):
            self._write_left(value.L[self._rows], out)
        with out.part("coefficients"):
            Quantised(value.Y.shape, GRID_BOUND).write(value.Y, out)
        out.count(len(self._rows) * c + value.Y.size)

    def read(self, bits: BitReader) -> RoundedFactors:
        n, d = self.W.shape
        c = Count(d).read(bits)
        chosen = c if bits.uint(1) else 0
        with bits.part("column indices"):
            S = Indices(chosen, d).read(bits)
        if len(np.unique(S)) < chosen:
            raise DecodeError("a column came twice")
        with bits.part("steps"):
            exponent = EXPONENT.read(bits) + LEAST
            finer = Spread(c, FINEST).read(bits)
        L = np.zeros((n, c), dtype=np.int64)
        with bits.part("values of C"):
            L[self._rows] = self._read_left(c, bits)
        with bits.part("coefficients"):
            Y = Quantised((c, d - chosen), GRID_BOUND).read(bits)
        bits.count(len(self._rows) * c + Y.size)
        return RoundedFactors(S, exponent, finer, L, Y)

    @cached_property
    def _rows(self) -> np.ndarray:
        """Rows in which W is not all 0, heavy ones first: rows of like weight have entries of like size."""
        heaviest = self.W.dense(slice(None)).max(axis=1, initial=0.0)  # a maximum is exact, a sum need not be
        order = np.argsort(-heaviest, kind="stable")
        return order[heaviest[order] > 0]

    def _write_left(self, L: np.ndarray, out: BitWriter) -> None:
        """Row by row, or column by column, whichever is shorter."""
        tries = [(by, encode(Quantised(by.shape, GRID_BOUND), by)) for by in (L, L.T)]
        best = min((0, 1), key=lambda which: tries[which][1].bits)
        out.uint(best, 1)
        Quantised(tries[best][0].shape, GRID_BOUND).write(tries[best][0], out)

    def _read_left(self, c: int, bits: BitReader) -> np.ndarray:
        rows = len(self._rows)
        if bits.uint(1):
            return Quantised((c, rows), GRID_BOUND).read(bits).T
        return Quantised((rows, c), GRID_BOUND).read(bits)
