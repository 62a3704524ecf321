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

_AT_ONCE = 1 << 16
"""Entries whose costs are looked up together."""

_NEAR = 3
"""By how many levels the base is moved once values are known."""


class _Terms(NamedTuple):
    """What rows, and columns, of m matrices lack of the energies that their entries have (m×n, m×d); the means (m)."""

    rows: np.ndarray
    columns: np.ndarray
    energy: np.ndarray

    @classmethod
    def of(cls, hints: Sequence[Hints], x: np.ndarray) -> "_Terms":
        """Of x in steps, m×n×d."""
        squares, units = np.square(x), ScalesCode(x.shape[1:]).units
        energy = squares.reshape(len(x), -1).mean(axis=1)
        rows = _terms(np.stack([each.rows for each in hints]), squares.mean(axis=2), energy, units[0])
        columns = _terms(np.stack([each.columns for each in hints]), squares.mean(axis=1), energy, units[1])
        return cls(rows, columns, energy)


def _terms(scales: np.ndarray, energies: np.ndarray, means: np.ndarray, unit: int) -> np.ndarray:
    """What these scales lack of the energies (both m×n), in whole units; the means of all stay what they are."""
    logs, terms = _below_largest(scales).astype(float), np.zeros(scales.shape)
    for _ in range(_ROUNDS):
        due = np.exp2((logs + terms) / 2)
        terms += _missing(energies, due * ((means + _FAINT / 8) / due.mean(axis=1))[:, None])
    return _in_units(terms, unit)


class _Side(NamedTuple):
    """Scales of the rows, or of the columns, of m matrices: with their terms or without, what these take, and hints.

    Attributes:
        added: to hints, the terms or 0 (m×n).
        below: the logarithm of each scale below the largest (m×n).
        mean: of these scales (m).
        bits: what it takes to say the terms (m).
    """

    added: np.ndarray
    below: np.ndarray
    mean: np.ndarray
    bits: np.ndarray

    @classmethod
    def of(cls, hints: Sequence[np.ndarray], added: np.ndarray, unit: int) -> "_Side":
        below = _below_largest(np.stack(hints) + added)
        bits = np.array([_term_bits(each) for each in added // unit])
        return cls(added, below, np.exp2(below / 2).mean(axis=1), bits)


class _Choice(NamedTuple):
    """With terms for rows or without, and for columns; and the base level of each matrix, by its energy then."""

    rows: _Side
    columns: _Side
    base: np.ndarray

    @classmethod
    def of(cls, rows: _Side, columns: _Side, energy: np.ndarray) -> "_Choice":
        level = 2 * np.log2((energy + _FAINT / 8) / (rows.mean * columns.mean))
        return cls(rows, columns, _within(FIRST + level))

    def scales(self, i: int) -> Scales:
        """Those of the i-th matrix."""
        return Scales(self.rows.added[i], self.columns.added[i], int(self.base[i]))

    def costs(self, x: np.ndarray) -> np.ndarray:
        """In bits, of m matrices x, errors being worth what tables were made for (m)."""
        at_once = max(1, _AT_ONCE // x[0].size)
        runs = [slice(start, start + at_once) for start in range(0, len(x), at_once)]
        return self.rows.bits + self.columns.bits + np.concatenate([self._entries(x, run) for run in runs])

    def _entries(self, x: np.ndarray, run: slice) -> np.ndarray:
        below = self.rows.below[run, :, None] + self.columns.below[run, None, :]
        levels = np.maximum(below + self.base[run, None, None], 0)
        bits, errors = expected_bits(np.abs(x[run]).reshape(len(levels), -1), levels.reshape(len(levels), -1))
        return bits + errors / PRICE


def fitted(hints: Hints, x: np.ndarray) -> Scales:
    """The scales of Gaussians with the energies of x (in steps), with terms for rows and for columns."""
    (choice,) = _choices([hints], x[None], [True])
    return choice.scales(0)


def tried(hints: Sequence[Hints], x: np.ndarray, most: int) -> list[list[Scales]]:
    """Of each of the matrices x in steps (m×n×d), with terms for neither rows nor columns, for either or for both.

    So many of these four, the best by estimate.
    """
    choices = _choices(hints, x, [False, True])
    best = np.argsort([choice.costs(x) for choice in choices], axis=0, kind="stable")[:most]
    return [[choices[which].scales(i) for which in best[:, i]] for i in range(len(x))]


def _choices(hints: Sequence[Hints], x: np.ndarray, used: Sequence[bool]) -> list[_Choice]:
    """With terms for rows as is said, and for columns."""
    terms, units = _Terms.of(hints, x), ScalesCode(x.shape[1:]).units
    rows = [_Side.of([each.rows for each in hints], terms.rows * each, units[0]) for each in used]
    columns = [_Side.of([each.columns for each in hints], terms.columns * each, units[1]) for each in used]
    return [_Choice.of(*sides, terms.energy) for sides in product(rows, columns)]


def _below_largest(scales: np.ndarray) -> np.ndarray:
    return scales - scales.max(axis=1, keepdims=True)


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


def expected_bits(sizes: np.ndarray, levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(bits, errors in squared steps) that entries of these sizes take on average at their levels, by the last axis."""
    rows, shifts = Levels.of(levels)
    bins, table = binned(np.ldexp(sizes, -shifts)), expected(1)
    return (table.bits[rows, bins] + shifts).sum(axis=-1), table.error[rows, bins].sum(axis=-1)


def refitted(
    scales: Sequence[Scales], levels: np.ndarray, v: np.ndarray, classes: np.ndarray, bits: np.ndarray
) -> tuple[list[Scales], np.ndarray]:
    """With the shapes and bases, near to those of before, for which values take the fewest bits; and these.

    Args:
        scales: of m matrices.
        levels: of their entries (m×N).
        v, classes: the paths (m×N).
        bits: `tables.costs_by_shape`.
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
    value = (of_class * LEVELS + moved.rows) * MAGNITUDES + magnitudes
    taken = (bits.take(value, axis=0) + moved.shifts[..., None]) * counts[:, None]
    starts = np.searchsorted(owner, np.arange(len(levels)))
    total = np.add.reduceat(taken, starts, axis=1).transpose(2, 0, 1).reshape(SHAPES * len(moves), -1)
    shapes, best = np.divmod(total.argmin(axis=0), len(moves))
    bases = _within(np.array([each.base for each in scales]) + moves[best]).tolist()
    again = [each._replace(shape=s, base=b) for each, s, b in zip(scales, shapes.tolist(), bases, strict=True)]
    return again, total.min(axis=0)


def _missing(found: np.ndarray, due: np.ndarray) -> np.ndarray:
    """By how many quarters of an octave the scale is too small."""
    return np.clip(2 * np.log2((found + _FAINT) / (due + _FAINT)), -LEVELS, HIGHEST)


def _in_units(terms: np.ndarray, unit: int) -> np.ndarray:
    whole = np.rint(terms / unit).astype(np.int64)
    return np.minimum(whole - whole.min(axis=1, keepdims=True), WIDEST) * unit


def _within(level: np.ndarray) -> np.ndarray:
    return np.minimum(np.maximum(np.rint(level), 0), HIGHEST).astype(np.int64)
