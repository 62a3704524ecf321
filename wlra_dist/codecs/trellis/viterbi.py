"""The sender's choice: of all paths through the machine, the one with the least error and bits (Viterbi 1967).

Several matrices of one size are worked on at once, side by side: a step of the loop costs about the same for many runs
as for a few, so that a sender tries several steps, prices and scales for the time of one.
"""

from typing import NamedTuple

import numpy as np

from wlra_dist.codecs.trellis.kernel import kernel
from wlra_dist.codecs.trellis.machine import CLASSES, Machine, wiring
from wlra_dist.codecs.trellis.tables import CENTRED, MAGNITUDES, SIXTEENTHS

_PIECE = 1 << 13
"""Entries that are looked at together: what is computed of them stays in the cache."""


class Prices(NamedTuple):
    """What the sender goes by.

    Attributes:
        bits: of a magnitude, with its sign (classes × levels × MAGNITUDES).
        points: what the values 0 … CENTRED stand for, in sixteenths of a step (levels × (CENTRED + 1)).
    """

    bits: np.ndarray
    points: np.ndarray


class Path(NamedTuple):
    """What was chosen: values in steps, and the class of the state that each has (both m×N)."""

    v: np.ndarray
    classes: np.ndarray


def nearest(
    machine: Machine, y: np.ndarray, rows: np.ndarray, shifts: np.ndarray, prices: Prices, price: np.ndarray
) -> Path:
    """The paths v with the least Σ(y − v)² + price·bits, for m matrices of N entries each.

    Args:
        machine: whose paths.
        y: numbers in steps (m×N).
        rows: the level of each (m×N), among those of the tables.
        shifts: low bits of each that have no price of their own (m×N).
        prices: of values.
        price: of a bit, in squared steps (m).
    """
    loaded = kernel()
    if loaded:
        width = machine.lanes(y.shape[1])
        return Path(*loaded.nearest(wiring(machine), width, y, rows, shifts, prices.bits, prices.points, price))
    return nearest_in_numpy(machine, y, rows, shifts, prices, price)


def nearest_in_numpy(
    machine: Machine, y: np.ndarray, rows: np.ndarray, shifts: np.ndarray, prices: Prices, price: np.ndarray
) -> Path:
    """The same where there is no kernel."""
    m, N = y.shape
    width, padding = machine.lanes(N), -N % machine.lanes(N)
    y, rows, shifts = (np.pad(each, ((0, 0), (0, padding))) for each in (y, rows, shifts))
    costs, values = _branches(y, rows, shifts, prices, price)
    length = (N + padding) // width
    shape = 2 * CLASSES, m, length, width
    steps = np.ascontiguousarray(costs.reshape(shape).transpose(2, 0, 1, 3)).reshape(length, 2 * CLASSES, m * width)
    chosen = _cheapest(machine, steps)
    flat = chosen.reshape(length, m, width).transpose(1, 0, 2).reshape(m, -1)
    v = np.take_along_axis(values, flat[None], axis=0)[0]
    return Path(v[:, :N], flat[:, :N] >> 1)


def _branches(
    y: np.ndarray, rows: np.ndarray, shifts: np.ndarray, prices: Prices, price: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(costs, values) of the best value of each coset for each class ((2·classes)×m×N): 2·class + branch.

    A value is tried that is nearest within its coset, and the one before it on the way to 0.
    """
    costs = np.empty((2 * CLASSES, *y.shape), dtype=np.float32)
    values = np.empty((2 * CLASSES, *y.shape), dtype=np.int64)
    size = max(1, _PIECE // len(y))
    for start in range(0, y.shape[1], size):
        run = slice(start, start + size)
        _fill(costs[..., run], values[..., run], y[:, run], rows[:, run], shifts[:, run], prices, price[:, None])
    return costs, values


def _fill(
    costs: np.ndarray,
    values: np.ndarray,
    y: np.ndarray,
    rows: np.ndarray,
    shifts: np.ndarray,
    prices: Prices,
    due: np.ndarray,
) -> None:
    """The same for some columns of the matrices, in place."""
    levels, table = prices.points.shape[0], prices.bits.reshape(-1)
    for coset in range(4):
        odd, branch = coset & 1, coset >> 1
        near = 4 * np.rint((y - coset) / 4).astype(np.int64) + coset
        below = near - 4 * np.sign(near)
        tried = [(v, _error(y, v, rows, shifts, prices), _magnitudes(v, shifts)) for v in (near, below)]
        for of_class in (2,) if odd else (0, 1):
            start = (of_class * levels + rows) * MAGNITUDES
            first, second = (error + due * table.take(start + size) for _, error, size in tried)
            costs[2 * of_class + branch] = np.minimum(first, second)
            values[2 * of_class + branch] = np.where(second < first, below, near)


def _error(y: np.ndarray, v: np.ndarray, rows: np.ndarray, shifts: np.ndarray, prices: Prices) -> np.ndarray:
    """The squared error of each value."""
    return np.square(y - points(v, rows, shifts, prices.points) / SIXTEENTHS)


def points(v: np.ndarray, rows: np.ndarray, shifts: np.ndarray, centroids: np.ndarray) -> np.ndarray:
    """What values stand for, in sixteenths of a step (int64): small ones for the mean of what is rounded to them."""
    size = np.abs(v)
    small = (size <= CENTRED) & (shifts == 0)
    meant = centroids.take(rows * (CENTRED + 1) + np.minimum(size, CENTRED))
    return np.where(small, np.sign(v) * meant, SIXTEENTHS * v)


def _magnitudes(v: np.ndarray, shifts: np.ndarray) -> np.ndarray:
    """Which of a level's magnitudes each value has, without its low bits."""
    return np.minimum((np.abs(v) >> 1) >> shifts, MAGNITUDES - 1)


def _cheapest(machine: Machine, steps: np.ndarray) -> np.ndarray:
    """2·class + branch (length×lanes) along the path of least cost through each run; `steps` are costs by them."""
    before, costly, _, _ = wiring(machine)
    length, _, lanes = steps.shape
    half = machine.states
    total = np.full((half, lanes), np.inf, dtype=np.float32)
    total[0] = 0
    second = np.empty((length, half, lanes), dtype=bool)
    for t in range(length):
        both = total.take(before, axis=0)
        both += steps[t].take(costly, axis=0)
        np.less(both[half:], both[:half], out=second[t])
        total = np.minimum(both[half:], both[:half])
    chosen = np.empty((length, lanes), dtype=np.int64)
    lane, state = np.arange(lanes), total.argmin(axis=0)
    for t in range(length - 1, -1, -1):
        branch = state + half * second[t].reshape(-1).take(state * lanes + lane)
        chosen[t] = branch
        state = before.take(branch)
    return costly.take(chosen)
