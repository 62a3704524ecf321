"""Hostile bytes for every codec: mutated, cut, lengthened and random messages, each decoded in its own narrow limits.

    python benchmarks/codes/fuzz.py [--messages 200000] [--seed 0] [--log FILE] [CODEC …]

A decoder must answer each with a value or with DecodeError, within a second of CPU and 256 MB of arrays; a line a codec
says how many it refused, the slowest answer and the largest peak. Anything else is printed as hexadecimal with the
codec, and the exit code is 1. On Linux the process may grow by 256 MB and no more, so no message slips through; the
peak, numpy's arrays included, is that of one message in 16, since watching takes longer than decoding. Codecs of
many entries get random messages and runs of equal bits alone: what would they reserve for a count that is a lie?

Messages are made in slices of 10,000. With a log, a line of JSON a slice, what was interrupted goes on where it was:
slices that the log has are not tried again.
"""

import argparse
import json
import resource
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
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

SLICE = 10_000
"""Messages that are made from one seed."""

WATCHED = 16
"""One in so many messages is decoded under tracemalloc."""


@dataclass
class Tally:
    """What a codec did with the messages so far."""

    messages: int = 0
    refused: int = 0
    slowest: float = 0.0
    largest: int = 0
    faults: int = 0

    def add(self, other: "Tally") -> None:
        self.messages, self.refused = self.messages + other.messages, self.refused + other.refused
        self.slowest, self.largest = max(self.slowest, other.slowest), max(self.largest, other.largest)
        self.faults += other.faults


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("codecs", nargs="*", metavar="CODEC", help="(default: all)")
    parser.add_argument("--messages", type=int, default=200_000, help="for each codec (default 200000)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--log", type=Path, help="what was tried, and need not be tried again")
    options = parser.parse_args()
    if unknown := set(options.codecs) - set(HOSTILE):
        parser.error(f"there is no codec {', '.join(sorted(unknown))}")
    print(f"{'codec':32}{'messages':>10}{'refused':>10}{'slowest':>12}{'peak':>12}{'faults':>8}")
    tallies = [fuzz(name, options.messages, options.seed, options.log) for name in options.codecs or HOSTILE]
    return 1 if any(tally.faults for tally in tallies) else 0


def limit_process() -> None:
    """What the process has now, and 256 MB: a decoder that asks for more gets a MemoryError, which is a fault."""
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if Path("/proc/self/statm").exists() else 0
    if pages:
        most = pages * resource.getpagesize() + MOST_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))


def fuzz(name: str, messages: int, seed: int, log: Path | None) -> Tally:
    """Tries so many hostile messages on codecs of this name, slice by slice, and prints a line."""
    tried, total = logged(log, name, seed), Tally()
    for start in range(0, messages, SLICE):
        size = min(SLICE, messages - start)
        tally = tried.get((start, size)) or fuzz_slice(name, [seed, start, *name.encode()], size)
        if log and (start, size) not in tried:
            with log.open("a", encoding="utf-8") as file:
                print(json.dumps({"codec": name, "seed": seed, "start": start, **asdict(tally)}), file=file)
        total.add(tally)
    peak = f"{total.largest / 2**20:.2f} MB"
    slowest = f"{total.slowest * 1e3:.1f} ms"
    print(f"{name:32}{total.messages:10,}{total.refused:10,}{slowest:>12}{peak:>12}{total.faults:8}", flush=True)
    return total


def logged(log: Path | None, name: str, seed: int) -> dict[tuple[int, int], Tally]:
    """The slices of a codec that were tried, by their first message and their size."""
    lines = log.read_text(encoding="utf-8").splitlines() if log and log.is_file() else []
    found = [entry for entry in map(json.loads, lines) if (entry.pop("codec"), entry.pop("seed")) == (name, seed)]
    return {(entry.pop("start"), entry["messages"]): Tally(**entry) for entry in found}


def fuzz_slice(name: str, seed: list[int], messages: int) -> Tally:
    """Some messages in the narrow limits of a process; faults are printed as they are found."""
    limit_process()  # for each slice anew: watching leaves memory behind, a hundred bytes a message
    tally = Tally()
    for codec, payload, bits in HOSTILE[name](np.random.default_rng(seed), messages):
        if what := fault_of(codec, payload, bits, tally, tally.messages % WATCHED == 0):
            tally.faults += 1
            print(f"{what}: {codec!r}, {bits} bits, {payload.hex()}", flush=True)
    return tally


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
