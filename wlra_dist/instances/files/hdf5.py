"""HDF5: a dataset of a file, by blocks of rows; h5py reads it.

A file of a kilobyte may state a dataset of any shape, whose chunks were never written.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from wlra_dist.errors import InputError
from wlra_dist.inputs.given import require_real
from wlra_dist.instances.files.claims import choose, matrix_shape, readable
from wlra_dist.instances.files.stored import READ_AT_ONCE, as_slice, floats_for, wide
from wlra_dist.instances.files.unpacked import LARGEST_PACKED

DENSEST = 1032
"""No byte that deflate writes stands for more: what is larger beside its storage was never written."""


@dataclass(frozen=True)
class Dataset:
    """A dataset of two axes.

    Args:
        file, path: where it is.
        dtype: of real numbers.
        shape: n, d.
    """

    file: Path
    path: str
    dtype: np.dtype
    shape: tuple[int, int]

    @property
    def name(self) -> str:
        return f"{self.path} in {self.file}"

    @property
    def sparse(self) -> bool:
        return False

    @property
    def wide_integers(self) -> bool:
        return wide(self.dtype)

    def columns(self, chosen: np.ndarray) -> np.ndarray:
        return self.rows(slice(0, self.shape[0]), chosen)

    def rows(self, run: slice, chosen: np.ndarray) -> np.ndarray:
        d = self.shape[1]
        block = np.empty((run.stop - run.start, len(chosen)), floats_for(self.dtype))
        wanted = as_slice(chosen)
        first, last = (wanted.start, wanted.stop) if isinstance(wanted, slice) else (0, d)
        height = max(1, READ_AT_ONCE // ((last - first) * self.dtype.itemsize))
        with opened(self.file) as stream:
            dataset = stream[self.path]
            for start in range(run.start, run.stop, height):
                rows = dataset[start : min(start + height, run.stop), first:last]
                block[start - run.start :][: len(rows)] = rows if isinstance(wanted, slice) else rows[:, wanted]
        return block

    def own(self, i: int, j: int) -> str:
        with opened(self.file) as stream:
            return str(stream[self.path][i, j])


def open_hdf5(file: Path, array: str | None) -> Dataset:
    with opened(file) as stream:
        found: list[str] = []
        stream.visititems(lambda path, item: found.append(path) if hasattr(item, "dtype") else None)
        path = choose(file, array, found)
        dataset = stream[path]
        matrix = Dataset(file, path, dataset.dtype, matrix_shape(f"{path} in {file}", dataset.shape or ()))
        require_real(matrix.dtype, matrix.name)
        if dataset.nbytes > max(LARGEST_PACKED, DENSEST * dataset.id.get_storage_size()):
            stored = f"{dataset.nbytes} bytes, found {dataset.id.get_storage_size()} of them"
            raise InputError(f"{matrix.name}: expected {stored}: was it ever written?")
    return matrix


@contextmanager
def opened(file: Path) -> Iterator[Any]:
    """The file, for reading, beside others that read it."""
    try:
        import h5py
    except ImportError as error:
        raise InputError(f'{file}: reading HDF5 needs h5py: pip install "wlra-dist[data]"') from error
    with readable(file), h5py.File(file, "r", locking=False) as stream:
        yield stream
