"""The loss ‖W∘(A − Ã)‖_F² of a reweighted block, formed piece by piece and only where something is."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from wlra_dist.linalg.blocks import runs, shape_of
from wlra_dist.linalg.matrix import Matrix, is_sparse
from wlra_dist.weights.reweighted import ReweightedBlock
from wlra_dist.weights.weighing import HELD, _weights_of_entries, column_runs, dense

if TYPE_CHECKING:
    from scipy.sparse import csc_array

FEW_ENTRIES = 1 << 14
"""A block of so many is formed at once: picking rows of a sparse array takes longer."""


def weighted_loss(A: Matrix, block: ReweightedBlock, first: int = 0) -> float:
    """‖W∘(A − Ã)‖_F² on the columns of a block from `first` on that A (n×d) has."""
    n, d = shape_of(A)
    if not is_sparse(A) and n * d > HELD:
        return sum(_loss_by_columns(A[run], _on_rows(block, np.arange(n)[run]), first) for run in runs(n, d))
    if not is_sparse(A) or n * d <= FEW_ENTRIES:
        return _loss_by_columns(A, block, first)
    if is_sparse(block.C) and len(block.S) == d == block.shape[1] and not block.weighted:
        return _loss_of_columns_sent(A, block)
    # a row where C has no entry is 0 in Ã: of thousands of rows a few hundred are left to be formed
    touched = np.bincount(block.C.indices, minlength=n) > 0 if is_sparse(block.C) else np.any(dense(block.C), axis=1)
    if touched.all():
        return _loss_by_columns(A, block, first)
    elsewhere = ~touched[A.indices]
    B = A.data * _weights_of_entries(block.W, A, slice(first, first + d))
    rows = np.flatnonzero(touched)
    inside = _loss_by_columns(A[rows], _on_rows(block, rows), first)
    return float(np.vdot(B[elsewhere], B[elsewhere])) + inside


def _on_rows(block: ReweightedBlock, rows: np.ndarray) -> ReweightedBlock:
    """The block on these rows."""
    return replace(block, W=block.W.rows(rows), C=block.C[rows])


def _loss_of_columns_sent(A: "csc_array", block: ReweightedBlock) -> float:
    """The loss where all columns travelled, as rounded as they are: nothing but nonzeros is formed."""
    order = np.argsort(block.S)
    error: Any = (A - block.C[:, order]).tocsc()
    error.data *= _weights_of_entries(block.W, error, slice(None))
    return float(np.vdot(error.data, error.data))


def _loss_by_columns(A: Matrix, block: ReweightedBlock, first: int = 0) -> float:
    """The loss, by runs of columns; those that are zero in A and in Ã are passed over."""
    n, d = shape_of(A)
    alive = np.flatnonzero(_occupied(A) | block.occupied[first : first + d])
    loss = 0.0
    for run in column_runs(n, len(alive)):
        columns = alive[run]
        error = block.W.dense(first + columns) * (dense(A[:, columns]) - block.columns(first + columns))
        loss += float(np.vdot(error, error))
    return loss


def _occupied(A: Matrix) -> np.ndarray:
    """Which columns may have a nonzero; all of a dense block, where looking costs as much as computing."""
    return np.diff(A.indptr) > 0 if is_sparse(A) else np.ones(A.shape[1], bool)
