"""Hostile bytes for every codec: mutated, cut, lengthened and random messages, each decoded in its own narrow limits.

    python benchmarks/codes/fuzz.py [--messages 200000] [--seed 0] [CODEC …]

A decoder must answer each with a value or with DecodeError, within a second of CPU and 256 MB of arrays; a line a codec
says how many it refused, the slowest answer and the largest peak. Anything else is printed as hexadecimal with the
codec, and the exit code is 1. On Linux the process may grow by 256 MB and no more, so no message slips through; the
peak, numpy's arrays included, is that of one message in 16, since watching takes longer than decoding. Codecs of
many entries get random messages and runs of equal bits alone: what would they reserve for a count that is a lie?
"""

import argparse
import resource
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))  # for the tests' own values and mutations

from tests.codecs.drawn import DRAWN, Drawn
from tests.codecs.test_hostile import LARGE, mutations
from wlra_dist.codecs.base.bits import DecodeError
from wlra_dist.codecs.base.codec import Codec, decode, encode

Hostile = tuple[Codec[Any], bytes, int]
"""A codec, and a payload of so many bits that nobody wrote with it."""

MOST_BYTES = 256 * 2**20
MOST_SECONDS = 1.0

MUTATIONS = 50
"""Hostile messages that are made of one honest one."""

LONGEST_CLAIM = 64
"""Bytes of a run, and of the noise after it."""

WATCHED = 16
"""One in so many messages is decoded under tracemalloc."""


@dataclass
class Tally:
    """What a codec did with the messages so far."""

    messages: int = 0
    refused: int = 0
    slowest: float = 0.0
    largest: int = 0


@dataclass(frozen=True)
class Fault:
    """A message that its decoder did not survive as it should."""

    what: str
    codec: str
    payload: bytes
    bits: int


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("codecs", nargs="*", metavar="CODEC", help="(default: all)")
    parser.add_argument("--messages", type=int, default=200_000, help="for each codec (default 200000)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if unknown := set(options.codecs) - set(HOSTILE):
        parser.error(f"there is no codec {', '.join(sorted(unknown))}")
    print(f"{'codec':32}{'messages':>10}{'refused':>10}{'slowest':>12}{'peak':>12}{'faults':>8}")
    faults = [fault for name in options.codecs or HOSTILE for fault in fuzz(name, options.messages, options.seed)]
    for fault in faults:
        print(f"{fault.what}: {fault.codec}, {fault.bits} bits, {fault.payload.hex()}")
    return 1 if faults else 0


def limit_process() -> None:
    """What the process has now, and 256 MB: a decoder that asks for more gets a MemoryError, which is a fault."""
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if Path("/proc/self/statm").exists() else 0
    if pages:
        most = pages * resource.getpagesize() + MOST_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))


def fuzz(name: str, messages: int, seed: int) -> list[Fault]:
    """Tries so many hostile messages on codecs of this name, prints a line, and returns the faults."""
    limit_process()  # for each name anew: watching leaves memory behind, a hundred bytes a message
    tally, faults = Tally(), []
    for codec, payload, bits in HOSTILE[name](np.random.default_rng([seed, *name.encode()]), messages):
        watch = tally.messages % WATCHED == 0
        if what := fault_of(codec, payload, bits, tally, watch):
            faults.append(Fault(what, repr(codec), payload, bits))
    peak = f"{tally.largest / 2**20:.2f} MB"
    slowest = f"{tally.slowest * 1e3:.1f} ms"
    print(f"{name:32}{tally.messages:10,}{tally.refused:10,}{slowest:>12}{peak:>12}{len(faults):8}", flush=True)
    return faults


def damaged(draw: Callable[[np.random.Generator], Drawn], rng: np.random.Generator, messages: int) -> Iterator[Hostile]:
    """Small codecs, and damaged messages of theirs."""
    for start in range(0, messages, MUTATIONS):
        codec, value = draw(rng)
        honest = encode(codec, value)
        for payload, bits in mutations(honest.payload(), honest.bits, min(MUTATIONS, messages - start), rng):
            yield codec, payload, bits


def random(codec: Codec[Any], rng: np.random.Generator, messages: int) -> Iterator[Hostile]:
    """Random bytes after a run of equal ones, for one codec."""
    for _ in range(messages):
        run, noise = rng.integers(0, 2 * LONGEST_CLAIM, 2).clip(0, LONGEST_CLAIM)
        payload = rng.choice([b"\x00", b"\x80", b"\xff"]) * int(run) + rng.bytes(int(noise))
        yield codec, payload, len(payload) * 8


HOSTILE: dict[str, Callable[[np.random.Generator, int], Iterator[Hostile]]] = {
    **{name: partial(damaged, draw) for name, draw in DRAWN.items()},
    **{f"{name}, large": partial(random, codec) for name, codec in LARGE.items()},
}


def fault_of(codec: Codec[Any], payload: bytes, bits: int, tally: Tally, watch: bool) -> str:
    """What went wrong with this message, nothing if all was well; booked in the tally."""
    if watch:
        tracemalloc.start()
    begun = process_time()
    what = ""
    try:
        decode(codec, payload, bits)
    except DecodeError:
        tally.refused += 1
    except Exception as error:  # whatever it is, it is what we look for
        what = repr(error)
    seconds = process_time() - begun
    peak = tracemalloc.get_traced_memory()[1] if watch else 0
    tracemalloc.stop()
    tally.messages += 1
    tally.slowest, tally.largest = max(tally.slowest, seconds), max(tally.largest, peak)
    if peak > MOST_BYTES:
        return f"{peak / 2**20:.0f} MB"
    return what or (f"{seconds:.2f} s" if seconds > MOST_SECONDS else "")


if __name__ == "__main__":
    sys.exit(main())
