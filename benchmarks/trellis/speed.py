"""How fast the trellis is: entries of a Gaussian matrix at 1.5 bits each, a CPU second, by the kernel and in numpy.

    python -m benchmarks.trellis.speed

For both machines and two sizes: millions of entries looked ahead over, coded, and decoded; the best of some turns, in
which kernel and numpy alternate, since other programs run too.
"""

import sys
from collections.abc import Callable
from contextlib import nullcontext
from time import process_time
from typing import Any

import numpy as np

from tests.codecs.in_numpy import in_numpy
from wlra_dist.codecs.base.codec import decode, encode
from wlra_dist.codecs.trellis.factor import Factor
from wlra_dist.codecs.trellis.kernel import kernel
from wlra_dist.codecs.trellis.lattice import RoundingTask, rounded
from wlra_dist.codecs.trellis.machine import MACHINES
from wlra_dist.codecs.trellis.scales import Hints

SHAPES = (20, 784), (512, 512)

SCALE = 1.5
"""Of the entries, in steps."""

BOUND, TURNS = 2**40, 7

WAYS: dict[str, Callable[[], Any]] = {"kernel": nullcontext, "numpy": in_numpy}


def main() -> int:
    if kernel() is None:
        print("the kernel is not built: both ways are numpy's")
    print(f"{'states':>8}{'entries':>10}{'by':>8}{'ahead':>10}{'coding':>10}{'decoding':>10}")
    for number, machine in enumerate(MACHINES):
        for shape in SHAPES:
            turns = [{way: seconds(shape, number, context) for way, context in WAYS.items()} for _ in range(TURNS)]
            for way in WAYS:
                size = shape[0] * shape[1]
                speeds = [size / least / 1e6 for least in np.min([turn[way] for turn in turns], axis=0)]
                print(
                    f"{machine.states:8}{size:10,}{way:>8}" + "".join(f"{speed:10.1f}" for speed in speeds), flush=True
                )
    return 0


def seconds(shape: tuple[int, int], machine: int, context: Callable[[], Any]) -> list[float]:
    """To look ahead, to code and to decode."""
    x = np.random.default_rng(0).normal(0, SCALE, shape)
    hints = Hints(*(np.zeros(size, dtype=np.int64) for size in shape))
    codec, times = Factor(hints, BOUND), [process_time()]
    with context():
        (value,) = rounded([RoundingTask(x, hints)], machine)
        assert value is not None, "these suit a trellis"
        times.append(process_time())
        out = encode(codec, value)
        payload = out.payload()
        times.append(process_time())
        decode(codec, payload, out.bits)
        times.append(process_time())
    return np.diff(times).tolist()


if __name__ == "__main__":
    sys.exit(main())
