"""Files of numbers behind a header, plain or packed by gzip: no more is read than the header promises.

A header may not promise more than `LARGEST`: a small .gz can hold gigabytes of zeros.
"""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from wlra_dist.errors import InputError

LARGEST = 2**30
"""Bytes that a file may claim; MNIST's training images are 47 million, smallNORB's 448."""

GZIP = b"\x1f\x8b"
"""How a file begins that gzip has packed."""


@contextmanager
def plain_or_packed(path: Path, kind: str) -> Iterator[BinaryIO]:
    """The bytes of a file, or of the one with .gz; InputError if there is none, or what is done with it fails.

    Args:
        path: without .gz.
        kind: what the file should be, in words.
    """
    found = next(filter(Path.is_file, (path, path.with_name(path.name + ".gz"))), None)
    if found is None:
        raise InputError(f"expected {path.name} or {path.name}.gz in {path.parent}, found neither: is `data` right?")
    try:
        with cast(BinaryIO, gzip.open(found) if found.suffix == ".gz" else found.open("rb")) as stream:
            if found == path and stream.read(len(GZIP)) == GZIP:
                raise InputError(f"{found} is packed by gzip: name it {found.name}.gz, or unpack it")
            stream.seek(0)
            yield stream
    except (ValueError, OSError, EOFError, zlib.error) as error:
        raise InputError(f"{found} is not {kind}: {error}; fetch it anew") from error


def read_numbers(stream: BinaryIO, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """All that follows a header that promises numbers of this shape and type; ValueError for more or less."""
    promised = int(np.prod(shape, dtype=object)) * dtype.itemsize
    if not 0 < promised <= LARGEST:
        raise ValueError(f"its header claims {promised} bytes, expected 1 to {LARGEST}")
    content = stream.read(promised)
    if len(content) < promised:
        raise ValueError(f"its header promises {promised} bytes, found {len(content)}")
    if stream.read(1):
        raise ValueError(f"it goes on after the {promised} bytes of its header")
    return np.frombuffer(content, dtype).reshape(shape)
