"""The file formats of matrices, by the ending of the name."""

from collections.abc import Callable
from pathlib import Path

from wlra_dist.errors import InputError
from wlra_dist.instances.files.claims import readable
from wlra_dist.instances.files.market import open_market
from wlra_dist.instances.files.npy import open_npy
from wlra_dist.instances.files.npz import open_npz
from wlra_dist.instances.files.stored import Stored
from wlra_dist.instances.files.tensors import open_safetensors
from wlra_dist.instances.files.unpacked import PACKED

FORMATS: dict[str, Callable[[Path, str | None], Stored]] = {
    ".npy": open_npy,
    ".npy.gz": open_npy,
    ".npz": open_npz,
    ".mtx": open_market,
    ".mtx.gz": open_market,
    ".safetensors": open_safetensors,
}


def ending(file: Path) -> str:
    """Of a name, in small letters, with what it is packed by."""
    packed = file.suffix.lower() == PACKED
    return "".join(file.suffixes[-2:] if packed else file.suffixes[-1:]).lower()


def open_matrix(path: str, array: str | None = None) -> Stored:
    """The matrix in a file, header read and held against the file's size; `array` names one of several.

    InputError: no such file or array, an unknown format, damage, or anything but a nonempty matrix of real numbers.
    """
    file = Path(path)
    opener = FORMATS.get(ending(file))
    if opener is None:
        found = f"found {ending(file)!r}" if file.suffix else "found none"
        raise InputError(f"{path}: expected a name that ends in {', '.join(FORMATS)}, {found}")
    with readable(file):
        # not a pipe either: opening one would wait for a writer
        if not file.is_file():
            raise InputError(f"{path}: there is no such file")
        return opener(file, array)
