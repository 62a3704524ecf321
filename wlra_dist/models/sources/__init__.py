"""Models as they lie on disk, a format a file: names, types and shapes at once, numbers when they are asked for."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from wlra_dist.errors import InputError
from wlra_dist.instances.files.claims import readable
from wlra_dist.models.sources.arrays import open_mtx, open_npy, open_npz
from wlra_dist.models.sources.safetensors import open_directory, open_safetensors
from wlra_dist.models.sources.tensor import Model as Model
from wlra_dist.models.sources.tensor import Tensor as Tensor
from wlra_dist.models.sources.tensor import held as held
from wlra_dist.models.sources.tensor import tied as tied
from wlra_dist.models.sources.torch_state import open_state

FORMATS: dict[str, Callable[[Path], Model]] = {
    ".safetensors": open_safetensors,
    ".npz": open_npz,
    ".npy": open_npy,
    ".mtx": open_mtx,
    ".mtx.gz": open_mtx,
    ".pt": open_state,
    ".pth": open_state,
    ".bin": open_state,
}


def open_model(path: str | Path) -> Model:
    """The tensors of a file, or of a directory with an index of shards.

    InputError: nothing there, an unknown format, or damage; it names the file.
    """
    place = Path(path)
    with readable(place):
        if place.is_dir():
            return open_directory(place)
        if not place.is_file():
            raise InputError(f"{place}: there is no such file or directory; check the path")
    found = next((opener for ending, opener in FORMATS.items() if place.name.lower().endswith(ending)), None)
    if found is None:
        raise InputError(f"{place}: expected a directory or a name that ends in {', '.join(FORMATS)}")
    return found(place)


@cache
def opened_model(path: str) -> Model:
    """The same, opened once a process; not to be used where files may change meanwhile."""
    return open_model(path)
