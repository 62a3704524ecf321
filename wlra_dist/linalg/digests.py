"""SHA-256 of arrays, and of values made of them: of type, shape and entries, whatever holds them."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from hashlib import sha256
from typing import Any

import numpy as np

PIECE = 1 << 20
"""Entries that are copied at a time."""


def digests(arrays: Mapping[str, np.ndarray]) -> dict[str, str]:
    """SHA-256 of type, shape and entries of each array, whatever file holds it."""
    return {name: _digest(array) for name, array in arrays.items()}


class Absorbed:
    """A sum over values of any kind that a message may hold, one after the other.

    Numbers count as what they are: integers of any width as 64 bits, floats as doubles, sparse arrays by their
    nonzeros. So the sum is the same on every machine where the values are.
    """

    def __init__(self) -> None:
        self._sum = sha256()

    @property
    def digest(self) -> str:
        return self._sum.hexdigest()

    def absorb(self, value: Any) -> None:
        """Takes in another value; TypeError where it is of no kind that messages hold."""
        match value:
            case tuple() | list():
                self._say(f"({len(value)}")
                for item in value:
                    self.absorb(item)
            case bytes():
                self._say(f"bytes {len(value)} ", value)
            case None | bool() | int() | float() | str() | np.generic():
                self.absorb(np.asarray(value)) if isinstance(value, np.generic) else self._say(repr(value))
            case np.ndarray():
                kind = {"b": "?", "i": "<i8", "u": "<i8", "f": "<f8"}[value.dtype.kind]
                self._say(f"{kind} {value.shape} ", np.ascontiguousarray(value, dtype=kind).tobytes())
            case _ if hasattr(value, "tocsc"):
                columns = value.tocsc()
                columns.sort_indices()
                self.absorb(("csc", columns.shape, columns.indptr, columns.indices, columns.data))
            case _ if is_dataclass(value):
                self.absorb((type(value).__name__, *(getattr(value, field.name) for field in fields(value))))
            case _:
                raise TypeError(f"expected a value that a message may hold, got {type(value).__name__}")

    def _say(self, text: str, data: bytes = b"") -> None:
        self._sum.update(text.encode() + b"\0" + data)


def _digest(array: np.ndarray) -> str:
    sums = sha256(f"{array.dtype.str} {array.shape} ".encode())
    rows = np.atleast_1d(array)
    height = max(1, PIECE * len(rows) // max(1, rows.size))
    for start in range(0, len(rows), height):
        sums.update(rows[start : start + height].tobytes())
    return sums.hexdigest()
