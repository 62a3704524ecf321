"""Equal rows and columns of A and W together: guessed from a few of each, or by hash, and verified in one pass.

A line's hash is Σ_j bits_j·m_j modulo 2^64 with random odd m_j, and does not depend on the order of adding up. Whatever
the guess was made by, every entry is then compared with the one that stands for it: nothing rests on a hash but time.
"""

import numpy as np

from wlra_dist.linalg.blocks import runs
from wlra_dist.linalg.rows.rows import mapped_rows, row_runs
from wlra_dist.weights import BlockMask, DenseWeights, LowRankWeights, StructuredWeights, Weights
from wlra_dist.weights.distinct import equal_columns, equal_rows, first_of
from wlra_dist.weights.weighted_rows import weight_rows

Groups = tuple[np.ndarray, np.ndarray]
"""The group of each row (n) and of each column (d), numbered by first occurrence."""


CACHED = 2**15
"""Entries that are compared at once: 256 KiB, so that those which stand for them are copied within the cache."""

LOOKED = 64
"""Rows and columns that are looked at for a guess."""


def equal_pairs(A: np.ndarray, W: Weights) -> Groups | None:
    """The groups of rows equal in W and in A where W is not 0, and of columns; both n×d.

    None where W gives no rows cheaply, or where two different lines have one hash.
    """
    if not isinstance(W, DenseWeights | LowRankWeights | BlockMask | StructuredWeights):
        return None
    if isinstance(W, DenseWeights) and A.strides[0] < A.strides[1]:  # column by column in memory: rows of Aᵀ
        found = equal_pairs(A.T, DenseWeights(W.W.T))
        return None if found is None else (found[1], found[0])
    guess = _guessed(A, W)
    if _verified(A, W, guess):
        return guess
    groups = _hashed(A, W)
    return groups if _verified(A, W, groups) else None


def _guessed(A: np.ndarray, W: Weights) -> Groups:
    """Groups of lines that are equal on a few rows and columns: others than the true ones may lie in one of them."""
    rng = np.random.default_rng(0)  # fixed: every rank finds the same
    rows, columns = (np.sort(rng.choice(side, min(side, LOOKED), replace=False)) for side in A.shape)
    tall, wide = W.dense(columns), W.rows(rows).dense(slice(None))
    by_row = np.hstack([np.where(tall > 0, A[:, columns], 0.0), tall])
    by_column = np.vstack([np.where(wide > 0, A[rows], 0.0), wide])
    return equal_rows(by_row), equal_columns(by_column)


def _hashed(A: np.ndarray, W: Weights) -> Groups:
    n, d = A.shape
    rng = np.random.default_rng(0)
    of_rows, of_columns = (rng.integers(0, 2**63, side, dtype=np.uint64) * 2 + 1 for side in (n, d))
    row_hashes, column_hashes = np.empty(n, np.uint64), np.zeros(d, np.uint64)
    for run in row_runs(n, d):
        weights = np.ascontiguousarray(weight_rows(W, run), dtype=float) + 0.0  # −0 + 0 = 0
        entries = np.where(weights > 0, mapped_rows(A, run), 0.0).astype(float, copy=False)
        bits = (entries + 0.0).view(np.uint64)
        bits *= MIXED
        bits += weights.view(np.uint64)
        row_hashes[run] = bits @ of_columns
        bits *= of_rows[run, None]
        column_hashes += bits.sum(axis=0)
    return numbered(row_hashes), numbered(column_hashes)


MIXED = np.uint64(0x9E3779B97F4A7C15)
"""Odd: by this A's bits are multiplied before W's are added."""


def numbered(hashes: np.ndarray) -> np.ndarray:
    """The number of each hash, counted by first occurrence."""
    _, first, group = np.unique(hashes, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[group]


def _verified(A: np.ndarray, W: Weights, groups: Groups) -> bool:
    """Whether every entry is that of the first row and the first column of its groups."""
    rows, columns = map(first_of, groups)
    if (len(rows), len(columns)) == A.shape:
        return True
    every = columns[groups[1]]  # the column that stands for each
    weights, entries = (np.ascontiguousarray(M[:, every]) for M in (W.rows(rows).dense(slice(None)), A[rows]))
    pieces = runs(A.shape[0], A.shape[1], CACHED) if isinstance(W, DenseWeights) else row_runs(*A.shape)
    return all(_alike(mapped_rows(A, run), weight_rows(W, run), entries, weights, groups[0][run]) for run in pieces)


def _alike(A: np.ndarray, W: np.ndarray, entries: np.ndarray, weights: np.ndarray, of: np.ndarray) -> bool:
    """Whether these rows of W, and of A where W is not 0, are those that stand for them."""
    if not np.array_equal(W, weights[of]):
        return False
    same = entries[of] == A
    return bool(same.all() or (same | (W == 0)).all())
