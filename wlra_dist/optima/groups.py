"""Rows with proportional weights, or columns: the weighted problem on each group is an SVD.

Theorem. Let the rows of W fall into groups g, in each of which they are multiples of one row. Then
OPT ≥ Σ_g ‖(B_g)_{−k}‖_F² with B_g the rows of B = W∘A in g. The same holds for columns.

Proof. On a group W_ij² = p_i q_j, so that B_g is, up to signs of zero, diag(√p) A_g diag(√q), and the groups together
are a sum of minorants with disjoint rows (`minorant`). ∎

With r directions among the rows it is never below ‖B_{−rk}‖_F², since the best rank-k matrices of r groups make
one of rank rk; and for a block-diagonal mask it is OPT itself, since the blocks U_g V_gᵀ of one A' = U Vᵀ are
independent of each other.

Groups are found by a hash in floating point, but nothing rests on it: on a group p and q are made a minorant
of its own weights, so a row that was put in the wrong group makes the bound smaller and never wrong.
"""

from collections.abc import Iterator

import numpy as np

from wlra_dist.linalg.blocks import runs
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.linalg.spectral.spectrum import EPS, certified_tail_energy
from wlra_dist.optima.minorant import minorant_bound, submatrix, under
from wlra_dist.weights import BlockMask


def group_bound(A: Matrix, squares: np.ndarray, k: int) -> float:
    """The larger of the sums over row groups and over column groups ≤ OPT, less rounding; A and W∘W ≤ 1 are n×d."""
    return max(_rows_bound(A, squares, k), _rows_bound(A.T, squares.T, k))


def mask_bound(A: Matrix, W: BlockMask, k: int) -> float:
    """Σ_g ‖(A_g)_{−k}‖_F² over the diagonal blocks of a mask: OPT, less its own rounding error."""
    return sum(certified_tail_energy(submatrix(A, *block), k) for block in _diagonal_blocks(W))


def proportional_rows(W: np.ndarray, least: int = 1) -> list[np.ndarray]:
    """Groups of at least so many rows that are multiples of each other; zero rows are in none."""
    weighted = np.flatnonzero(W.any(axis=1))
    # one random projection: equal directions agree to rounding, and others hardly ever do
    along, hashes = np.random.default_rng(0).random(W.shape[1]), np.empty(len(weighted))
    for run in runs(len(weighted), W.shape[1]):
        rows = W[weighted[run]]
        hashes[run] = (rows / rows.max(axis=1, keepdims=True, initial=0.0)) @ along
    order = np.argsort(hashes, kind="stable")
    apart = np.diff(hashes[order]) > 4 * W.shape[1] * EPS * hashes.max(initial=0.0)
    ends = np.concatenate([[0], np.flatnonzero(apart) + 1, [len(weighted)]])
    large = np.flatnonzero(np.diff(ends) >= max(1, least))
    return [np.sort(weighted[order[ends[g] : ends[g + 1]]]) for g in large]


def _rows_bound(A: Matrix, squares: np.ndarray, k: int) -> float:
    # k rows make a matrix of rank k, which has no tail
    return sum(_group_bound(A, squares, rows, k) for rows in proportional_rows(squares, k + 1))


def _group_bound(A: Matrix, squares: np.ndarray, rows: np.ndarray, k: int) -> float:
    """The bound of one minorant on these rows; its q is the row with the largest weight."""
    q = squares[rows[squares.max(axis=1)[rows].argmax()]]
    columns = np.flatnonzero(q)
    part = squares if (len(rows), len(columns)) == squares.shape else squares[np.ix_(rows, columns)]
    own = under(part, np.ones((len(rows), 1)), q[columns, None])
    return minorant_bound(submatrix(A, rows, columns), own, k)


def _diagonal_blocks(W: BlockMask) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Rows and columns of each diagonal block that the mask meets."""
    for block in np.unique(W.groups):
        columns = np.flatnonzero(W.groups == block)
        yield np.flatnonzero(W.dense(columns[:1])[:, 0]), columns
