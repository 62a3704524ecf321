"""Structured weights by name: pieces on rectangles, diagonal blocks, a staircase, and each of them plus sparse."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from wlra_dist.errors import InputError
from wlra_dist.inputs.given import WEIGHTS_REMEDY, given_array
from wlra_dist.weights.structured.pieces import StructuredWeights, _columns, _ones

if TYPE_CHECKING:
    from scipy.sparse import csc_array


OCTAVES = 1000
"""Products of u and v stay within so many octaves of 1, and so do those of their inverses."""


class RankOnePiece(NamedTuple):
    """u vᵀ on some rows and columns: as many numbers in u as rows, and in v as columns."""

    rows: np.ndarray
    columns: np.ndarray
    u: np.ndarray
    v: np.ndarray


def disjoint(shape: tuple[int, int], pieces: Iterable[RankOnePiece]) -> StructuredWeights:
    """W (n×d), a rank-one piece on each of these rectangles, 0 elsewhere; zeros in u and v are left out.

    Raises:
        InputError: a weight that is negative or not finite, two pieces that meet, an index outside, or more numbers
            than rows or columns.
    """
    made = list(pieces)
    u = _factor(shape[0], [(piece.rows, piece.u) for piece in made], "u")
    v = _factor(shape[1], [(piece.columns, piece.v) for piece in made], "v")
    _require_products(u, v)
    _require_apart(u, v)
    return StructuredWeights(u, v, _nothing(shape))


def no_pieces(shape: tuple[int, int]) -> StructuredWeights:
    """W = 0 (n×d)."""
    return disjoint(shape, [])


def rank_one(u: np.ndarray, v: np.ndarray) -> StructuredWeights:
    """W = u vᵀ (n×d)."""
    return disjoint((len(u), len(v)), [RankOnePiece(np.arange(len(u)), np.arange(len(v)), u, v)])


def block_diagonal(
    row_blocks: np.ndarray, column_blocks: np.ndarray, u: np.ndarray, v: np.ndarray
) -> StructuredWeights:
    """W_ij = u_i v_j where row i and column j are of the same block, 0 elsewhere: blocks are numbered as in a mask."""
    return disjoint((len(row_blocks), len(column_blocks)), _of_blocks(row_blocks, column_blocks, u, v))


def staircase(ends: np.ndarray, u: np.ndarray, v: np.ndarray) -> StructuredWeights:
    """W_ij = u_i v_j for j < ends_i, and 0 from there on: monotone missing data.

    A staircase of p different heights falls into p rectangles, each row and each column being in log2(p) + 1 of them
    at most: so that is the time of a product beside n + d.

    Raises:
        InputError: an end that is no integer from 0 to d, beside those of `disjoint`.
    """
    ends = np.asarray(ends)
    wrong = (ends < 0) | (ends > len(v)) | (ends != np.rint(ends))
    if wrong.any():
        i = int(np.argmax(wrong))
        raise InputError(f"expected a staircase's ends as integers from 0 to {len(v)}, found {ends[i]} in row {i}")
    u, v = np.asarray(u, dtype=float), np.asarray(v, dtype=float)
    return disjoint((len(ends), len(v)), _steps(ends.astype(np.int64), u, v))


def plus(W: StructuredWeights, E: "csc_array") -> StructuredWeights:
    """W + E for a sparse E (n×d), such as a diagonal or bands: its places become exceptions.

    Raises:
        InputError: a shape that differs, or a sum that is negative or not finite.
    """
    if W.shape != E.shape:
        raise InputError(f"expected a sparse part of the shape {W.shape} of the pieces, found {E.shape}")
    places = E.tocoo()
    return plus_entries(W, places.row, places.col, places.data)


def plus_entries(W: StructuredWeights, rows: np.ndarray, columns: np.ndarray, values: np.ndarray) -> StructuredWeights:
    """The same for E as values in places; InputError also for a place outside, or one that is there twice."""
    n, d = W.shape
    rows, columns = _indices(rows, n, "rows of the sparse part"), _indices(columns, d, "columns of the sparse part")
    if len(np.unique(rows + n * columns)) < len(values):
        raise InputError("expected each place of the sparse part once, found one twice: add up what stands there")
    return replaced(W, rows, columns, W.entries(rows, columns) + values)


def require_weights(rows: np.ndarray, columns: np.ndarray, values: np.ndarray) -> None:
    """InputError for the first of these entries of W that is negative or not finite."""
    wrong = ~(np.isfinite(values) & (values >= 0))
    if wrong.any():
        at = int(np.argmax(wrong))
        raise InputError(
            f"expected a finite weight of at least 0 in W, found {values[at]} in row {rows[at]}, column {columns[at]}"
            f" (from 0): {WEIGHTS_REMEDY}"
        )


def replaced(W: StructuredWeights, rows: np.ndarray, columns: np.ndarray, values: np.ndarray) -> StructuredWeights:
    """W with these values in these places, 0 among them; InputError for one that is negative or not finite."""
    require_weights(rows, columns, values)
    kept = W.exceptions
    own = _numbered(np.r_[kept.indices, rows], np.r_[_columns(kept), columns], W.shape)
    data = np.r_[kept.data, values]
    own.data = data[own.data - 1]
    return StructuredWeights(W.u, W.v, own)


def numbered_pieces(of: Mapping[str, np.ndarray]) -> list[RankOnePiece]:
    """The pieces of flat arrays: `row`, `row_piece` and `u` side by side, `column`, `column_piece` and `v` likewise."""
    for one, other in (("row", "row_piece"), ("row", "u"), ("column", "column_piece"), ("column", "v")):
        if of[one].shape != of[other].shape or of[one].ndim != 1:
            raise InputError(
                f"expected {one} and {other} as arrays of one length, found {of[one].shape} and {of[other].shape}"
            )
    most = max(int(of[name].max(initial=-1)) for name in ("row_piece", "column_piece")) + 1
    if most > len(of["row"]) + len(of["column"]):
        raise InputError(f"expected pieces numbered from 0, found the number {most - 1}: number them without gaps")
    return [
        RankOnePiece(of["row"][rows], of["column"][columns], of["u"][rows], of["v"][columns])
        for rows, columns in zip(_split(of["row_piece"], most), _split(of["column_piece"], most), strict=True)
    ]


def _split(numbers: np.ndarray, most: int) -> list[np.ndarray]:
    """Where each of the numbers 0 … most − 1 stands."""
    order = np.argsort(numbers, kind="stable")
    return np.split(order, np.searchsorted(numbers[order], np.arange(1, most)))


def from_mask(row_blocks: np.ndarray, column_blocks: np.ndarray) -> StructuredWeights:
    """A `BlockMask` as pieces of ones."""
    return block_diagonal(row_blocks, column_blocks, np.ones(len(row_blocks)), np.ones(len(column_blocks)))


def _of_blocks(
    row_blocks: np.ndarray, column_blocks: np.ndarray, u: np.ndarray, v: np.ndarray
) -> Iterator[RankOnePiece]:
    order_of_rows, order_of_columns = (np.argsort(blocks, kind="stable") for blocks in (row_blocks, column_blocks))
    rows, columns = row_blocks[order_of_rows], column_blocks[order_of_columns]
    u, v = np.asarray(u), np.asarray(v)
    for block in np.intersect1d(rows, columns):
        own = order_of_rows[slice(*np.searchsorted(rows, [block, block + 1]))]
        across = order_of_columns[slice(*np.searchsorted(columns, [block, block + 1]))]
        yield RankOnePiece(own, across, u[own], v[across])


def _steps(ends: np.ndarray, u: np.ndarray, v: np.ndarray) -> Iterator[RankOnePiece]:
    """The rectangles of a staircase: the middle step from the left edge, then what is left of it and right of it."""
    order = np.argsort(ends, kind="stable")
    heights = np.unique(ends[ends > 0])
    waiting = [(0, len(heights), 0, len(ends))]  # steps from … to, the column to begin with, rows up to this in `order`
    while waiting:
        first, last, begin, most = waiting.pop()
        if first == last:
            continue
        middle = (first + last) // 2
        least = int(np.searchsorted(ends[order], heights[middle]))
        rows, columns = order[least:most], np.arange(begin, heights[middle])
        yield RankOnePiece(rows, columns, u[rows], v[columns])
        waiting += [(first, middle, begin, least), (middle + 1, last, int(heights[middle]), most)]


def _factor(length: int, parts: list[tuple[np.ndarray, np.ndarray]], name: str) -> Any:
    """The u or the v of all pieces, length×P."""
    for number, (indices, values) in enumerate(parts):
        if np.shape(indices) != np.shape(values):
            raise InputError(f"expected {len(indices)} numbers in {name} of piece {number}, found {np.shape(values)}")
    data = given_array(np.concatenate([np.zeros(0), *(values for _, values in parts)]), name).astype(float)
    at = _indices(np.concatenate([np.zeros(0, int), *(indices for indices, _ in parts)]), length, f"indices of {name}")
    piece = np.repeat(np.arange(len(parts)), np.array([len(indices) for indices, _ in parts], dtype=int))
    wrong = ~(np.isfinite(data) & (data >= 0))
    if wrong.any():
        where = int(np.argmax(wrong))
        found = f"{data[where]} at {at[where]} of piece {piece[where]}"
        raise InputError(f"expected finite weights of at least 0 in {name}, found {found}: give the factors of |S_l|")
    if len(np.unique(at + length * piece)) < len(at):
        raise InputError(f"expected each index of {name} once in a piece, found one twice: add up their numbers")
    factor = _sparse((data, (at, piece)), (length, len(parts)))
    factor.eliminate_zeros()
    return factor


def _indices(given: np.ndarray, length: int, name: str) -> np.ndarray:
    """Integers from 0 to length − 1, or an InputError."""
    indices = np.asarray(given)
    wrong = ~((indices >= 0) & (indices < length) & (indices == np.rint(indices)))
    if wrong.any():
        raise InputError(f"expected {name} as integers from 0 to {length - 1}, found {indices[wrong][0]}")
    return indices.astype(np.int64)


def _require_products(u: Any, v: Any) -> None:
    """InputError unless products of u and v, and their inverses, have doubles."""
    if not u.nnz or not v.nnz:
        return
    least, most = (np.log2(of(u.data)) + np.log2(of(v.data)) for of in (np.min, np.max))
    if not -OCTAVES < least <= most < OCTAVES:
        found = f"2^{least:.0f} to 2^{most:.0f}"
        raise InputError(
            f"expected products of u and v between 2^-{OCTAVES} and 2^{OCTAVES}, found {found}: scale them"
        )


def _require_apart(u: Any, v: Any) -> None:
    """InputError for two pieces that have a row and a column in common."""
    ours, theirs = _ones(u), _ones(v)
    meet = (ours.T @ ours).multiply(theirs.T @ theirs).tocoo()
    apart = meet.row == meet.col
    if apart.all():
        return
    at = int(np.argmin(apart))
    one, other = sorted((int(meet.row[at]), int(meet.col[at])))
    row, column = (int(np.intersect1d(_members(factor, one), _members(factor, other))[0]) for factor in (u, v))
    raise InputError(
        f"expected rank-one pieces with disjoint supports, found pieces {one} and {other} both in row {row}, column"
        f" {column} (from 0): cut one of them, or give W as factors U and V"
    )


def _members(factor: Any, piece: int) -> np.ndarray:
    return factor.indices[factor.indptr[piece] : factor.indptr[piece + 1]]


def _numbered(rows: np.ndarray, columns: np.ndarray, shape: tuple[int, int]) -> Any:
    """At each of these places the number of the last that is there, from 1."""
    places = rows.astype(np.int64) + shape[0] * columns.astype(np.int64)
    unique, last = np.unique(places[::-1], return_index=True)
    return _sparse((len(places) - last, (unique % shape[0], unique // shape[0])), shape)


def _nothing(shape: tuple[int, int]) -> Any:
    return _sparse((np.zeros(0), (np.zeros(0, int), np.zeros(0, int))), shape)


def _sparse(content: Any, shape: tuple[int, int]) -> Any:
    from scipy.sparse import csc_array

    made = csc_array(content, shape=shape)
    made.sort_indices()
    return made
