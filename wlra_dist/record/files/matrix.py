"""Ã in a file of its own: .npy, a run of columns at a time, .safetensors, or the nonzeros of a sparse one as .npz."""

import os
from collections.abc import Callable
from pathlib import Path
from shutil import disk_usage

import numpy as np

from wlra_dist.errors import InputError, WlraDistError
from wlra_dist.record.files.sparse import write_sparse
from wlra_dist.record.files.unfinished import in_the_making, remove_left
from wlra_dist.weights.reweighted import ReweightedSolution
from wlra_dist.weights.weighing import column_runs

SPARSE = ".npz"
"""scipy.sparse's ending."""

NAME = "A"
"""Of the tensor in a .safetensors file."""


def check_matrix_file(file: Path) -> None:
    """InputError unless the file's name ends in a known format and its directory is there."""
    if file.suffix not in WRITERS:
        raise InputError(f"{file}: expected a name that ends in {' or '.join(WRITERS)}, got {file.suffix!r}")
    if not file.parent.is_dir() or file.is_dir():
        raise InputError(f"{file}: expected the name of a file in a directory that is there; make it or try another")
    if not os.access(file.parent, os.W_OK):
        raise InputError(f"{file}: expected a directory that may be written to; try another place")


def write_matrix(solution: ReweightedSolution, file: Path, dtype: np.dtype) -> None:
    """All of Ã (n×d) in this type; the file appears whole or not at all.

    Raises:
        InputError: as `check_matrix_file`.
        WlraDistError: the disk is full, or something like it.
    """
    check_matrix_file(file)
    _require_room(solution.shape, file, dtype)
    try:
        remove_left(file)
        with in_the_making(file) as unfinished:
            WRITERS[file.suffix](solution, unfinished / file.name, dtype)
            os.replace(unfinished / file.name, file)
    except OSError as error:
        raise WlraDistError(f"{file}: could not be written, {error.strerror or error}; nothing was kept") from error


def _require_room(shape: tuple[int, int], file: Path, dtype: np.dtype) -> None:
    """InputError if all n×d numbers are more than the disk has room for."""
    needed, free = shape[0] * shape[1] * dtype.itemsize, disk_usage(file.parent).free
    if file.suffix != SPARSE and needed > free:
        expected = f"room for {needed:,} bytes, {shape[0]}×{shape[1]} numbers"
        raise InputError(f"{file}: expected {expected}, found {free:,}: write {SPARSE}, which holds the nonzeros alone")


def _write_npy(solution: ReweightedSolution, file: Path, dtype: np.dtype) -> None:
    A = np.lib.format.open_memmap(file, mode="w+", dtype=dtype, shape=solution.shape)
    _fill(A, solution)
    A.flush()


def _write_safetensors(solution: ReweightedSolution, file: Path, dtype: np.dtype) -> None:
    try:
        from safetensors.numpy import save_file
    except ImportError as error:
        raise InputError('writing .safetensors needs its library: pip install "wlra-dist[data]"; or .npy') from error
    A = np.empty(solution.shape, dtype)
    _fill(A, solution)
    save_file({NAME: A}, file)


def _fill(A: np.ndarray, solution: ReweightedSolution) -> None:
    for run in column_runs(*solution.shape):
        A[:, run] = solution.columns(np.arange(run.start, run.stop))


WRITERS: dict[str, Callable[[ReweightedSolution, Path, np.dtype], None]] = {
    ".npy": _write_npy,
    ".safetensors": _write_safetensors,
    SPARSE: write_sparse,
}
"""By the ending of the file's name."""
