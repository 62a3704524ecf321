"""The binary matrices of smallNORB (LeCun, Huang & Bottou 2004): images of bytes, labels of four bytes.

Little-endian words: a magic number that says the type, the number of dimensions, at least three sizes (those beyond
the dimensions mean nothing), and the numbers, row after row.
"""

from pathlib import Path
from typing import BinaryIO

import numpy as np

from wlra_dist.instances.files.promised import plain_or_packed, read_numbers

BYTES, INTEGERS = 0x1E3D4C55, 0x1E3D4C54
"""Magic numbers."""

TYPES = {BYTES: np.dtype(np.uint8), INTEGERS: np.dtype("<i4")}

MEANINGS = {(BYTES, 4): "pairs of images", (INTEGERS, 1): "labels"}

FEWEST_SIZES = 3  # that a header has, though there be fewer dimensions


def read_norb(path: Path, magic: int, dimensions: int) -> np.ndarray:
    """The numbers in a file, plain or with .gz; InputError if it is none of this type and so many dimensions."""
    with plain_or_packed(path, f"a file of smallNORB's {MEANINGS[magic, dimensions]}") as stream:
        return parse_norb(stream, magic, dimensions)


def parse_norb(stream: BinaryIO, magic: int, dimensions: int) -> np.ndarray:
    """ValueError says what is wrong."""
    head = np.frombuffer(_exactly(stream, 8), "<u4").tolist()
    if head != [magic, dimensions]:
        known = MEANINGS.get((head[0], head[1]))
        found = f"one of {known}: are the two swapped?" if known else f"{head[0]:#010x}, {head[1]}"
        raise ValueError(f"expected the magic number {magic:#010x} and {dimensions} dimensions, found {found}")
    sizes = np.frombuffer(_exactly(stream, 4 * max(FEWEST_SIZES, dimensions)), "<u4")
    return read_numbers(stream, tuple(sizes[:dimensions].tolist()), TYPES[magic])


def _exactly(stream: BinaryIO, count: int) -> bytes:
    content = stream.read(count)
    if len(content) < count:
        raise ValueError("it ends within its header")
    return content
