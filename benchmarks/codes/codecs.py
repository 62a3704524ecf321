"""Entropy coders beside zstd -19 and xz: sparse columns (gaps and values) and rounded coefficients, 10 million of each.

Below, Gaussians quantised by a trellis, as factors of up to 2^18 entries are: how far above their rate-distortion
function, and how fast the sender looks ahead, codes, and the receiver decodes. Rounding takes 0.25 bits more.

    python benchmarks/codes/codecs.py [--symbols 10000000]

Speeds are symbols by CPU second, on one core. The general compressors get the same numbers as plain arrays, in the
narrowest integers that hold them. zstd is left out where `zstandard` is not installed.
"""

import argparse
import lzma
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from time import process_time
from typing import Any, NamedTuple

import numpy as np

from wlra_dist.codecs.base.codec import Codec, decode, encode
from wlra_dist.codecs.base.compound import Each
from wlra_dist.codecs.entropy.histogram import Counted
from wlra_dist.codecs.entropy.subset import Subset
from wlra_dist.codecs.trellis.factor import Factor
from wlra_dist.codecs.trellis.lattice import LARGEST, RoundedEntries, RoundingTask, rounded
from wlra_dist.codecs.trellis.scales import Hints
from wlra_dist.codecs.trellis.tables import SIXTEENTHS

ROWS, DENSITY = 9216, 0.05
"""Of the sparse columns."""

SCALES = 4, 16, 64, 256, 1024
"""Standard deviations of the coefficients, in steps."""

TRELLIS_SCALES = 0.7, 1.5, 3.0, 6.0, 12.0
"""Of the entries that a trellis quantises, in its steps."""

BOUND = 2**40

REACH = 8
"""The largest absolute value in the sparse columns."""

Bytes = Callable[[bytes], bytes]


class Job(NamedTuple):
    """Numbers to code: for a codec of ours, and as bytes for a general compressor."""

    name: str
    symbols: int
    codec: Codec[Any]
    value: Any
    plain: bytes
    entropy: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--symbols", type=int, default=10_000_000)
    symbols = parser.parse_args().symbols
    rng = np.random.default_rng(0)
    for task in (sparse_columns(symbols, rng), *(coefficients(symbols, scale, rng) for scale in SCALES)):
        print(f"\n{task.name}: {task.symbols:,} symbols, {task.entropy / task.symbols:.3f} bits of entropy each")
        print(f"  {'':12}{'bits each':>12}{'× entropy':>12}{'M/s coding':>12}{'M/s decoding':>14}")
        print_row("ours", task, *ours(task))
        for name, (compress, decompress) in general().items():
            print_row(name, task, *timed(compress, decompress, task.plain))
    titles = "trellis: σ", "bits each", "above R(D)", "M/s ahead", "M/s coding", "M/s decoding"
    print("\n" + "".join(f"{title:>14}" for title in titles))
    for scale in TRELLIS_SCALES:
        print(f"{scale:14}" + "".join(f"{cell:>14}" for cell in trellis_row(scale, rng)), flush=True)
    return 0


def sparse_columns(symbols: int, rng: np.random.Generator) -> Job:
    """Nonzeros at random; their values are geometric on both sides."""
    positions = np.flatnonzero(rng.random(round(symbols / DENSITY)) < DENSITY)
    size, below = len(positions), round(symbols / DENSITY)
    magnitudes = np.minimum(rng.geometric(0.4, size), REACH)
    values = magnitudes * rng.choice(np.array([-1, 1]), size)
    support = -below * (DENSITY * np.log2(DENSITY) + (1 - DENSITY) * np.log2(1 - DENSITY))
    # rows as a compressed sparse matrix holds them
    plain = (positions % ROWS).astype("<u2").tobytes() + values.astype("<i1").tobytes()
    codec = Each([Subset(size, below), Counted(size, 2 * REACH + 1)])
    return Job("sparse columns", size, codec, [positions, values + REACH], plain, support + empirical(values))


def coefficients(symbols: int, scale: int, rng: np.random.Generator) -> Job:
    """40 rows of rounded Gaussians."""
    value = np.rint(rng.normal(0, scale, (40, symbols // 40))).astype(np.int64)
    plain = value.astype("<i2").tobytes()
    codec = Factor(unknown(*value.shape), BOUND)
    return Job(f"σ = {scale} steps", value.size, codec, RoundedEntries.plainly(value), plain, empirical(value))


def unknown(rows: int, columns: int) -> Hints:
    """Hints that say nothing of the scales."""
    return Hints(np.zeros(rows, dtype=np.int64), np.zeros(columns, dtype=np.int64))


def trellis_row(scale: float, rng: np.random.Generator) -> Iterator[str]:
    """Bits an entry, how many above the rate-distortion function, and speeds: looking ahead, coding, decoding."""
    x = rng.normal(0, scale, (LARGEST >> 9, 1 << 9))
    codec, begun = Factor(unknown(*x.shape), BOUND), process_time()
    (value,) = rounded([RoundingTask(x, codec.hints)])
    ahead = process_time() - begun
    if value is None:
        sys.exit("these are too many for a trellis")
    bits, coding, decoding = ours(Job("trellis", x.size, codec, value, b"", 0.0))
    bound = 0.5 * np.log2(scale**2 / np.square(x - value.grid / SIXTEENTHS).mean())
    yield f"{bits / x.size:.3f}"
    yield f"{bits / x.size - bound:.3f}"
    yield from (f"{x.size / seconds / 1e6:.1f}" for seconds in (ahead, coding, decoding))


def empirical(value: np.ndarray) -> float:
    """The entropy of these numbers, in bits, as if they came from their own histogram."""
    counts = np.bincount((value - value.min()).ravel())
    p = counts[counts > 0] / value.size
    return float(-value.size * p @ np.log2(p))


def ours(task: Job) -> tuple[int, float, float]:
    """(bits, seconds to encode, seconds to decode)."""
    begun = process_time()
    written = encode(task.codec, task.value)
    payload = written.payload()
    between = process_time()
    value, _ = decode(task.codec, payload, written.bits)
    over = process_time()
    if not all(map(np.array_equal, value[:2], task.value[:2])):
        sys.exit(f"{task.name} did not come back")
    return written.bits, between - begun, over - between


def timed(compress: Bytes, decompress: Bytes, plain: bytes) -> tuple[int, float, float]:
    """(bits, seconds to compress, seconds to decompress)."""
    begun = process_time()
    packed = compress(plain)
    between = process_time()
    if decompress(packed) != plain:
        sys.exit("a general compressor lost something")
    return len(packed) * 8, between - begun, process_time() - between


def general() -> dict[str, tuple[Bytes, Bytes]]:
    """General compressors: how each packs and unpacks."""
    known: dict[str, tuple[Bytes, Bytes]] = {"xz": (lzma.compress, lzma.decompress)}
    if find_spec("zstandard"):
        zstandard = import_module("zstandard")
        known["zstd -19"] = (zstandard.ZstdCompressor(19).compress, zstandard.ZstdDecompressor().decompress)
    return known


def print_row(name: str, task: Job, bits: int, coding: float, decoding: float) -> None:
    figures = [bits / task.symbols, bits / task.entropy]
    speeds = [task.symbols / seconds / 1e6 for seconds in (coding, decoding)]
    print(f"  {name:12}{figures[0]:12.3f}{figures[1]:12.4f}{speeds[0]:12.1f}{speeds[1]:14.1f}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
