"""Files as they are or packed by gzip: their bytes and lines, and how many bytes they have unpacked.

A small .gz can hold gigabytes of zeros: it is unpacked once to see where it ends, and refused if that is too far.
"""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from wlra_dist.errors import InputError
from wlra_dist.instances.files.claims import opened, readable

LARGEST_PACKED = 2**30
"""Bytes that a packed file or array may unpack to: a megabyte can hold a gigabyte of zeros."""

READ_AT_ONCE = 2**20
"""Bytes that are unpacked at a time, so that a bomb is noticed before it is whole."""

PACKED = ".gz"

BYTE_ORDER_MARK = "\xef\xbb\xbf"
"""In latin-1; some editors put it before the first line."""


@contextmanager
def opened_unpacked(file: Path) -> Iterator[BinaryIO]:
    """The file's bytes, unpacked as they are read."""
    if file.suffix.lower() != PACKED:
        with opened(file) as stream:
            yield stream
        return
    with readable(file), gzip.open(file, "rb") as stream:
        yield cast(BinaryIO, stream)


def unpacked_size(file: Path) -> int:
    """Bytes; InputError for more packed ones than `LARGEST_PACKED`."""
    if file.suffix.lower() != PACKED:
        return file.stat().st_size
    size = 0
    with opened_unpacked(file) as stream:
        while size <= LARGEST_PACKED and (piece := stream.read(READ_AT_ONCE)):
            size += len(piece)
    if size > LARGEST_PACKED:
        raise InputError(f"{file} unpacks to more than {LARGEST_PACKED} bytes: unpack it with gunzip")
    return size


@contextmanager
def text_lines(file: Path) -> Iterator[Iterator[tuple[int, str]]]:
    """The lines of a text, each with its number from 1; they may end in any way. Raises what is in `claims.DAMAGE`."""
    opener = gzip.open if file.suffix.lower() == PACKED else open
    with opener(file, "rt", encoding="latin-1") as stream:
        yield ((number, _unmarked(text) if number == 1 else text) for number, text in enumerate(stream, start=1))


def _unmarked(text: str) -> str:
    return text.removeprefix(BYTE_ORDER_MARK)
