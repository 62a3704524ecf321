"""numpy's own format: .npy, also packed, and the members of .npz."""

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import BinaryIO

import numpy as np

from wlra_dist.instances.files.claims import believed, matrix_shape, refuse_name
from wlra_dist.instances.files.stored import ArrayInFile
from wlra_dist.instances.files.unpacked import PACKED, opened_unpacked, unpacked_size

LARGEST_HEADER = 2**16
"""Bytes; numpy writes 128."""


def open_npy(file: Path, array: str | None) -> ArrayInFile:
    refuse_name(file, array)
    direct = file.suffix.lower() != PACKED
    return npy_matrix(str(file), partial(opened_unpacked, file), unpacked_size(file), direct=direct)


def npy_matrix(
    name: str, source: Callable[[], AbstractContextManager[BinaryIO]], size: int, *, direct: bool = False
) -> ArrayInFile:
    """The matrix in an .npy of so many bytes."""
    with source() as stream:
        shape, by_columns, dtype, offset = parse_header(stream.read(LARGEST_HEADER))
    matrix = ArrayInFile(name, source, offset, dtype, matrix_shape(name, shape), by_columns, direct=direct)
    return believed(matrix, size)


def parse_header(beginning: bytes) -> tuple[tuple[int, ...], bool, np.dtype, int]:
    """Shape, whether by columns, dtype, and where the numbers begin; ValueError if there is none."""
    stream = io.BytesIO(beginning)
    version = np.lib.format.read_magic(stream)
    parsers = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
        (3, 0): np.lib.format.read_array_header_2_0,  # differs in the names of a structure's fields, which is refused
    }
    if version not in parsers:
        raise ValueError(f"expected .npy of version 1.0, 2.0 or 3.0, found {version[0]}.{version[1]}")
    try:
        shape, by_columns, dtype = parsers[version](stream)
    except Exception as error:  # numpy tokenizes the header's text, and garbage makes that raise anything
        raise ValueError(f"its header makes no sense ({error})") from error
    return shape, by_columns, dtype, stream.tell()
