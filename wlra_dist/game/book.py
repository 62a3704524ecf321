"""Booked of messages as arrays: a hundred thousand of them take ten megabytes, and are added up and compared at once.

A row is a record of numbers; its words, names and symbols, stand by number in one list, and the bits of its parts one
after the other in a second array.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from struct import Struct
from typing import overload

import numpy as np

from wlra_dist.game.frame import HEADER_BYTES
from wlra_dist.game.parcel import pack_arrays, unpack_arrays

ROW = np.dtype(
    [("step", "<i8"), ("numbers", "<i8"), ("round", "<i4"), ("copy", "<i4"), ("sender", "<i4"), ("receiver", "<i4"),
     ("label", "<i4"), ("checksum", "<u4"), ("parts", "<i4")]
)  # fmt: skip
"""A message; `sender`, `receiver` and `label` are words by number, `parts` is how many parts it has."""

PART = np.dtype([("name", "<i4"), ("bits", "<i8")])

WORDS = ("sender", "receiver", "label")

_PACK_ROW, _PACK_PART = Struct("<qqiiiiiIi"), Struct("<iq")


@dataclass(frozen=True, slots=True)
class Entry:
    """One message.

    Attributes:
        step: its place in the order of the protocol.
        round: its causal depth: 1 + the longest chain of messages that it depends on.
        label: the paper's symbol for what is said.
        copy: 0, or the number of parties that got the same words before in one broadcast.
        parts: bits of each part of the payload.
        numbers: the numbers that the theorem counts for it.
        checksum: CRC-32C of the payload.
    """

    step: int
    round: int
    sender: str
    receiver: str
    label: str
    copy: int
    parts: dict[str, int]
    numbers: int
    checksum: int

    @property
    def bits(self) -> int:
        return sum(self.parts.values())

    @property
    def wire_bytes(self) -> int:
        return HEADER_BYTES + -(-self.bits // 8)


class Booked(Sequence[Entry]):
    """Messages as they were booked.

    Parameters
    ----------
    rows
        ROW.
    parts
        PART, row after row.
    words
        By number.
    """

    def __init__(self, rows: np.ndarray, parts: np.ndarray, words: list[str]) -> None:
        self.rows = rows
        self.parts = parts
        self.words = words

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Booked":
        """The same messages, whatever holds them."""
        if isinstance(entries, Booked):
            return entries
        book = Book()
        for entry in entries:
            book.append(entry)
        return book.rows()

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> "Booked": ...
    def __getitem__(self, index: int | slice) -> "Entry | Booked":
        if isinstance(index, slice):
            return self.take(np.arange(len(self))[index])
        step, numbers, depth, copy, sender, receiver, label, checksum, _ = self.rows[index].tolist()
        start, stop = self._ends[index % len(self) : index % len(self) + 2].tolist()
        parts = {self.words[name]: bits for name, bits in self.parts[start:stop].tolist()}
        sender, receiver, label = (self.words[word] for word in (sender, receiver, label))
        return Entry(step, depth, sender, receiver, label, copy, parts, numbers, checksum)

    def __len__(self) -> int:
        return len(self.rows)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(Entry.__eq__, self, other))

    __hash__ = None  # type: ignore[assignment]  # as lists

    @cached_property
    def bits(self) -> np.ndarray:
        """Of each message."""
        return np.diff(np.concatenate([[0], np.cumsum(self.parts["bits"])])[self._ends])

    @property
    def wire_bytes(self) -> np.ndarray:
        """Of each message."""
        return HEADER_BYTES + -(-self.bits // 8)

    def take(self, places: np.ndarray) -> "Booked":
        """The messages at these places, or where this is true."""
        places = np.arange(len(self))[places]
        rows, counts = self.rows[places], self.rows["parts"][places]
        starts = np.repeat(self._ends[places] - (np.cumsum(counts) - counts), counts)
        return Booked(rows, self.parts[starts + np.arange(len(starts))], self.words)

    def to_bytes(self) -> bytes:
        """All of it; `from_bytes` reads it."""
        return json.dumps(self.words).encode() + b"\n" + pack_arrays([self.rows, self.parts])

    @classmethod
    def from_bytes(cls, data: bytes) -> "Booked":
        head, _, tail = data.partition(b"\n")
        rows, parts = unpack_arrays(tail)
        return cls(rows, parts, json.loads(head))

    @classmethod
    def together(cls, books: "Iterable[Booked]", number: dict[str, int]) -> "Booked":
        """The messages of several books in the order of their steps, words by these numbers, to which new ones come."""
        renamed = [_renamed(book, number) for book in books]
        rows, parts = (np.concatenate(arrays) for arrays in zip(*renamed, strict=True))
        joined = cls(rows, parts, list(number))
        del renamed, rows, parts
        steps = joined.rows["step"]
        return joined if np.all(steps[1:] > steps[:-1]) else joined.take(np.argsort(steps, kind="stable"))

    @cached_property
    def _ends(self) -> np.ndarray:
        """Where the parts of each message begin, and the last one's end."""
        return np.concatenate([[0], np.cumsum(self.rows["parts"], dtype=np.int64)])


def _renamed(book: Booked, number: dict[str, int]) -> tuple[np.ndarray, np.ndarray]:
    """The arrays with words by these numbers, to which new ones are added."""
    new = np.array([number.setdefault(word, len(number)) for word in book.words], dtype=np.int32)
    if np.array_equal(new, np.arange(len(new))):
        return book.rows, book.parts
    rows, parts = book.rows.copy(), book.parts.copy()
    for field in WORDS:
        rows[field] = new[rows[field]]
    parts["name"] = new[parts["name"]]
    return rows, parts


class Book:
    """One side's account of a game, which grows by a row a message.

    Parameters
    ----------
    words
        By number, which several books may share.
    """

    def __init__(self, words: dict[str, int] | None = None) -> None:
        self._rows, self._parts = bytearray(), bytearray()
        self._words = {} if words is None else words

    def __len__(self) -> int:
        return len(self._rows) // ROW.itemsize

    def append(self, entry: Entry) -> None:
        """The row of one more message."""
        words = map(self._word, (entry.sender, entry.receiver, entry.label))
        figures = entry.step, entry.numbers, entry.round, entry.copy, *words, entry.checksum, len(entry.parts)
        self._rows += _PACK_ROW.pack(*figures)
        for name, bits in entry.parts.items():
            self._parts += _PACK_PART.pack(self._word(name), bits)

    def rows(self) -> Booked:
        """What has been booked so far."""
        rows, parts = (np.frombuffer(bytes(data), dtype) for data, dtype in ((self._rows, ROW), (self._parts, PART)))
        return Booked(rows, parts, list(self._words))

    def _word(self, word: str) -> int:
        return self._words.setdefault(word, len(self._words))
