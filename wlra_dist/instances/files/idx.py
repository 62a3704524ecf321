"""The IDX format of MNIST and its kin: big-endian magic 0x0000'08'dims, one uint32 a dimension, bytes.

Never more than the header promises is read, and it may not promise more than `LARGEST`: a small .gz can
hold gigabytes of zeros.
"""

import gzip
import zlib
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from wlra_dist.errors import InputError

LARGEST = 2**30
"""Bytes that a file may claim; MNIST's training images are 47 million."""

UNSIGNED_BYTE = 8


def read_idx(path: Path, dimensions: int) -> np.ndarray:
    """The bytes in an IDX file, plain or with .gz; InputError if it is not one of so many dimensions."""
    found = next(filter(Path.is_file, (path, path.with_name(path.name + ".gz"))), None)
    if found is None:
        raise InputError(f"expected {path.name} or {path.name}.gz in {path.parent}, found neither: is `data` right?")
    try:
        with cast(BinaryIO, gzip.open(found) if found.suffix == ".gz" else found.open("rb")) as stream:
            return parse_idx(stream, dimensions)
    except (ValueError, OSError, EOFError, zlib.error) as error:
        raise InputError(f"{found} is not an IDX file of {dimensions} dimensions: {error}; fetch it anew") from error


def parse_idx(stream: BinaryIO, dimensions: int) -> np.ndarray:
    """ValueError says what is wrong."""
    header = stream.read(4 + 4 * dimensions)
    magic = bytes([0, 0, UNSIGNED_BYTE, dimensions])
    if header[:4] != magic:
        raise ValueError(f"expected the magic number {magic.hex()}, found {header[:4].hex() or 'nothing'}")
    if len(header) < 4 + 4 * dimensions:
        raise ValueError("it ends within its header")
    return parse_bytes(stream, tuple(np.frombuffer(header, ">u4", offset=4).tolist()))


def parse_bytes(stream: BinaryIO, shape: tuple[int, ...]) -> np.ndarray:
    promised = int(np.prod(shape, dtype=object))
    if not 0 < promised <= LARGEST:
        raise ValueError(f"its header claims {promised} bytes, expected 1 to {LARGEST}")
    content = stream.read(promised)
    if len(content) < promised:
        raise ValueError(f"its header promises {promised} bytes, found {len(content)}")
    if stream.read(1):
        raise ValueError(f"it goes on after the {promised} bytes of its header")
    return np.frombuffer(content, np.uint8).reshape(shape)
