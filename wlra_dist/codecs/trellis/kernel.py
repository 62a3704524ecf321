"""The trellis coder's loops in C (kernel.c), where this installation has them built: the bits of numpy, sooner.

Whoever calls has the same in numpy, for where there was no compiler. What was built carries the digest of its source in
its name: what is of an older source is not found.
"""

from collections.abc import Callable
from ctypes import CDLL, c_int64, c_void_p
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from wlra_dist.codecs.base.codec import DecodeError
from wlra_dist.codecs.entropy.entropy import RULED_OUT, Interval, cumulative
from wlra_dist.codecs.trellis.machine import CLASSES, Wiring

_SOURCE = Path(__file__).with_name("kernel.c")

_MOST_SHIFT = 48
"""Low bits that an entry may have: of more, values would not fit."""


@dataclass(frozen=True)
class Kernel:
    """The loops; `width` is the number of lanes that entries make."""

    loaded: CDLL

    def nearest(
        self, wiring: Wiring, width: int, y: np.ndarray, rows: np.ndarray, shifts: np.ndarray, bits: np.ndarray,
        points: np.ndarray, price: np.ndarray,
    ) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
        """(values, classes) of `viterbi.nearest`; bits and points are those of its prices."""
        (m, N), levels = y.shape, len(points)
        _check(rows, shifts, levels)
        v, classes = np.empty((m, N), dtype=np.int64), np.empty((m, N), dtype=np.int64)
        _call(
            self.loaded.nearest, len(wiring.classes), wiring.before, wiring.costly, bits.astype(np.float32, copy=False),
            points, levels, m, N, width, y, rows, shifts, price, v, classes,
        )  # fmt: skip
        return v, classes

    def classes(self, wiring: Wiring, width: int, v: np.ndarray) -> np.ndarray:
        """The class of the state of each value of a path (flat)."""
        found = np.empty(v.shape, dtype=np.int64)
        _call(self.loaded.classes, wiring.next, wiring.classes, v.size, width, v, np.zeros(width, np.int64), found)
        return found

    def decoded(
        self, wiring: Wiring, width: int, words: np.ndarray, shares: np.ndarray, rows: np.ndarray, shifts: np.ndarray,
        raw: np.ndarray,
    ) -> tuple[np.ndarray, Interval]:  # fmt: skip
        """The values of a path (flat) that words tell, and where they leave the coder; tables by class and level."""
        tables = cumulative(shares)
        models, symbols = shares.shape
        levels = models // CLASSES
        _check(rows, shifts, levels)
        v, interval = np.empty(rows.shape, dtype=np.int64), np.zeros(3, dtype=np.uint64)
        failed = _call(
            self.loaded.decoded, words, words.size, tables, symbols, levels, wiring.next, wiring.classes, rows.size,
            width, rows, shifts, raw, np.zeros(width, np.int64), v, interval,
        )  # fmt: skip
        if failed:
            raise DecodeError(RULED_OUT)
        return v, Interval(*interval.tolist())


@cache
def kernel() -> Kernel | None:
    """What was built of kernel.c; None where nothing was, or what was built is for another kind of machine."""
    try:
        digest = sha256(_SOURCE.read_bytes()).hexdigest()[:12]  # as launch/build_kernel.py names it
        return Kernel(CDLL(str(_SOURCE.with_name(f"kernel-{digest}.bin"))))
    except OSError:
        return None


def _check(rows: np.ndarray, shifts: np.ndarray, levels: int) -> None:
    """IndexError if an entry has a level that is not in the tables: C would not ask."""
    for each, end in ((rows, levels), (shifts, _MOST_SHIFT)):
        if each.size and not 0 <= int(each.min()) <= int(each.max()) < end:
            raise IndexError(f"levels and shifts from 0 to {end - 1} were expected, found {each.min()} … {each.max()}")


def _call(loop: Callable[..., int], *given: Any) -> int:
    """The loop with these arrays, made contiguous, and integers."""
    held = [each if isinstance(each, int) else np.ascontiguousarray(each) for each in given]
    return loop(*(c_int64(each) if isinstance(each, int) else c_void_p(each.ctypes.data) for each in held))
