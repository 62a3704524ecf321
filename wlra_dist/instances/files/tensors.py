"""safetensors, the format of model weights: the library judges the header, the numbers are read in place.

The library's own slices come as arrays of its framework, and numpy has no bfloat16.
"""

import json
from functools import partial
from pathlib import Path

import numpy as np

from wlra_dist.errors import InputError
from wlra_dist.instances.files.claims import believed, choose, matrix_shape, opened, readable
from wlra_dist.instances.files.stored import ArrayInFile

DTYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "BF16": "<u2",
    "BOOL": "|b1",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "|i1",
    "U64": "<u8",
    "U32": "<u4",
    "U16": "<u2",
    "U8": "|u1",
}
"""What can be read; bfloat16 as the upper halves of float32's."""


def open_safetensors(file: Path, array: str | None) -> ArrayInFile:
    refuse_damage(file)
    with file.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        header = json.loads(stream.read(length))
    tensors = {name: tensor for name, tensor in header.items() if name != "__metadata__"}
    chosen = choose(file, array, list(tensors))
    return tensor_matrix(file, chosen, tensors[chosen], beginning=8 + length)


def open_index(file: Path, array: str | None) -> ArrayInFile:
    """A tensor of a model in several files, which this index names."""
    places = places_of(file)
    chosen = choose(file, array, list(places))
    return open_safetensors(shard_of(file, places[chosen]), chosen)


def places_of(index: Path) -> dict[str, str]:
    """The shard of each tensor, as the index says."""
    with readable(index):
        stated = json.loads(index.read_bytes())
    places = stated.get("weight_map") if isinstance(stated, dict) else None
    if not isinstance(places, dict) or not all(isinstance(shard, str) for shard in places.values()):
        raise InputError(f"{index}: expected a weight_map from names of tensors to names of files; write it anew")
    return places


def shard_of(index: Path, shard: str) -> Path:
    """The file of a shard, which lies beside its index and nowhere else."""
    if Path(shard).name != shard:
        raise InputError(f"{index} names the shard {shard!r}: expected a file beside it; correct the index")
    if not (index.parent / shard).is_file():
        raise InputError(f"{index} names the shard {shard}, which is not there; fetch it, too")
    return index.parent / shard


def tensor_matrix(file: Path, array: str, tensor: dict, beginning: int) -> ArrayInFile:
    """The matrix that the header describes; its offsets count from `beginning`."""
    name, kind = f"{array} in {file}", tensor["dtype"]
    if kind not in DTYPES:
        raise InputError(f"{name}: expected numbers of type {', '.join(DTYPES)}, found {kind}")
    start, stop = (beginning + offset for offset in tensor["data_offsets"])
    shape = matrix_shape(name, tensor["shape"])
    dtype, short = np.dtype(DTYPES[kind]), kind == "BF16"
    return believed(ArrayInFile(name, partial(opened, file), start, dtype, shape, bfloat16=short, direct=True), stop)


def refuse_damage(file: Path) -> None:
    """ValueError if the library finds fault with the header: its size, its offsets, overlaps, holes."""
    try:
        from safetensors import SafetensorError, safe_open
    except ImportError as error:
        needed = 'reading .safetensors needs its library: pip install "wlra-dist[data]"'
        raise InputError(f"{file}: {needed}") from error
    try:
        with safe_open(file, framework="numpy"):
            pass
    except SafetensorError as error:
        raise ValueError(str(error)) from error
