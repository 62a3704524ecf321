"""A small model's file, .wlra: an index of all tensors, then their payloads, one after the other.

A head of 28 bytes (magic, format, lengths, checksums of itself and of the index), the index (JSON, deflated), payloads.
Each payload has its own checksum in the index, so that damage is told by the tensor's name and costs no other. Nothing
else is needed to expand the file. It is read through a memory map.
"""

import json
import mmap
import os
import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from math import prod
from pathlib import Path
from typing import Any

from google_crc32c import value as crc32c

from wlra_dist.errors import InputError, VerificationError, WlraDistError
from wlra_dist.models.coded import CODE
from wlra_dist.models.forms import FORMS
from wlra_dist.models.kinds import KINDS

MAGIC = b"\x89WLRA\r\n\x1a"
FORMAT = 1  # goes up with whatever changes the file around the messages
ENDING = ".wlra"

_HEAD = struct.Struct("<8sHHIIII")
"""Magic, format, version of the codes, bytes of the index, bytes of it inflated, its checksum, the head's."""

_LARGEST_INDEX = 1 << 28
"""Bytes of the inflated index: a forged head may ask for no more."""


@dataclass(frozen=True)
class Block:
    """A run of rows of a tensor (as a matrix), or all of it.

    Attributes:
        form: of `forms.FORMS`.
        k: the rank of its low-rank part; 0 if it has none.
        rows: how many.
        nbytes: of its payload.
        checksum: crc32c of that.
    """

    form: str
    k: int
    rows: int
    nbytes: int
    checksum: int


@dataclass(frozen=True)
class TensorEntry:
    """What the index says of a tensor.

    Attributes:
        name, kind, shape: as in the model.
        way: how it is a matrix (`shapes`).
        blocks: of its rows, in order; empty for a tensor that is another one.
        same_as: the name of the tensor that this one is, if it is.
        norm: what errors cost in it: "plain", "inputs", "weights" or "fisher".
        loss: of the numbers that it expands to, over that of 0, in that norm.
        bound: a lower bound on the loss of all that have its blocks' ranks, over the same; None if there is no proof.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    way: int = 0
    blocks: tuple[Block, ...] = ()
    same_as: str | None = None
    norm: str = "plain"
    loss: float = 0.0
    bound: float | None = None

    @property
    def nbytes(self) -> int:
        return sum(block.nbytes for block in self.blocks)

    @property
    def original(self) -> int:
        """Bytes in the model, 0 for one that is another."""
        return 0 if self.same_as else prod(self.shape) * KINDS[self.kind].dtype.itemsize

    @property
    def ratio(self) -> float | None:
        """loss/bound: by how much a better tensor of these ranks may be better."""
        return self.loss / self.bound if self.bound else None


def write_small(file: Path, entries: Sequence[TensorEntry], payloads: Iterable[Path | bytes]) -> None:
    """Writes the file, whole or not at all; the payloads of all blocks in order, as they are or in files."""
    head = head_of(entries)
    unfinished = file.with_name(f".{file.name}.unfinished")
    try:
        with unfinished.open("wb") as stream:
            stream.write(head)
            for payload in payloads:
                stream.write(payload if isinstance(payload, bytes) else payload.read_bytes())
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(unfinished, file)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise WlraDistError(f"{file}: could not be written, {error.strerror or error}; nothing was kept") from error


def head_of(entries: Sequence[TensorEntry]) -> bytes:
    """The head and the index: as many bytes as the file has beside its payloads."""
    tensors = [
        {key: value for key, value in asdict(entry).items() if value not in (None, (), 0, "plain")} for entry in entries
    ]
    for tensor in tensors:
        if blocks := tensor.get("blocks"):
            tensor["blocks"] = [list(block.values()) for block in blocks]
    text = json.dumps({"tensors": tensors}, ensure_ascii=False, separators=(",", ":")).encode()
    index = zlib.compress(text, 9)
    head = _HEAD.pack(MAGIC, FORMAT, CODE, len(index), len(text), crc32c(index), 0)[:-4]
    return head + struct.pack("<I", crc32c(head)) + index


@dataclass(frozen=True, eq=False)
class Small:
    """An open file.

    Attributes:
        path: of the file.
        entries: of all tensors, by name.
        data: all bytes of the file.
        start: where payloads begin.
    """

    path: Path
    entries: dict[str, TensorEntry]
    data: mmap.mmap
    start: int

    @cached_property
    def _starts(self) -> dict[str, int]:
        """Where each tensor's first payload begins."""
        starts, at = {}, self.start
        for entry in self.entries.values():
            starts[entry.name] = at
            at += entry.nbytes
        return starts

    @property
    def nbytes(self) -> int:
        return len(self.data)

    def payloads(self, entry: TensorEntry) -> Iterator[tuple[Block, bytes]]:
        """VerificationError names the tensor where its bytes were damaged."""
        at = self._starts[entry.name]
        for block in entry.blocks:
            payload = self.data[at : at + block.nbytes]
            if len(payload) != block.nbytes or crc32c(payload) != block.checksum:
                raise VerificationError(f"{self.path}: {entry.name} is damaged; fetch the file again")
            yield block, payload
            at += block.nbytes


def open_small(path: str | Path) -> Small:
    """An open .wlra file, its index read; InputError if it is none, VerificationError if it was damaged."""
    file = Path(path)
    try:
        with file.open("rb") as stream:
            if os.fstat(stream.fileno()).st_size < _HEAD.size:
                raise InputError(f"{file}: expected a file of `wlra-dist compress`, found too few bytes for one")
            data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise InputError(
            f"{file} cannot be read: {getattr(error, 'strerror', None) or error}; check the path"
        ) from error
    start, text = _index_of(file, data)
    with _sound(file):
        index = json.loads(text)
        entries = {entry.name: entry for entry in map(_entry, index["tensors"])}
        return Small(file, entries, data, start)


def _index_of(file: Path, data: mmap.mmap) -> tuple[int, bytes]:
    """Where the index ends, and its text."""
    magic, version, code, size, inflated, checksum, own = _HEAD.unpack(data[: _HEAD.size])
    if magic != MAGIC:
        raise InputError(f"{file}: expected a file of `wlra-dist compress`, found something else")
    if crc32c(data[: _HEAD.size - 4]) != own:
        raise VerificationError(f"{file} is damaged in its head; fetch the file again")
    if (version, code) != (FORMAT, CODE):
        raise InputError(
            f"{file} is of format {version}.{code}, this program reads {FORMAT}.{CODE}: use its own version"
        )
    index = data[_HEAD.size : _HEAD.size + size]
    if crc32c(index) != checksum or inflated > _LARGEST_INDEX:
        raise VerificationError(f"{file} is damaged in its index; fetch the file again")
    with _sound(file):
        return _HEAD.size + size, zlib.decompressobj().decompress(index, inflated)


@contextmanager
def _sound(file: Path) -> Iterator[None]:
    """VerificationError where an index with the right checksum says what no index says."""
    try:
        yield
    except (zlib.error, ValueError, KeyError, TypeError) as error:
        raise VerificationError(f"{file} has an index that makes no sense ({error}); fetch the file again") from error


def _entry(stated: dict[str, Any]) -> TensorEntry:
    blocks = tuple(Block(*block) for block in stated.pop("blocks", ()))
    entry = TensorEntry(**{**stated, "shape": tuple(stated.get("shape", ()))}, blocks=blocks)
    if entry.kind not in KINDS or any(block.form not in FORMS for block in blocks):
        raise ValueError(f"{entry.name} is of an unknown kind or form")
    sizes = [*entry.shape, *(size for block in blocks for size in (block.k, block.rows, block.nbytes))]
    if any(type(size) is not int or not 0 <= size < 1 << 48 for size in sizes):
        raise ValueError(f"{entry.name} has sizes that no tensor has")
    return entry
