"""Models in safetensors: one file, or a directory of shards with an index.

The library judges each header; numbers are read in place, since numpy has no type for some of them.
"""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from wlra_dist.errors import InputError
from wlra_dist.instances.files.claims import opened, readable
from wlra_dist.instances.files.tensors import places_of, refuse_damage, shard_of
from wlra_dist.models.kinds import kind_named
from wlra_dist.models.sources.tensor import Model, Tensor, by_name

INDEX = "model.safetensors.index.json"
SINGLE = "model.safetensors"


def open_safetensors(file: Path) -> Model:
    """The tensors of one file; InputError if it is damaged."""
    with readable(file):
        refuse_damage(file)
        with file.open("rb") as stream:
            length = int.from_bytes(stream.read(8), "little")
            header = json.loads(stream.read(length))
    stated = ((name, of) for name, of in header.items() if name != "__metadata__")
    return by_name(_tensor(file, name, of, 8 + length) for name, of in stated)


def open_directory(directory: Path) -> Model:
    """The tensors of a directory, by its index, or of its only file; InputError names the file that is at fault."""
    index = directory / INDEX
    if not index.is_file():
        if (directory / SINGLE).is_file():
            return open_safetensors(directory / SINGLE)
        raise InputError(f"{directory}: expected {INDEX} or {SINGLE} in it, found neither; name the file itself")
    places = places_of(index)
    shards = {shard: open_safetensors(shard_of(index, shard)) for shard in sorted(set(places.values()))}
    return by_name(_promised(name, shard, shards[shard], index) for name, shard in places.items())


def _tensor(file: Path, name: str, stated: dict[str, Any], beginning: int) -> Tensor:
    kind, shape = kind_named(stated["dtype"], f"{name} in {file}"), tuple(stated["shape"])
    return Tensor(name, kind, shape, partial(_read, file, name, beginning + stated["data_offsets"][0], kind.dtype))


def _read(file: Path, name: str, offset: int, dtype: np.dtype, start: int, stop: int) -> np.ndarray:
    numbers = np.empty(max(0, stop - start), dtype)
    with opened(file) as stream:
        stream.seek(offset + start * dtype.itemsize)
        for piece in _pieces(numbers.view(np.uint8).data):
            if stream.readinto(piece) != len(piece):  # pyright: ignore[reportAttributeAccessIssue]  not in BinaryIO
                raise InputError(f"{name} in {file} ends before its last number: write the file anew")
    return numbers


def _pieces(wanted: memoryview) -> Iterator[memoryview]:
    """Of at most a gigabyte: Linux reads no more than two at a time."""
    yield from (wanted[at : at + 2**30] for at in range(0, len(wanted), 2**30))


def _promised(name: str, shard: str, tensors: Model, index: Path) -> Tensor:
    if name not in tensors:
        raise InputError(f"{index} promises {name} in {shard}, which has no such tensor: is it of another checkpoint?")
    return tensors[name]
