"""Which scales a sender gives the rows and columns of a matrix: those with the energies that the entries have."""

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

import numpy as np

from wlra_dist.codecs.trellis.machine import CLASSES
from wlra_dist.codecs.trellis.scales import HIGHEST, WIDEST, Hints, Levels, Scales, ScalesCode
from wlra_dist.codecs.trellis.tables import FIRST, LEVELS, MAGNITUDES, PRICE, SHAPES, binned, expected

_ROUNDS = 3
"""Turns of fitting the scales of rows and those of columns."""

_FAINT = 0.08
"""Added to energies in squared steps, so that rows of zeros have one."""

_SIZES = 8 * MAGNITUDES
"""Sizes of values that are told apart."""

_NAMING, _SYMBOL = 8.0, 5.0
"""Bits that it takes to say how large terms are, and how often one of their values occurs."""

_NEAR = 3
"""By how many levels the base is moved once values are known."""


class _Terms(NamedTuple):
    """What rows, and columns, lack of the energies that the entries have, and the mean of all."""

    rows: np.ndarray
    columns: np.ndarray
    energy: float

    @classmethod
    def of(cls, hints: Hints, x: np.ndarray) -> "_Terms":
        """Of x in steps."""
        squares, units = np.square(x), ScalesCode(hints.shape).units
        energy = float(squares.mean())
        rows = _term(hints.rows, squares.mean(axis=1), energy, units[0])
        return cls(rows, _term(hints.columns, squares.mean(axis=0), energy, units[1]), energy)

    def scales(self, hints: Hints, used: tuple[bool, bool]) -> Scales:
        """With those of rows and of columns where `used`."""
        rows, columns = (term if wanted else 0 * term for term, wanted in zip(self[:2], used, strict=True))
        level = _level(self.energy, hints.rows + rows, hints.columns + columns)
        return Scales(rows, columns, int(_within(FIRST + level)))


def _term(scales: np.ndarray, energies: np.ndarray, mean: float, unit: int) -> np.ndarray:
    """What these scales lack of the energies, in whole units; the mean of all stays what it is."""
    logs, term = scales - scales.max(initial=scales[0]).astype(float), np.zeros(len(scales))
    for _ in range(_ROUNDS):
        due = np.exp2((logs + term) / 2)
        term += _missing(energies, due * ((mean + _FAINT / 8) / due.mean()))
    return _in_units(term, unit)


def fitted(hints: Hints, x: np.ndarray) -> Scales:
    """The scales of Gaussians with the energies of x (in steps), with terms for rows and for columns."""
    return _Terms.of(hints, x).scales(hints, (True, True))


def _level(whole: float, rows: np.ndarray, columns: np.ndarray) -> float:
    """What scales lack on the whole of the energy, in quarters of an octave."""
    due = [np.exp2((each - each.max(initial=each[0])) / 2).mean() for each in (rows, columns)]
    return float(2 * np.log2((whole + _FAINT / 8) / (due[0] * due[1])))


def tried(hints: Hints, x: np.ndarray, most: int) -> list[Scales]:
    """With terms for neither rows nor columns, for either or for both: so many of them, the best by estimate."""
    terms = _Terms.of(hints, x)
    found = [terms.scales(hints, used) for used in product((False, True), (False, True))]
    return sorted(found, key=lambda scales: _cost(scales, hints, x))[:most]


def _cost(scales: Scales, hints: Hints, x: np.ndarray) -> float:
    """In bits, errors being worth what tables were made for."""
    bits, errors = expected_bits(np.abs(x).ravel(), scales.absolute(hints))
    return side_bits(scales, hints) + bits + errors / PRICE


def side_bits(scales: Scales, hints: Hints) -> float:
    """About what the terms of rows and columns take: their histogram and entropy, or digits."""
    units = ScalesCode(hints.shape).units
    return sum(_term_bits(added // unit) for added, unit in zip((scales.rows, scales.columns), units, strict=True))


def _term_bits(added: np.ndarray) -> float:
    if not added.any():
        return 0.0
    counts = np.bincount(added)
    occurring = counts[counts > 0]
    entropy = float((occurring * np.log2(len(added) / occurring)).sum())
    return _NAMING + min(len(added) * np.log2(len(counts)), entropy + _SYMBOL * len(occurring))


def expected_bits(sizes: np.ndarray, levels: np.ndarray) -> tuple[float, float]:
    """(bits, errors in squared steps) that entries of these sizes take on average at their levels (all flat)."""
    rows, shifts = Levels.of(levels)
    bins, table = binned(np.ldexp(sizes, -shifts)), expected(1)
    return float((table.bits[rows, bins] + shifts).sum()), float(table.error[rows, bins].sum())


def refitted(
    scales: Sequence[Scales], levels: np.ndarray, v: np.ndarray, classes: np.ndarray, bits: np.ndarray
) -> tuple[list[Scales], np.ndarray]:
    """With the shapes and bases, near to those of before, for which values take the fewest bits; and these.

    Args:
        scales: of m matrices.
        levels: of their entries (m×N).
        v, classes: the paths (m×N).
        bits: `tables.TrellisTables.bits`.
    """
    owner = np.broadcast_to(np.arange(len(levels))[:, None], levels.shape)
    size = np.minimum(np.abs(v) >> 1 >> Levels.of(levels - _NEAR).shifts, _SIZES - 1)
    keys = ((owner * CLASSES + classes) * (HIGHEST + 1) + levels) * _SIZES + size
    found, counts = np.unique(keys, return_counts=True)
    rest, size = np.divmod(found, _SIZES)
    rest, level = np.divmod(rest, HIGHEST + 1)
    owner, of_class = np.divmod(rest, CLASSES)
    moves = np.arange(-_NEAR, _NEAR + 1)
    moved = Levels.of(np.maximum(level + moves[:, None], 0))
    magnitudes = np.minimum(size >> moved.shifts - Levels.of(level - _NEAR).shifts, MAGNITUDES - 1)
    taken = (bits[:, of_class, moved.rows, magnitudes] + moved.shifts) * counts
    starts = np.searchsorted(owner, np.arange(len(levels)))
    total = np.add.reduceat(taken, starts, axis=-1).reshape(SHAPES * len(moves), -1)
    shapes, best = np.divmod(total.argmin(axis=0), len(moves))
    bases = [int(_within(each.base + moves[move])) for each, move in zip(scales, best, strict=True)]
    again = [each._replace(shape=int(s), base=b) for each, s, b in zip(scales, shapes, bases, strict=True)]
    return again, total.min(axis=0)


def _missing(found: np.ndarray, due: np.ndarray) -> np.ndarray:
    """By how many quarters of an octave the scale is too small."""
    return np.clip(2 * np.log2((found + _FAINT) / (due + _FAINT)), -LEVELS, HIGHEST)


def _in_units(term: np.ndarray, unit: int) -> np.ndarray:
    whole = np.rint(term / unit).astype(np.int64)
    return np.minimum(whole - whole.min(), WIDEST) * unit


def _within(level: np.ndarray | float) -> np.ndarray:
    return np.clip(np.rint(level), 0, HIGHEST).astype(np.int64)
