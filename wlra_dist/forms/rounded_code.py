"""A left factor and coefficients, both rounded to grids and entropy-coded: the message for real A.

The left factor is n×c: columns of B = W∘A, or any others. With Q an orthonormal basis of it as it was decoded, a column
b of B is told by its coefficients Qᵀb: rounding those by δ costs |δ|² of loss whatever the conditioning of the factor.
"""

from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import NamedTuple

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import DecodeError, encode
from wlra_dist.codecs.base.digits import Spread
from wlra_dist.codecs.base.grid import FINENESS, GRID_BOUND, Exponent, step
from wlra_dist.codecs.base.integers import Count, Indices
from wlra_dist.codecs.pixels import MOST_PIXELS, PRIOR, Grid, PixelBasis, PixelPrior, likely_prior, pixel_basis
from wlra_dist.codecs.trellis.factor import Factor
from wlra_dist.codecs.trellis.lattice import RoundedEntries
from wlra_dist.codecs.trellis.scales import Hints, quarters
from wlra_dist.codecs.trellis.tables import SIXTEENTHS
from wlra_dist.weights import Weights
from wlra_dist.weights.weighing import others, weight_pieces

_SCALE = 1 << 20
"""Weights and entries are seen as whole numbers up to here: sums of their squares then fit 64 bits."""

FINEST = 1023
"""The most steps by which a column's step is finer than that of the coefficients."""


class RoundedFactors(NamedTuple):
    """L ≈ a factor of B, and Y ≈ QᵀB on the columns that are not in S.

    Attributes:
        S: the columns of the block that L's are, in that order; empty if L is no columns of B.
        exponent: of the step of Y.
        finer: by how many steps of the grid of steps each column of L has a finer one.
        L: in steps, on the rows that travel (n'×c); in a basis of theirs where there is a prior.
        Y: in steps (c×(d−|S|)).
        prior: of rows that are pixels.
    """

    S: np.ndarray
    exponent: int
    finer: np.ndarray
    L: RoundedEntries
    Y: RoundedEntries
    prior: PixelPrior | None = None

    @property
    def coefficients(self) -> np.ndarray:
        """Y as the receiver has it, c×(d−|S|)."""
        return self.Y.grid * (step(self.exponent) / SIXTEENTHS)


@dataclass(frozen=True, eq=False)
class RoundedCode:
    """RoundedFactors of a block with public weights W (n×d): how many, which columns, steps, L, Y.

    Attributes:
        grid: of the image that the rows are the pixels of, if they are.
    """

    W: Weights
    grid: Grid | None = None

    @property
    def limit(self) -> int:
        n, d = self.W.shape
        header = Count(d).limit + 1 + Indices(d, d).limit + Exponent().limit + 1 + Spread(d, FINEST).limit
        factors = [Factor(Hints(np.zeros(height), np.zeros(d)), GRID_BOUND).limit for height in (n, d)]
        return header + PRIOR.limit + sum(factors)

    def bits(self, value: RoundedFactors) -> int:
        return encode(self, value).bits

    def left_factor(self, value: RoundedFactors) -> np.ndarray:
        """The left factor as the receiver has it, n×c."""
        left = np.zeros((self.W.shape[0], len(value.finer)))
        rows = value.L.grid * (step(value.exponent - value.finer) / SIXTEENTHS)
        left[self.rows] = rows if value.prior is None else self._basis(value.prior).restored(rows)
        return left

    def travelling(self, left: np.ndarray, prior: PixelPrior | None) -> np.ndarray:
        """What travels of a left factor (n×c), as a sender has it, n'×c."""
        rows = left[self.rows]
        return rows if prior is None else self._basis(prior).turned(rows)

    def likely_prior(self, left: np.ndarray) -> PixelPrior | None:
        """What a left factor (n×c) tells of its rows, if they are pixels."""
        if self.grid is None or not self._is_image:
            return None
        return likely_prior(self.grid, self.rows, self._sizes[0], left[self.rows])

    def write(self, value: RoundedFactors, out: BitWriter) -> None:
        d, c = self.W.shape[1], len(value.finer)
        Count(d).write(c, out)
        out.uint(bool(len(value.S)), 1)
        with out.part("column indices"):
            if len(value.S):
                Indices(c, d).write(value.S, out)
        with out.part("steps"):
            Exponent().write(value.exponent, out)
            out.uint(bool(value.finer.any()), 1)
            if value.finer.any():
                Spread(c, FINEST).write(value.finer, out)
        with out.part("values of C"):
            if self._is_image:
                PRIOR.write(value.prior, out)
            self.left(c, value.prior).write(value.L, out)
        with out.part("coefficients"):
            self.right(value.L, value.finer, value.S).write(value.Y, out)
        out.count(value.L.v.size + value.Y.v.size)

    def read(self, bits: BitReader) -> RoundedFactors:
        d = self.W.shape[1]
        c = Count(d).read(bits)
        chosen = c if bits.uint(1) else 0
        with bits.part("column indices"):
            S = Indices(chosen, d).read(bits)
        if len(np.unique(S)) < chosen:
            raise DecodeError("a column came twice")
        with bits.part("steps"):
            exponent = Exponent().read(bits)
            finer = Spread(c, FINEST).read(bits) if bits.uint(1) else np.zeros(c, dtype=np.int64)
        with bits.part("values of C"):
            prior = PRIOR.read(bits) if self._is_image else None
            L = self.left(c, prior).read(bits)
        with bits.part("coefficients"):
            Y = self.right(L, finer, S).read(bits)
        bits.count(L.v.size + Y.v.size)
        return RoundedFactors(S, exponent, finer, L, Y, prior)

    @cached_property
    def rows(self) -> np.ndarray:
        """Rows in which W is not all 0, heavy ones first: rows of like weight have entries of like size."""
        heaviest = self._heaviest
        order = np.argsort(-heaviest, kind="stable")
        return order[heaviest[order] > 0]

    def left(self, c: int, prior: PixelPrior | None = None) -> Factor:
        """The code of what travels of L, n' × c: a row of W∘A is as large as that of W."""
        sizes = self._sizes[0] if prior is None else self._basis(prior).sizes
        return Factor(Hints(sizes, np.zeros(c, dtype=np.int64)), GRID_BOUND)

    def right(self, L: RoundedEntries, finer: np.ndarray, S: np.ndarray) -> Factor:
        """The code of Y: a row is as large as the column of L, a column as that of W."""
        sizes = quarters(np.square(np.minimum(np.abs(L.v), _SCALE)).sum(axis=0))
        columns = self._sizes[1][others(S, self.W.shape[1])]
        return Factor(Hints(sizes - finer * 4 // FINENESS, columns), GRID_BOUND)

    @property
    def _is_image(self) -> bool:
        """Whether rows are pixels; neither of parts of an image nor of very large ones."""
        return self.grid is not None and self.W.shape[0] == prod(self.grid) <= MOST_PIXELS

    def _basis(self, prior: PixelPrior) -> PixelBasis:
        assert self.grid is not None, "only pixels have a prior"
        return pixel_basis(self.grid, self.rows, self._sizes[0], prior)

    @cached_property
    def _heaviest(self) -> np.ndarray:
        """The largest weight of each row (n): a maximum is exact, a sum need not be."""
        return np.concatenate([piece.max(axis=1, initial=0.0) for _, piece in weight_pieces(self.W)])

    @cached_property
    def _sizes(self) -> tuple[np.ndarray, np.ndarray]:
        """The scales of the rows of W that travel, and of its columns, in quarters of an octave."""
        n, d = self.W.shape
        scale = _SCALE / max(self._heaviest.max(initial=0.0), 1e-300)
        rows, columns = np.zeros(n, np.int64), np.zeros(d, np.int64)
        for run, piece in weight_pieces(self.W):
            # sums of whole numbers are the same in any order, on every machine
            squares = np.square(np.floor(piece * scale).astype(np.int64))
            rows[run] = squares.sum(axis=1)
            columns += squares.sum(axis=0)
        return quarters(rows[self.rows]), quarters(columns)
