"""Expanded models on disk: .safetensors, .npz, .npy of one tensor, or a directory of shards with an index."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from math import prod
from pathlib import Path

import numpy as np

from wlra_dist.errors import InputError, VerificationError, WlraDistError
from wlra_dist.models.expand import LazyTensor
from wlra_dist.models.sources.safetensors import INDEX

SHARD = 1 << 31
"""Bytes of a shard, about."""

Tensors = Mapping[str, LazyTensor]


def expand(tensors: Tensors, out: Path) -> list[str]:
    """Writes all tensors; of damaged ones it writes none, and returns what is wrong with them.

    InputError for a place that cannot be written, or a format that cannot hold them.
    """
    write = _directory if out.is_dir() or not out.suffix else WRITERS.get(out.suffix.lower())
    if write is None:
        raise InputError(f"{out}: expected a directory or a name that ends in {', '.join(WRITERS)}")
    if not out.parent.is_dir():
        raise InputError(f"{out}: expected a name in a directory that is there; make {out.parent} first")
    damaged = [sentence for tensor in tensors.values() if (sentence := _damage(tensor))]
    write({name: tensor for name, tensor in tensors.items() if not _damage(tensor)} if damaged else tensors, out)
    return damaged


def _damage(tensor: LazyTensor) -> str | None:
    try:
        tensor.check()
    except VerificationError as error:
        return str(error)
    return None


def _safetensors(tensors: Tensors, out: Path) -> None:
    """A header, then each tensor's bytes, one tensor in memory at a time."""
    header, at = {}, 0
    for name, tensor in tensors.items():
        size = _size(tensor)
        header[name] = {"dtype": tensor.kind.name, "shape": list(tensor.shape), "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with _whole(out) as unfinished, unfinished.open("wb") as stream:
        stream.write(len(text).to_bytes(8, "little") + text)
        for tensor in tensors.values():
            stream.write(np.ascontiguousarray(tensor.stored()).tobytes())


def _npz(tensors: Tensors, out: Path) -> None:
    import zipfile

    with _whole(out) as unfinished, zipfile.ZipFile(unfinished, "w") as archive:
        for name, tensor in tensors.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, _numpys_own(tensor), allow_pickle=False)


def _npy(tensors: Tensors, out: Path) -> None:
    if len(tensors) != 1:
        raise InputError(f"{out}: expected a single tensor for .npy, found {len(tensors)}; write .npz or .safetensors")
    with _whole(out) as unfinished, unfinished.open("wb") as stream:
        np.lib.format.write_array(stream, _numpys_own(*tensors.values()), allow_pickle=False)


def _numpys_own(tensor: LazyTensor) -> np.ndarray:
    if tensor.kind.name in ("BF16", "F8_E4M3", "F8_E5M2", "F8_E8M0"):
        raise InputError(f"{tensor.name} is {tensor.kind.name}, which numpy has not; write .safetensors")
    return tensor.stored()


def _directory(tensors: Tensors, out: Path) -> None:
    """One file, or shards and their index, as Hugging Face has them."""
    out.mkdir(exist_ok=True)
    shards: list[dict[str, LazyTensor]] = [{}]
    for name, tensor in tensors.items():
        if shards[-1] and sum(map(_size, shards[-1].values())) + _size(tensor) > SHARD:
            shards.append({})
        shards[-1][name] = tensor
    places = {}
    for number, shard in enumerate(shards, start=1):
        file = f"model-{number:05}-of-{len(shards):05}.safetensors" if len(shards) > 1 else "model.safetensors"
        _safetensors(shard, out / file)
        places |= dict.fromkeys(shard, file)
    if len(shards) > 1:
        total = sum(map(_size, tensors.values()))
        index = {"metadata": {"total_size": total}, "weight_map": places}
        (out / INDEX).write_text(json.dumps(index, ensure_ascii=False, indent=1))


def _size(tensor: LazyTensor) -> int:
    return prod(tensor.shape) * tensor.kind.dtype.itemsize


@contextmanager
def _whole(out: Path) -> Iterator[Path]:
    """A file that appears whole or not at all; WlraDistError where the system refuses it."""
    unfinished = out.with_name(f".{out.name}.unfinished")
    try:
        yield unfinished
        os.replace(unfinished, out)
    except OSError as error:
        raise WlraDistError(f"{out}: could not be written, {error.strerror or error}; nothing was kept") from error
    finally:
        unfinished.unlink(missing_ok=True)


WRITERS: dict[str, Callable[[Tensors, Path], None]] = {".safetensors": _safetensors, ".npz": _npz, ".npy": _npy}
"""By the ending of the name; a name without one is a directory's."""
