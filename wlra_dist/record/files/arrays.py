"""Arrays in a file: an .npz that numpy.load reads, stored as they are, without times and without pickles.

Equal arrays make equal files. Reading trusts nothing: members lie within the file, none of them twice; their bytes are
checked against their CRC before a header is looked at, and the header against their number before anything is
allocated.
"""

import zipfile
from collections.abc import Mapping
from math import prod
from pathlib import Path

import numpy as np

from wlra_dist.errors import InputError, VerificationError
from wlra_dist.instances.files.claims import DAMAGE, brief
from wlra_dist.instances.files.npy import parse_header
from wlra_dist.record.files.format import FORMAT, require_format

COMMENT = b"wlra-dist "
"""The archive's comment: this, then the format."""


def write_arrays(arrays: Mapping[str, np.ndarray], path: Path) -> None:
    """Writes the arrays under their names."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.comment = COMMENT + str(FORMAT).encode()
        for name, array in arrays.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """The arrays by name.

    Raises:
        InputError: the file is not there, may not be read, or is of another format.
        VerificationError: it is damaged.
    """
    try:
        size = path.stat().st_size
        with zipfile.ZipFile(path) as archive:
            _require_members_within(archive, size)
            require_format(path.name, _format(archive))
            return {info.filename.removesuffix(".npy"): _array(archive, info) for info in archive.infolist()}
    except OSError as error:
        raise InputError(f"{path} cannot be read: {brief(error)}") from error
    except (*DAMAGE, LookupError, TypeError) as error:
        raise VerificationError(f"{path.name} is damaged: {brief(error)}") from error


def _format(archive: zipfile.ZipFile) -> int | None:
    """The format that the comment states; ValueError where it has been changed."""
    if not archive.comment:
        return None
    if not archive.comment.startswith(COMMENT):
        raise ValueError("its comment is not of this program")
    return int(archive.comment[len(COMMENT) :])


def _require_members_within(archive: zipfile.ZipFile, size: int) -> None:
    """ValueError if what the members hold is more than the file, as where many share the same bytes."""
    for info in archive.infolist():
        if info.compress_type != zipfile.ZIP_STORED:
            raise ValueError(f"{info.filename} is compressed, a few bytes could be gigabytes")
    if sum(info.file_size for info in archive.infolist()) > size:
        raise ValueError(f"its members are larger than its {size} bytes")


def _array(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> np.ndarray:
    data = archive.read(info)
    shape, by_columns, dtype, offset = parse_header(data)
    if dtype.hasobject or offset + prod(shape) * dtype.itemsize != len(data):
        raise ValueError(f"{info.filename} does not hold the numbers that its header promises")
    order = "F" if by_columns else "C"
    return np.frombuffer(data, dtype, offset=offset).reshape(shape, order=order).copy(order=order)
