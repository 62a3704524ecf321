"""numpy's files: .npy, and .npz with its members stored or compressed."""

import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from wlra_dist.errors import InputError
from wlra_dist.instances.claims import believed, choose, matrix_shape, opened, readable, refuse_name
from wlra_dist.instances.stored import Plain

LARGEST_HEADER = 2**16
"""Bytes; numpy writes 128."""

LARGEST_COMPRESSED = 2**30
"""Bytes that a compressed array may unpack to: a megabyte can hold a gigabyte of zeros."""


def open_npy(file: Path, array: str | None) -> Plain:
    refuse_name(file, array)
    return npy_matrix(str(file), partial(opened, file), file.stat().st_size)


def open_npz(file: Path, array: str | None) -> Plain:
    with zipfile.ZipFile(file) as archive:
        members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
    member = members[choose(file, array, list(members))]
    if member.compress_type != zipfile.ZIP_STORED and member.file_size > LARGEST_COMPRESSED:
        raise InputError(
            f"{file} unpacks to {member.file_size} bytes, expected at most {LARGEST_COMPRESSED}: "
            "store it uncompressed with numpy.savez or numpy.save"
        )
    name = f"{member.filename} in {file}"
    return npy_matrix(name, partial(opened_member, file, member.filename), member.file_size)


@contextmanager
def opened_member(file: Path, member: str) -> Iterator[BinaryIO]:
    """The bytes of one array, unpacked as they are read."""
    with readable(file), zipfile.ZipFile(file) as archive, archive.open(member) as stream:
        yield cast(BinaryIO, stream)


def npy_matrix(name: str, source: Callable[[], AbstractContextManager[BinaryIO]], size: int) -> Plain:
    """The matrix in an .npy of so many bytes."""
    with source() as stream:
        shape, by_columns, dtype, offset = parse_header(stream.read(LARGEST_HEADER))
    return believed(Plain(name, source, offset, dtype, matrix_shape(name, shape), by_columns), size)


def parse_header(beginning: bytes) -> tuple[tuple[int, ...], bool, np.dtype, int]:
    """Shape, whether by columns, dtype, and where the numbers begin; ValueError if there is none."""
    stream = io.BytesIO(beginning)
    version = np.lib.format.read_magic(stream)
    parsers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    if version not in parsers:
        raise ValueError(f"expected .npy of version 1.0 or 2.0, found {version[0]}.{version[1]}")
    try:
        shape, by_columns, dtype = parsers[version](stream)
    except Exception as error:  # numpy tokenizes the header's text, and garbage makes that raise anything
        raise ValueError(f"its header makes no sense ({error})") from error
    return shape, by_columns, dtype, stream.tell()
