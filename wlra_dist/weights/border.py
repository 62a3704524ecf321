"""The border that A and W cross once, whoever brings them: the support of A, and a scale that doubles have room for.

Where W is 0 an entry of A does not exist. Whatever stands there, NaN and 10³⁰⁰ included, becomes 0 here, so that no
result depends on it. What is left must be finite, and its weighted energy ‖W∘A‖_F² such that its rounding error has
a double, too.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from wlra_dist.errors import InputError
from wlra_dist.inputs.given import WEIGHTS_REMEDY
from wlra_dist.linalg.blocks import runs
from wlra_dist.linalg.matrix import Matrix, dense, is_sparse
from wlra_dist.linalg.rows.rows import mapped_rows, row_runs
from wlra_dist.linalg.scale import power_of, power_to_take
from wlra_dist.weights import SparseWeights, StructuredWeights, Weights
from wlra_dist.weights.weighted_rows import weight_rows

if TYPE_CHECKING:
    from scipy.sparse import csc_array

LEAST, MOST = 2.0**-900, 2.0**1008
"""Of ‖W∘A‖_F²: at the one end losses of 2^-104 of it are normal numbers, at the other m of them add up."""

FAR = 240
"""No entry of A may be so many octaves above the largest of W∘A, for weights of at most 1: fourth powers have room."""

Place = Callable[[int], tuple[int, int]]
"""Row and column of a piece's entry, by its place in the flat piece."""


class Survey(NamedTuple):
    """What one look at A and W shows.

    Attributes:
        entry: the largest |A_ij| where W is not 0.
        weight: the largest entry of W.
        energy: ‖W∘A‖_F².
        outside: whether something stands in A where W is 0.
        A, W: the powers of two to take out of either; 0 where sizes are modest.
    """

    entry: float
    weight: float
    energy: float
    outside: bool
    A: int
    W: int


def supported(A: Matrix, W: Weights) -> Matrix:
    """A where W is not 0, and 0 elsewhere; A itself if nothing stands there, a copy otherwise."""
    if is_sparse(A):
        return _supported_columns(A, W)
    kept = A = dense(A)
    for run in runs(A.shape[1], len(A)):
        outside = W.dense(run) == 0
        outside &= stands(A[:, run])
        if outside.any():
            kept = A.copy() if kept is A else kept
            kept[:, run][outside] = 0
    return kept


def stands(A: np.ndarray) -> np.ndarray:
    """Where something is, be it NaN or −0."""
    return (A != 0) | np.signbit(A)


def entry_weights(W: Weights, A: "csc_array", S: np.ndarray | slice = slice(None)) -> np.ndarray:
    """W at the stored entries of A, whose columns are the columns S of W: no n×d weights are formed."""
    columns = np.repeat(np.arange(W.shape[1])[S], np.diff(A.indptr))
    return W.entries(A.indices, columns)


def _supported_columns(A: "csc_array", W: Weights) -> "csc_array":
    outside = entry_weights(W, A) == 0
    if not outside.any():
        return A
    kept = A.copy()
    kept.data[outside] = 0
    kept.eliminate_zeros()
    return kept


def survey(A: Matrix, W: Weights, columns: np.ndarray | None = None) -> Survey:
    """One look at A and W, n×d; `columns` are theirs in the whole (d), for messages.

    Raises:
        InputError: a weight is negative or not finite; an entry of A that counts is not finite, or too large beside
            all that are weighted; ‖W∘A‖² or its rounding error has no double.
    """
    weight = entry = product = energy = 0.0
    outside = False
    for entries, weights, at in _pieces(A, W):
        place = at if columns is None else lambda flat, at=at: (at(flat)[0], int(columns[at(flat)[1]]))
        right = np.isfinite(weights) & (weights >= 0)
        _require(right, weights, place, "a finite weight of at least 0 in W", WEIGHTS_REMEDY)
        counts = weights > 0
        if not counts.all():
            outside = outside or bool(stands(entries[~counts]).any())
            entries = np.where(counts, entries, 0)
        _require(np.isfinite(entries), entries, place, "a finite number in A", "give a missing entry the weight 0")
        with np.errstate(over="ignore"):
            B = np.multiply(entries, weights, dtype=float)
            energy += float(np.vdot(B, B))
        weight, entry, product = (
            max(known, _size(M)) for known, M in ((weight, weights), (entry, entries), (product, B))
        )
    if entry and not LEAST <= energy <= MOST:
        limits = f"between {LEAST:.1g} and {MOST:.1g}"
        raise InputError(f"expected ‖W∘A‖² {limits}, found {energy:.3g}: divide A or W by the largest entry")
    if power_of(entry) + power_of(weight) - power_of(product) > FAR:
        raise InputError(
            f"expected entries of A of at most 2^{FAR} times the largest of W∘A over that of W, found {entry:.3g}"
            f" beside {product:.3g} and {weight:.3g}: give the weight 0 to what counts for nothing"
        )
    W_power = power_to_take(weight)
    return Survey(entry, weight, energy, outside, power_to_take(float(np.ldexp(product, -W_power))), W_power)


def _pieces(A: Matrix, W: Weights) -> Iterator[tuple[np.ndarray, np.ndarray, Place]]:
    """Entries and weights, piece by piece; of sparse columns the stored entries."""
    n, d = W.shape
    if is_sparse(A):
        columns = np.repeat(np.arange(d), np.diff(A.indptr))
        yield A.data, W.entries(A.indices, columns), lambda at: (int(A.indices[at]), int(columns[at]))
    elif not isinstance(W, SparseWeights | StructuredWeights):
        for run in row_runs(n, d):
            yield mapped_rows(dense(A), run), weight_rows(W, run), lambda at, run=run: (run.start + at // d, at % d)
    else:  # these lie column by column
        for run in runs(d, n):
            width = run.stop - run.start
            place: Place = lambda at, run=run, width=width: (at // width, run.start + at % width)  # noqa: E731
            yield A[:, run], W.dense(run), place


def _require(right: np.ndarray, piece: np.ndarray, place: Place, expected: str, remedy: str) -> None:
    if not right.all():
        at = int(np.argmin(right.ravel()))
        row, column = place(at)
        raise InputError(
            f"expected {expected}, found {piece.ravel()[at]} in row {row}, column {column} (from 0): {remedy}"
        )


def _size(M: np.ndarray) -> float:
    return max(float(M.max(initial=0)), -float(M.min(initial=0)))
