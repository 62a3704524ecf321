"""Hostile bytes: mutated, truncated and random messages end in a value or in DecodeError, in bounded memory."""

import tracemalloc
from typing import Any

import numpy as np
import pytest

from wlra_dist.codecs.base.bits import BitReader, DecodeError
from wlra_dist.codecs.base.codec import Codec, decode, encode
from wlra_dist.codecs.base.digits import Digits, Spread
from wlra_dist.codecs.base.universal import Natural
from wlra_dist.codecs.entropy.histogram import Counted, Histogram
from wlra_dist.codecs.entropy.quantised import Quantised
from wlra_dist.codecs.entropy.subset import Subset
from wlra_dist.codecs.trellis.factor import Factor
from wlra_dist.codecs.trellis.lattice import RoundedEntries, RoundingTask, rounded
from wlra_dist.codecs.trellis.scales import Hints

RNG = np.random.default_rng(11)

SIZES = np.exp2(np.arange(40) / 2)[:, None] * np.ones(30)
HINTS = Hints(np.arange(40) * 2, np.zeros(30, dtype=np.int64))

MESSAGES: dict[str, tuple[Codec[Any], Any]] = {
    "natural": (Natural(), 12345),
    "digits": (Digits(300, 15), RNG.integers(0, 15, 300)),
    "large digits": (Digits(60, 2**40 + 1), RNG.integers(0, 2**40, 60)),
    "ranked subset": (Subset(30, 100), np.sort(RNG.choice(100, 30, replace=False))),
    "subset": (Subset(200, 5000), np.sort(RNG.choice(5000, 200, replace=False))),
    "sparse subset": (Subset(20, 2**48), np.sort(RNG.integers(0, 2**48, 20))),
    "spread": (Spread(100, 1000), RNG.integers(5, 900, 100)),
    "histogram": (Histogram(300), RNG.integers(0, 1000, 300)),
    "counted": (Counted(2000, 300), RNG.geometric(0.2, 2000)),
    "short rows": (Quantised((60, 7), 2**53), np.rint(RNG.normal(0, 9, (60, 7))).astype(int)),
    "long rows": (
        Quantised((6, 600), 10**6),
        np.rint(RNG.standard_t(2, (6, 600)) * [[0], [1], [9], [50], [900], [5000]]).astype(int),
    ),
    "paths of a trellis": (Factor(HINTS, 2**53), rounded([RoundingTask(RNG.normal(0, SIZES), HINTS)])[0]),
    "pooled rows": (Quantised((3, 900), 2**61 - 1), RNG.choice([-9, 2**60, 7], (3, 900))),
}

OUTPUTS = {name: encode(codec, value) for name, (codec, value) in MESSAGES.items()}


def hostile(name: str, rng: np.random.Generator) -> tuple[bytes, int]:
    """A message that was tampered with, or none at all."""
    payload, bits = OUTPUTS[name].payload(), OUTPUTS[name].bits
    data = np.unpackbits(np.frombuffer(payload, dtype=np.uint8))[:bits]
    match rng.integers(0, 6):
        case 0:
            data = data[: rng.integers(0, bits + 1)]
        case 1:
            data = rng.integers(0, 2, rng.integers(0, 2 * bits + 64), dtype=np.uint8)
        case 2:
            data = np.full(2 * bits, rng.integers(0, 2), dtype=np.uint8)
        case 3:
            data[: rng.integers(0, min(bits, 60) + 1)] = rng.integers(0, 2)
        case _:
            data[rng.integers(0, bits, rng.integers(1, 5))] ^= 1
    return np.packbits(data).tobytes(), len(data)


def read_all(codec: Codec[Any], message: tuple[bytes, int]) -> Any:
    """The value, or None for a DecodeError; whatever else it raises fails the test."""
    try:
        return decode(codec, *message)[0]
    except DecodeError:
        return None


@pytest.mark.parametrize("name", MESSAGES)
def test_hostile_bytes_are_a_value_or_a_decode_error(name: str):
    codec, rng = MESSAGES[name][0], np.random.default_rng(12)
    for _ in range(150):
        value = read_all(codec, hostile(name, rng))
        if value is not None:
            # a value within the public bounds: the codec can write it
            assert encode(codec, value).bits <= codec.limit


@pytest.mark.parametrize("name", MESSAGES)
def test_hostile_bytes_take_no_more_memory_than_the_public_shape_asks_for(name: str):
    (codec, value), rng = MESSAGES[name], np.random.default_rng(13)
    read_all(codec, (OUTPUTS[name].payload(), OUTPUTS[name].bits))  # tables that are made once
    tracemalloc.start()
    for _ in range(20):
        read_all(codec, hostile(name, rng))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak <= 5_000_000 + 200 * (value.grid.size if isinstance(value, RoundedEntries) else np.size(value))


def same(read: Any, value: Any) -> bool:
    if isinstance(value, RoundedEntries):
        return np.array_equal(read.grid, value.grid)
    return np.array_equal(read, value)


@pytest.mark.parametrize("name", MESSAGES)
def test_messages_follow_one_another(name: str):
    codec, value = MESSAGES[name]
    message = OUTPUTS[name]
    twice = np.tile(np.unpackbits(np.frombuffer(message.payload(), dtype=np.uint8))[: message.bits], 2)
    reader = BitReader(np.packbits(twice).tobytes(), len(twice))
    for _ in range(2):
        read = codec.read(reader)
        assert same(read, value) or name == "histogram"
    reader.finish()
