"""Arrays in a file: an .npz that numpy.load reads, stored as they are, without times and without pickles.

Equal arrays make equal files. Reading trusts nothing: a member's bytes are checked against their CRC before its
header is looked at, and the header against their number before anything is allocated.
"""

import zipfile
from collections.abc import Mapping
from hashlib import sha256
from io import BytesIO
from math import prod
from pathlib import Path

import numpy as np

from wlra_dist.errors import InputError, VerificationError
from wlra_dist.instances.claims import DAMAGE, brief
from wlra_dist.instances.npy import parse_header


def write_arrays(arrays: Mapping[str, np.ndarray], path: Path) -> None:
    """Writes the arrays under their names."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """The arrays by name.

    Raises:
        InputError: the file is not there or may not be read.
        VerificationError: it is damaged.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {brief(error)}") from error
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return {info.filename.removesuffix(".npy"): _array(archive, info) for info in archive.infolist()}
    except (*DAMAGE, LookupError, TypeError) as error:
        raise VerificationError(f"{path.name} is damaged: {brief(error)}") from error


def digests(arrays: Mapping[str, np.ndarray]) -> dict[str, str]:
    """SHA-256 of type, shape and entries of each array, whatever file holds it."""
    return {name: _digest(array) for name, array in arrays.items()}


def _digest(array: np.ndarray) -> str:
    kind = f"{array.dtype.str} {array.shape} ".encode()
    return sha256(kind + array.tobytes()).hexdigest()


def _array(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> np.ndarray:
    if info.compress_type != zipfile.ZIP_STORED:
        raise ValueError(f"{info.filename} is compressed, a few bytes could be gigabytes")
    data = archive.read(info)
    shape, by_columns, dtype, offset = parse_header(data)
    if dtype.hasobject or offset + prod(shape) * dtype.itemsize != len(data):
        raise ValueError(f"{info.filename} does not hold the numbers that its header promises")
    order = "F" if by_columns else "C"
    return np.frombuffer(data, dtype, offset=offset).reshape(shape, order=order).copy(order=order)
