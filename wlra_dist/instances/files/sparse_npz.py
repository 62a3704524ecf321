"""A sparse matrix as scipy.sparse.save_npz writes it, whichever its format: an .npz of its arrays."""

import zipfile
from collections.abc import Iterable, Mapping
from functools import partial
from math import prod
from pathlib import Path
from typing import Any

from wlra_dist.errors import InputError
from wlra_dist.inputs.given import require_real
from wlra_dist.instances.files.claims import matrix_shape, readable
from wlra_dist.instances.files.npy import LARGEST_HEADER, parse_header
from wlra_dist.instances.files.stored import Whole
from wlra_dist.instances.files.unpacked import LARGEST_PACKED
from wlra_dist.linalg.matrix import Matrix

SPARSE = {"format", "shape", "data"}
"""The members that tell it."""


def open_sparse(file: Path, members: Mapping[str, zipfile.ZipInfo]) -> Whole:
    """The matrix, its arrays read and held against each other; InputError if they make none of real numbers."""
    refuse_bomb(file, members.values())
    refuse_lies(file, members)
    M = loaded(file)
    require_real(M.dtype, str(file))
    shape = matrix_shape(str(file), M.shape)
    wide = M.dtype.kind in "iu" and M.dtype.itemsize == 8
    return Whole(str(file), shape, wide, partial(columns, file), partial(own_number, file), sparse=True)


def loaded(file: Path) -> Any:
    """As it was saved; ValueError unless every index is within the matrix."""
    from scipy.sparse import load_npz

    with readable(file):
        M: Any = load_npz(file)
        if hasattr(M, "check_format"):
            M.check_format(full_check=True)
        return M


def columns(file: Path) -> Matrix:
    """In float64; entries that are told twice add up, as scipy has it."""
    from scipy.sparse import csc_array

    with readable(file):
        content: Any = csc_array(loaded(file).tocsc()).astype(float)
        content.sum_duplicates()
        content.eliminate_zeros()
        return content


def own_number(file: Path, i: int, j: int) -> str:
    return str(loaded(file).tocsc()[i, j])


def refuse_lies(file: Path, members: Mapping[str, zipfile.ZipInfo]) -> None:
    """ValueError unless each array ends where its bytes end: scipy allocates what a header promises."""
    with zipfile.ZipFile(file) as archive:
        for name, member in members.items():
            with archive.open(member) as stream:
                shape, _, dtype, offset = parse_header(stream.read(LARGEST_HEADER))
            if dtype.hasobject or offset + prod(shape) * dtype.itemsize != member.file_size:
                raise ValueError(f"its array {name} does not hold the numbers that its header promises")


def refuse_bomb(file: Path, members: Iterable[zipfile.ZipInfo]) -> None:
    """InputError for compressed arrays that unpack to more than `LARGEST_PACKED`."""
    size = sum(member.file_size for member in members if member.compress_type != zipfile.ZIP_STORED)
    if size > LARGEST_PACKED:
        remedy = "store it uncompressed with numpy.savez or numpy.save"
        raise InputError(f"{file} unpacks to {size} bytes, expected at most {LARGEST_PACKED}: {remedy}")
