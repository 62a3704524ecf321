"""numpy's archives of arrays, .npz, their members stored or compressed; also those that hold a sparse matrix."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

from wlra_dist.instances.files.claims import choose, readable
from wlra_dist.instances.files.npy import npy_matrix
from wlra_dist.instances.files.sparse_npz import SPARSE, open_sparse, refuse_bomb
from wlra_dist.instances.files.stored import ArrayInFile, Whole


def open_npz(file: Path, array: str | None) -> ArrayInFile | Whole:
    with zipfile.ZipFile(file) as archive:
        members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
    if array is None and members.keys() >= SPARSE:
        return open_sparse(file, members)
    member = members[choose(file, array, list(members))]
    refuse_bomb(file, [member])
    name = f"{member.filename} in {file}"
    return npy_matrix(name, partial(opened_member, file, member.filename), member.file_size)


@contextmanager
def opened_member(file: Path, member: str) -> Iterator[BinaryIO]:
    """The bytes of one array, unpacked as they are read."""
    with readable(file), zipfile.ZipFile(file) as archive, archive.open(member) as stream:
        yield cast(BinaryIO, stream)
