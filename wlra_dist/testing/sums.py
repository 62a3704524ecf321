"""One SHA-256 for whatever a protocol hands about: equal for values that are the same, in any process."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import partial
from hashlib import sha256
from inspect import isfunction, ismethod
from typing import Any

import numpy as np

from wlra_dist.game import Faceted, Located, PerParty

DEEPEST = 40
"""Values inside values that are looked at."""


def sum_of(value: Any) -> str:
    """SHA-256 of all that a value is made of; of what is located nothing but where it is."""
    digest = sha256()
    for token in _tokens(value, 0):
        digest.update(token)
    return digest.hexdigest()


def _tokens(value: Any, depth: int) -> Iterator[bytes]:
    yield f"{type(value).__qualname__}(".encode()
    if depth < DEEPEST:
        plain, parts = _taken_apart(value)
        yield plain
        for part in parts:
            yield from _tokens(part, depth + 1)
    yield b")"


def _taken_apart(value: Any) -> tuple[bytes, list[Any]]:
    """What can be written down of a value, and the values inside it."""
    match value:
        case None | bool() | int() | float() | complex() | str() | bytes() | np.generic():
            return repr(value).encode(), []
        case np.ndarray():
            return f"{value.dtype}{value.shape}".encode() + np.ascontiguousarray(value).tobytes(), []
        case Located():
            return str(value.party).encode(), []
        case Faceted():
            return b"", list(value)
        case PerParty():
            return b"", list(value)
        case Mapping():
            return b"", [part for pair in value.items() for part in pair]
        case list() | tuple():
            return b"", list(value)
        case set() | frozenset():
            return b"", sorted(map(sum_of, value))
        case partial():
            return b"", [value.func, value.args, value.keywords]
        case np.random.Generator():
            return b"", [value.bit_generator.state]
        case type():
            return value.__qualname__.encode(), []
    return _of_object(value)


def _of_object(value: Any) -> tuple[bytes, list[Any]]:
    if isfunction(value):  # what a lambda has caught of its surroundings is an argument, too
        cells = [cell.cell_contents for cell in value.__closure__ or ()]
        return value.__qualname__.encode(), [cells, value.__defaults__, value.__kwdefaults__]
    if ismethod(value):
        return value.__name__.encode(), [value.__self__]
    if is_dataclass(value):
        return b"", [getattr(value, field.name) for field in fields(value)]
    if hasattr(value, "indptr"):  # scipy's sparse arrays
        return f"{value.dtype}{value.shape}".encode(), [value.data, value.indices, value.indptr]
    return b"", [getattr(value, "__dict__", {})]
