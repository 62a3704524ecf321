"""Bytes that are no message give a DecodeError, nothing else, and never more memory than the shapes allow."""

import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from tests.codecs.drawn import DRAWN
from wlra_dist.codecs.base.bits import DecodeError
from wlra_dist.codecs.base.codec import Codec, decode, encode
from wlra_dist.codecs.base.compound import ListOf
from wlra_dist.codecs.base.integers import Indices, Integers
from wlra_dist.codecs.base.reals import Coefficients, Fixed, Floats
from wlra_dist.codecs.columns.columns import ColumnsAndX, SparseColumns
from wlra_dist.weights import BlockMask

MUTATIONS = 400
MESSAGES = 20

n, d = 300, 40
ENTRIES = n * d
W = BlockMask.wide(n, 2, d // 2, d)

LARGE: dict[str, Codec[Any]] = {
    "Indices": Indices(ENTRIES, 1000),
    "Integers": Integers(ENTRIES, 1),
    "Floats": Floats((n, d)),
    "Fixed": Fixed((n, d), 2),
    "Coefficients": Coefficients((n, d)),
    "ListOf": ListOf(Indices(4, 16), ENTRIES),
    "SparseColumns": SparseColumns(W, slice(None), None, sparse=False),
    "SparseColumns as csc": SparseColumns(W, slice(None), 1, sparse=True),
    "ColumnsAndX": ColumnsAndX(W, 1, sparse=False),
    "ColumnsAndX as csc": ColumnsAndX(W, None, sparse=True),
}

BYTES_AN_ENTRY = 150
"""Some arrays of 8 bytes an entry, or a list of Python's objects."""


def decoded(codec: Codec[Any], payload: bytes, bits: int) -> list[Any]:
    """The value, or nothing where a DecodeError says that there is none."""
    try:
        return [decode(codec, payload, bits)[0]]
    except DecodeError:
        return []


def flipped(payload: bytes, bits: int, rng: np.random.Generator) -> tuple[bytes, int]:
    wrong = np.frombuffer(payload, dtype=np.uint8).copy()
    for place in rng.integers(0, max(bits, 1), rng.integers(1, 4)):
        if bits:
            wrong[place // 8] ^= 128 >> (place % 8)
    return wrong.tobytes(), bits


def cut(payload: bytes, bits: int, rng: np.random.Generator) -> tuple[bytes, int]:
    left = int(rng.integers(0, bits + 1))
    return payload[: -(-left // 8)], left


def longer(payload: bytes, bits: int, rng: np.random.Generator) -> tuple[bytes, int]:  # noqa: ARG001
    more = rng.bytes(int(rng.integers(1, 9)))
    return payload + more, (len(payload) + len(more)) * 8


def noise(payload: bytes, bits: int, rng: np.random.Generator) -> tuple[bytes, int]:  # noqa: ARG001
    length = int(rng.integers(0, 2 * bits + 64))
    return rng.bytes(-(-length // 8)), length


def mutations(payload: bytes, bits: int, count: int, rng: np.random.Generator) -> Iterator[tuple[bytes, int]]:
    ways: list[Callable[..., tuple[bytes, int]]] = [flipped, flipped, cut, longer, noise]
    return (ways[i % len(ways)](payload, bits, rng) for i in range(count))


@pytest.mark.parametrize("name", DRAWN)
def test_a_damaged_message_is_a_decode_error_or_a_message(name: str):
    rng = np.random.default_rng([*name.encode()])
    for _ in range(MESSAGES):
        codec, value = DRAWN[name](rng)
        out = encode(codec, value)
        for payload, bits in mutations(out.payload(), out.bits, MUTATIONS // MESSAGES, rng):
            for other in decoded(codec, payload, bits):
                assert encode(codec, other).bits <= codec.limit


@pytest.mark.parametrize("name", LARGE)
def test_claims_of_a_message_take_no_more_memory_than_the_shapes_allow(name: str):
    codec, rng = LARGE[name], np.random.default_rng(1)
    size = codec.limit // 8
    for claim in [b"\xff" * 40, b"\x00" * 40, rng.bytes(40), b"\xff" * size, b"\x00" * size, rng.bytes(size)]:
        tracemalloc.start()
        decoded(codec, claim, len(claim) * 8)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < BYTES_AN_ENTRY * ENTRIES + 4 * len(claim) + 100_000
