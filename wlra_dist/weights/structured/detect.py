"""The structure of weights that came as n×d numbers, found exactly: no robust fitting.

In this order: a mask of blocks, rows and columns in any order; a staircase; disjoint rank-one rectangles, peeled off
one by one, and what is left of W as exceptions; mostly zeros. A product of two factors is rounded, and what factors
such products come from is not told by them: so entries agree with W to 8 units in the last place, and zeros are zeros.
"""

from typing import Any, NamedTuple

import numpy as np

from wlra_dist.errors import InputError
from wlra_dist.inputs.given import given_matrix
from wlra_dist.linalg.blocks import runs
from wlra_dist.weights import BlockMask, DenseWeights, SparseWeights, StructuredWeights, Weights
from wlra_dist.weights.distinct import equal_rows, first_of
from wlra_dist.weights.structured.kinds import RankOnePiece, disjoint, replaced, require_weights
from wlra_dist.weights.structured.nested import alike, found_staircase, integral

MOSTLY = 0.75
"""A row belongs to a rectangle if it agrees on this share of its columns, and so a column."""

LOOKS = 63
"""Rows and columns that are looked at to tell a factor: odd, so that the median is one of their numbers."""

SEEDS = 8
"""Entries that are tried for a rectangle before what is left is taken for exceptions."""

MOST = 256
"""Rectangles; each takes a look at all of W."""

BAND = 64
"""What is no farther from the diagonal is called bands."""

WORTH = 4
"""Structure is told of W if it is so many times fewer numbers than W has entries."""


class Rectangle(NamedTuple):
    """Rows and columns on which W is u vᵀ but for a few entries."""

    rows: np.ndarray
    columns: np.ndarray
    u: np.ndarray
    v: np.ndarray

    @property
    def numbers(self) -> int:
        """How many numbers it is told by."""
        return len(self.rows) + len(self.columns)


def detect_weights(W: Any) -> Weights:
    """The weights W with the structure that they have.

    Parameters
    ----------
    W
        n×d, nonnegative: an array, or what `wlra_dist.inputs.given` makes one of.

    Returns
    -------
    BlockMask, StructuredWeights, SparseWeights or DenseWeights
        Of a mask the same W; of products the same to 8 units in the last place. Low rank r > 1 on all of W is not
        looked for, since it makes W^{∘-1} no cheaper.

    Raises
    ------
    InputError
        An entry that is negative or not finite, or no matrix of real numbers.
    """
    given = given_matrix(W, "W")
    if not isinstance(given, np.ndarray):
        places = given.tocoo()
        require_weights(places.row, places.col, places.data)
        return SparseWeights(given)
    dense = required(np.asarray(given, dtype=float))
    if not dense.size:
        raise InputError(f"expected at least one row and one column in W, found {dense.shape}")
    found = _mask(dense) or found_staircase(dense)
    if found is not None:
        return found
    peeled = _peeled(dense)
    sparse = 3 * int(np.count_nonzero(dense))
    numbers = peeled.u.nnz + peeled.v.nnz + 3 * peeled.exceptions.nnz
    if numbers * WORTH <= dense.size and numbers <= sparse:
        return peeled
    return SparseWeights(_csc(dense)) if sparse * WORTH <= dense.size else DenseWeights(dense)


def required(W: np.ndarray) -> np.ndarray:
    """W, if it is weights; InputError for an entry that is negative or not finite."""
    for run in runs(*W.shape):
        wrong = ~(np.isfinite(W[run]) & (W[run] >= 0))
        if wrong.any():
            i, j = np.nonzero(wrong)
            require_weights(run.start + i, j, W[run][wrong])
    return W


def named(W: Weights) -> str:
    """What the structure is, in words."""
    if not isinstance(W, StructuredWeights):
        return type(W).__name__
    pieces = len(W.u.indptr) - 1
    own = W.exceptions.tocoo()
    if not own.nnz:
        return f"{pieces} disjoint rank-one pieces"
    off = np.abs(own.row - own.col)
    sparse = "a diagonal" if not off.max() else f"bands up to {off.max()} off it" if off.max() <= BAND else "sparse"
    return f"{pieces} disjoint rank-one pieces plus {sparse} ({own.nnz} exceptions)"


def _mask(W: np.ndarray) -> BlockMask | None:
    """Ones on blocks of which no two share a row or a column, wherever they stand."""
    if not all(np.isin(W[run], (0, 1)).all() for run in runs(*W.shape)):
        return None
    groups = equal_rows(W)
    first = first_of(groups)
    patterns = W[first] > 0
    if (patterns.sum(axis=0) > 1).any():
        return None
    weighted = np.any(patterns, axis=1)
    row_blocks = np.where(weighted[groups], groups, -1)
    return BlockMask(row_blocks, np.where(patterns.any(axis=0), patterns.argmax(axis=0), -2))


def _peeled(W: np.ndarray) -> StructuredWeights:
    """Rectangles, and exceptions, of which there may be too many."""
    left, rng = W.copy(), np.random.default_rng(0)
    found: list[Rectangle] = []
    rows, columns = np.zeros(0, np.int64), np.zeros(0, np.int64)
    while len(found) < MOST and (best := _next(left, rng)) is not None:
        found.append(best)
        place = np.ix_(best.rows, best.columns)
        off = np.argwhere(~alike(W[place], np.multiply.outer(best.u, best.v)))
        rows, columns = np.r_[rows, best.rows[off[:, 0]]], np.r_[columns, best.columns[off[:, 1]]]
        left[place] = np.nan  # taken: a rectangle that meets it is cut
    rest = np.argwhere(left > 0)
    base = disjoint((len(W), W.shape[1]), [RankOnePiece(*each) for each in found])
    rows, columns = np.r_[rows, rest[:, 0]], np.r_[columns, rest[:, 1]]
    return replaced(base, rows, columns, W[rows, columns])


def _next(left: np.ndarray, rng: np.random.Generator) -> Rectangle | None:
    """A rectangle among what is left of W that is worth its numbers; None if none was found."""
    places = _sampled(left, rng)
    grown = [each for place in places if (each := _grown(left, *place, rng)) is not None]
    best = max(grown, key=lambda each: len(each.rows) * len(each.columns) - each.numbers, default=None)
    return best if best is not None and len(best.rows) * len(best.columns) >= 3 * best.numbers else None


def _sampled(left: np.ndarray, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Some places where something is left, in rows that have much left more often."""
    counts = np.count_nonzero(left > 0, axis=1)
    rows = np.flatnonzero(counts)
    chosen = (
        rng.choice(rows, min(SEEDS, len(rows)), replace=False, p=counts[rows] / counts.sum()) if len(rows) else rows
    )
    return [(int(i), int(rng.choice(np.flatnonzero(left[i] > 0)))) for i in chosen]


def _grown(left: np.ndarray, i: int, j: int, rng: np.random.Generator) -> Rectangle | None:
    """The rectangle around a place: rows and columns that mostly agree with its row and its column."""
    own = _columnsalike(left, i, j, rng)
    if len(own) < 2:
        return None
    v = left[i] / left[i, j]
    u = _middle(left[:, own] / v[own])
    rows = _mostly(left[:, own], np.multiply.outer(u, v[own]))
    if len(rows) < 2:
        return None
    looked = rng.choice(rows, min(LOOKS, len(rows)), replace=False)
    v = _middle((left[looked] / u[looked, None]).T)
    columns = _mostly(left[looked].T, np.multiply.outer(v, u[looked]))
    rows = rows[np.isfinite(left[np.ix_(rows, columns)]).all(axis=1)]
    if len(rows) < 2 or len(columns) < 2:
        return None
    return Rectangle(rows, columns, *integral(u[rows], v[columns], left[looked[0], columns]))


def _columnsalike(left: np.ndarray, i: int, j: int, rng: np.random.Generator) -> np.ndarray:
    """Some columns on which the rows that are most like row i agree with it."""
    rows, columns = (
        rng.choice(all_, min(4 * LOOKS, len(all_)), replace=False)
        for all_ in (np.flatnonzero(left[:, j] > 0), np.flatnonzero(left[i] > 0))
    )
    product = np.multiply.outer(left[rows, j] / left[i, j], left[i, columns])
    agree = alike(left[np.ix_(rows, columns)], product) & (rows != i)[:, None]
    likeness = agree.sum(axis=1)
    like = likeness >= 0.8 * likeness.max(initial=1)
    return columns[agree[like].mean(axis=0) >= MOSTLY][:LOOKS] if like.any() else columns[:0]


def _middle(ratios: np.ndarray) -> np.ndarray:
    """The lower median of each row: one of its numbers."""
    return np.sort(ratios, axis=1)[:, (ratios.shape[1] - 1) // 2]


def _mostly(M: np.ndarray, product: np.ndarray) -> np.ndarray:
    """The rows of M that mostly agree with those of the product, and are not 0."""
    agree = alike(M, product) & (product > 0)
    return np.flatnonzero(agree.mean(axis=1) >= MOSTLY)


def _csc(W: np.ndarray) -> Any:
    from scipy.sparse import csc_array

    return csc_array(W)
