"""The IDX format of MNIST and its kin: big-endian magic 0x0000'08'dims, one uint32 a dimension, bytes."""

from pathlib import Path
from typing import BinaryIO

import numpy as np

from wlra_dist.instances.files.promised import plain_or_packed, read_numbers

UNSIGNED_BYTE = 8  # the format's number of that type


def read_idx(path: Path, dimensions: int) -> np.ndarray:
    """The bytes in an IDX file, plain or with .gz; InputError if it is not one of so many dimensions."""
    with plain_or_packed(path, f"an IDX file of {dimensions} dimensions") as stream:
        return parse_idx(stream, dimensions)


def parse_idx(stream: BinaryIO, dimensions: int) -> np.ndarray:
    """ValueError says what is wrong."""
    header = stream.read(4 + 4 * dimensions)
    magic = bytes([0, 0, UNSIGNED_BYTE, dimensions])
    if header[:4] != magic:
        swapped = header[:3] == magic[:3] and len(header) > 3
        found = f"{header[:4].hex()}, of {header[3]}; are images and labels swapped?" if swapped else header[:4].hex()
        raise ValueError(f"expected the magic number {magic.hex()}, found {found or 'nothing'}")
    if len(header) < 4 + 4 * dimensions:
        raise ValueError("it ends within its header")
    return read_numbers(stream, tuple(np.frombuffer(header, ">u4", offset=4).tolist()), np.dtype(np.uint8))
