"""How many directions to send, and how exactly, by reverse water-filling (Cover & Thomas 2006, Thm 10.3.3).

An entry x that is sent with a loss of D takes ½ log2(x²/D) bits, or none if x² ≤ D, and costs min(x², D). So only the
number of entries of each size matters; sizes are counted by octaves of x², half a bit each.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

OCTAVES = 128
"""Squares below 2^-128 of the largest are counted in the lowest octave: far below the precision of doubles."""


@dataclass(frozen=True, eq=False)
class BySize:
    """The entries of the first c = 0 … C directions by the octave of their squares.

    Attributes:
        octaves: the exponents b, ascending: squares from 2^b to 2^(b+1), all smaller ones in the first.
        counts: how many entries are of each octave ((C+1)×octaves).
        energies: the sums of their squares.
    """

    octaves: np.ndarray
    counts: np.ndarray
    energies: np.ndarray

    @classmethod
    def of(cls, squares: np.ndarray, times: np.ndarray | None = None) -> "BySize":
        """From the squares (entries×C), each of `times` entries (one if not given)."""
        each = np.ones(len(squares)) if times is None else times
        octaves = int(np.frexp(squares.max(initial=0.0))[1]) - OCTAVES + np.arange(OCTAVES)
        places = np.where(squares > 0, np.maximum(np.frexp(squares)[1] - 1 - octaves[0], 0), 0)  # frexp(0) is (0, 0)
        counts = [np.bincount(place, each, OCTAVES) for place in places.T]
        energies = [np.bincount(places[:, j], each * squares[:, j], OCTAVES) for j in range(squares.shape[1])]
        return cls(octaves, _running_sums(counts), _running_sums(energies))

    def loss_and_bits(self, level: int) -> tuple[np.ndarray, np.ndarray]:
        """The loss and the bits for D = 2^level, by c."""
        above = self.octaves >= level
        lost = self.energies[:, ~above].sum(axis=1) + self.counts[:, above].sum(axis=1) * 2.0**level
        sent = self.counts[:, above].sum(axis=1)
        sizes = self.counts[:, above] @ (self.octaves[above] - level + 0.5) / 2
        return lost, sizes + entropy(sent, self.counts.sum(axis=1))


class Cheapest(NamedTuple):
    """The number of directions, the loss that rounding the basis may cost, and roughly the bits of all."""

    c: int
    allowed: float
    bits: float


def fewest_bits(basis: BySize, coefficients: BySize, budgets: np.ndarray, copies: float) -> Cheapest:
    """The fewest bits whose loss is within the budgets for c = 0 … C directions; c = 0 if no c meets its budget.

    The basis is sent `copies` times, and an entry of it may lose so many times what a coefficient loses.
    """
    dearer = round(np.log2(copies))
    best, open_ = Cheapest(0, 0.0, np.inf), budgets > 0
    first, last = (int(max(basis.octaves[end] - dearer, coefficients.octaves[end])) for end in (-1, 0))
    for level in range(first + 1, last, -1):
        (lost, bits), (lost_too, bits_too) = basis.loss_and_bits(level + dearer), coefficients.loss_and_bits(level)
        met = open_ & (lost + lost_too <= budgets)
        takes = np.where(met, copies * bits + bits_too, np.inf)
        c = int(takes.argmin())
        if takes[c] < best.bits:
            best = Cheapest(c, float(lost[c]), float(takes[c]))
        open_ &= ~met
    return best


def entropy(sent: np.ndarray, of: np.ndarray) -> np.ndarray:
    """The bits that say which entries are sent."""
    p = sent / np.maximum(of, 1)
    return -of * (_xlog2x(p) + _xlog2x(1 - p))


def _xlog2x(p: np.ndarray) -> np.ndarray:
    return p * np.log2(np.where(p > 0, p, 1))


def _running_sums(rows: list[np.ndarray]) -> np.ndarray:
    return np.cumsum([np.zeros(OCTAVES), *rows], axis=0)
