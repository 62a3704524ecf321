"""Which scales a sender gives the rows and columns of a matrix: those with the energies that the entries have."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np

from wlra_dist.codecs.trellis.scales import (
    HIGHEST,
    OFFSETS,
    QUANTISER_BITS,
    WIDEST,
    Hints,
    Levels,
    Scales,
    ScalesCode,
    within,
)
from wlra_dist.codecs.trellis.trellis import MOST, rounded
from wlra_dist.codecs.trellis.trellis_tables import LEVELS, energies, entropies, index_bits

_ROUNDS = 4
"""Turns of fitting the scales of rows and those of columns."""

_FAINT = 0.1
"""Added to energies, so that rows of zeros have one."""


def fitted(hints: Hints, value: np.ndarray, indices: np.ndarray, odd: np.ndarray) -> Scales:
    """The scales that take the fewest bits, of those with and without terms for rows and for columns.

    `value` are multiples of the step, `indices` and `odd` (flat) how the trellis tells them.
    """
    code = ScalesCode(hints.shape)
    tried = [_with_shapes(scales, hints, indices, odd) for scales in _tried(hints, value)]
    return min(tried, key=lambda each: each[0] + code.bits(each[1]))[1]


def expected(hints: Hints, value: np.ndarray) -> Levels:
    """The levels of Gaussians that give rows and columns the energies that they have."""
    levels, _ = _balanced(hints, value, (True, True))
    return Levels.of(np.rint(levels).astype(np.int64).ravel())


def estimated_bits(hints: Hints, value: np.ndarray) -> float:
    """About what a matrix of multiples takes if it is a path of the trellis, but for the scales."""
    if not value.size:
        return 0.0
    levels = expected(hints, value)
    return float(entropies()[levels.rows[0]].sum() + levels.shifts.sum())


def _tried(hints: Hints, value: np.ndarray) -> Iterator[Scales]:
    """With terms for neither rows nor columns, for either and for both."""
    units = ScalesCode(hints.shape).units
    for by_row, by_column in product((False, True), repeat=2):
        levels, terms = _balanced(hints, value, (by_row, by_column))
        rows, columns = (_in_units(term, unit) for term, unit in zip(terms, units, strict=True))
        yield Scales(rows, columns, int(np.clip(np.rint(levels.max()), 0, HIGHEST)))


def _balanced(
    hints: Hints, value: np.ndarray, used: tuple[bool, bool]
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """(levels, terms): terms for the rows and columns that let levels have the energies of the value, in steps."""
    squares, base = np.square(value.astype(float)), np.add.outer(hints.rows, hints.columns).astype(float)
    terms = np.zeros((value.shape[0], 1)), np.zeros((1, value.shape[1]))
    base += LEVELS // 2 - base.max()
    for _ in range(_ROUNDS):
        for term, axis, wanted in zip((base, *terms), (None, 1, 0), (True, *used), strict=True):
            if wanted:
                due = _energy(base + terms[0] + terms[1])
                term += _missing(squares.mean(axis, keepdims=True), due.mean(axis, keepdims=True))
    return base + terms[0] + terms[1], (terms[0].ravel(), terms[1].ravel())


def _energy(levels: np.ndarray) -> np.ndarray:
    """The mean square in steps at these levels; above the tables it doubles every two levels."""
    whole = np.rint(levels).astype(np.int64)
    return energies()[within(whole)] * np.exp2(np.maximum(whole - LEVELS + 1, 0) / 2)


def _missing(found: np.ndarray, due: np.ndarray) -> np.ndarray:
    """By how many quarters of an octave the scale is too small."""
    return np.clip(2 * np.log2((found + _FAINT) / (due + _FAINT)), -LEVELS, HIGHEST)


def _in_units(term: np.ndarray, unit: int) -> np.ndarray:
    whole = np.rint(term / unit).astype(np.int64)
    return np.minimum(whole - whole.min(), WIDEST) * unit


def _with_shapes(scales: Scales, hints: Hints, indices: np.ndarray, odd: np.ndarray) -> tuple[float, Scales]:
    """(bits, scales) with the shape and the offset for each quantiser that take the fewest bits."""
    levels = scales.levels(hints)
    symbols = np.minimum(np.abs(rounded(indices, levels.shifts)), MOST)
    found = np.flatnonzero(np.bincount(levels.rows[0]))
    of_entry = np.searchsorted(found, levels.rows[0])
    width = int(symbols.max()) + 1
    keys = (odd * len(found) + of_entry) * width + symbols
    counts = np.bincount(keys, minlength=2 * len(found) * width).reshape(2, len(found), width).astype(np.float32)
    bits = index_bits()[..., :width] @ counts.swapaxes(1, 2)[:, None]
    by_offset = bits[:, :, within(found + OFFSETS[:, None]), np.arange(len(found))].sum(axis=3)
    alike, each = by_offset.sum(axis=0), by_offset.reshape(2, -1)
    is_alike = alike.min() <= each.min(axis=1).sum() + QUANTISER_BITS
    best = np.repeat(alike.argmin(), 2) if is_alike else each.argmin(axis=1)
    shapes, offsets = np.divmod(best, len(OFFSETS))
    chosen = replace(scales, shapes=tuple(shapes.tolist()), offsets=tuple(OFFSETS[offsets].tolist()))
    return float(each[[0, 1], best].sum() + levels.shifts.sum()), chosen
