"""Ã in an .npz that scipy.sparse.load_npz reads: its nonzeros, for outputs that as n×d numbers would fill a disk."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from wlra_dist.errors import InputError
from wlra_dist.weights.reweighted import ReweightedBlock, ReweightedSolution
from wlra_dist.weights.weighing import column_runs

LARGEST = 2**27
"""Nonzeros: a gigabyte of values."""


def write_sparse(solution: ReweightedSolution, file: Path, dtype: np.dtype) -> None:
    """InputError for more than `LARGEST` nonzeros, which are no sparse matrix."""
    from scipy.sparse import csc_array, hstack, save_npz

    kept, nonzeros = [], 0
    for piece in (piece for block in solution.blocks for piece in pieces(block)):
        nonzeros += piece.nnz
        if nonzeros > LARGEST:
            raise InputError(f"expected at most {LARGEST} nonzeros in an .npz, found more: write .npy")
        kept.append(piece.astype(dtype))
    A: Any = csc_array(hstack(kept, format="csc"))
    if solution.order is not None:
        A = A[:, np.argsort(solution.order)]
    with file.open("wb") as stream:
        save_npz(stream, A)


def integral(solution: ReweightedSolution) -> bool:
    """Whether all entries of Ã are integers."""
    each = (piece.data for block in solution.blocks for piece in pieces(block))
    return all(np.array_equal(values, np.rint(values)) for values in each)


def pieces(block: ReweightedBlock) -> Iterator[Any]:
    """Ã on runs of the block's columns, csc."""
    from scipy.sparse import csc_array

    n, d = block.shape
    if len(block.S) == d and not isinstance(block.C, np.ndarray) and not block.weighted:
        yield csc_array(block.C[:, np.argsort(block.S)])  # all columns travelled
        return
    occupied = np.flatnonzero(block.occupied)
    for run in column_runs(n, d):
        columns = np.arange(run.start, run.stop)
        here = occupied[(occupied >= run.start) & (occupied < run.stop)]
        dense = np.zeros((n, len(here))) if not len(here) else block.columns(here)
        rows, places = np.nonzero(dense)
        yield csc_array((dense[rows, places], (rows, here[places] - run.start)), shape=(n, len(columns)))
