"""numpy's and Matrix Market's files as models: .npz of any arrays, .npy and .mtx of one."""

from functools import partial
from math import prod
from pathlib import Path

import numpy as np

from wlra_dist.errors import InputError
from wlra_dist.instances.files.claims import LARGEST_SIDE, readable
from wlra_dist.instances.files.market import open_market
from wlra_dist.instances.files.npy import LARGEST_HEADER, parse_header
from wlra_dist.instances.files.npz import opened_member
from wlra_dist.instances.files.unpacked import LARGEST_PACKED
from wlra_dist.linalg.matrix import dense
from wlra_dist.models.kinds import KINDS, kind_of
from wlra_dist.models.sources.tensor import Model, Tensor, by_name, held


def open_npy(file: Path) -> Model:
    """One array, mapped, named by its file."""
    with readable(file):
        with file.open("rb") as stream:
            shape, by_columns, dtype, offset = _header(str(file), stream.read(LARGEST_HEADER))
        if offset + prod(shape) * dtype.itemsize != file.stat().st_size:
            raise InputError(f"{file}: its header does not fit its {file.stat().st_size} bytes; write it anew")
    kind = kind_of(dtype, str(file))

    def read(start: int, stop: int) -> np.ndarray:
        with readable(file):
            if not prod(shape):
                return np.empty(0, kind.dtype)
            mapped = np.memmap(file, dtype, "r", offset, shape, "F" if by_columns else "C")
            return _typed(mapped.reshape(-1)[start:stop], kind.dtype)

    return by_name([Tensor(file.stem, kind, shape, read)])


def open_npz(file: Path) -> Model:
    """Every array of the archive by its name; one that unpacks to gigabytes is refused."""
    import zipfile

    with readable(file), zipfile.ZipFile(file) as archive:
        members = [(info.filename, info.file_size) for info in archive.infolist()]
    return by_name(_member(file, member, size) for member, size in members)


def open_mtx(file: Path) -> Model:
    """One matrix, dense, float64, named by its file."""
    with readable(file):
        stored = open_market(file, None)
        A = stored.columns(np.arange(stored.shape[1]))
    return by_name([held(file.name.split(".")[0], KINDS["F64"], np.asarray(dense(A), dtype=float))])


def _member(file: Path, member: str, size: int) -> Tensor:
    name = f"{member} in {file}"
    if size > LARGEST_PACKED:
        raise InputError(f"{name} unpacks to {size} bytes, more than {LARGEST_PACKED}: save it as .npy")
    with opened_member(file, member) as stream:
        shape, _, dtype, offset = _header(name, stream.read(LARGEST_HEADER))
    if offset + prod(shape) * dtype.itemsize != size:
        raise InputError(f"{name}: its header does not fit its {size} bytes; write it anew")
    kind = kind_of(dtype, name)
    return Tensor(member.removesuffix(".npy"), kind, shape, partial(_read_member, file, member, kind.dtype))


def _read_member(file: Path, member: str, dtype: np.dtype, start: int, stop: int) -> np.ndarray:
    with opened_member(file, member) as stream:
        data = stream.read()
    shape, by_columns, stored, offset = parse_header(data[:LARGEST_HEADER])
    array = np.frombuffer(data, stored, offset=offset).reshape(shape, order="F" if by_columns else "C")
    return _typed(array.reshape(-1)[start:stop], dtype)


def _typed(numbers: np.ndarray, dtype: np.dtype) -> np.ndarray:
    return np.ascontiguousarray(numbers, dtype)


def _header(name: str, beginning: bytes) -> tuple[tuple[int, ...], bool, np.dtype, int]:
    header = parse_header(beginning)
    if header[2].hasobject:
        raise InputError(f"{name} holds pickled objects, which may run code: save an array of numbers")
    if any(not 0 <= side <= LARGEST_SIDE * 100 for side in header[0]):
        raise InputError(f"{name}: expected sides of at most {LARGEST_SIDE * 100}, found {header[0]}; write it anew")
    return header
