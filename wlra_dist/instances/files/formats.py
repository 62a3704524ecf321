"""The file formats of matrices, by the ending of the name."""

from collections.abc import Callable
from pathlib import Path

from wlra_dist.errors import InputError
from wlra_dist.instances.files.claims import readable
from wlra_dist.instances.files.hdf5 import open_hdf5
from wlra_dist.instances.files.market import open_market
from wlra_dist.instances.files.npy import open_npy
from wlra_dist.instances.files.npz import open_npz
from wlra_dist.instances.files.shards import matching, side_by_side_of
from wlra_dist.instances.files.stored import Stored
from wlra_dist.instances.files.tensors import open_index, open_safetensors
from wlra_dist.instances.files.unpacked import PACKED

FORMATS: dict[str, Callable[[Path, str | None], Stored]] = {
    ".npy": open_npy,
    ".npy.gz": open_npy,
    ".npz": open_npz,
    ".mtx": open_market,
    ".mtx.gz": open_market,
    ".safetensors": open_safetensors,
    ".json": open_index,
    ".h5": open_hdf5,
    ".hdf5": open_hdf5,
}


def ending(file: Path) -> str:
    """Of a name, in small letters, with what it is packed by."""
    packed = file.suffix.lower() == PACKED
    return "".join(file.suffixes[-2:] if packed else file.suffixes[-1:]).lower()


def open_matrix(path: str, array: str | None = None) -> Stored:
    """The matrix in a file, header read and held against the file's size; `array` names one of several.

    A pattern, such as A-*.npy, names several files, whose columns stand side by side. InputError: no such file or
    array, an unknown format, damage, or anything but a nonempty matrix of real numbers.
    """
    if shards := matching(path):
        return side_by_side_of(path, shards, lambda shard: open_matrix(str(shard), array))
    file = Path(path)
    opener = FORMATS.get(ending(file))
    if opener is None:
        found = f"found {ending(file)!r}" if file.suffix else "found none"
        raise InputError(f"{path}: expected a name that ends in {', '.join(FORMATS)}, {found}: numpy.save makes .npy")
    with readable(file):
        # not a pipe either: opening one would wait for a writer
        if not file.is_file():
            raise InputError(f"{path}: there is no such file")
        return opener(file, array)
