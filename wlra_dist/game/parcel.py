"""Arrays as bytes, for what passes beside the game; no pickle, and every array delimits itself."""

from collections.abc import Iterable, Iterator
from io import BytesIO

import numpy as np


def pack_arrays(arrays: Iterable[np.ndarray]) -> bytes:
    """The arrays one after the other, in numpy's own file format."""
    parcel = BytesIO()
    for array in arrays:
        np.lib.format.write_array(parcel, np.asarray(array), allow_pickle=False)
    return parcel.getvalue()


def unpack_arrays(data: bytes) -> Iterator[np.ndarray]:
    """The arrays of `pack_arrays`."""
    parcel = BytesIO(data)
    while parcel.tell() < len(data):
        yield np.lib.format.read_array(parcel, allow_pickle=False)
