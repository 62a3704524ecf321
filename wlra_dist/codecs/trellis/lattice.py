"""Trellis-coded matrices: each entry at the entropy of its own scale and of the state that it has."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.codec import DecodeError
from wlra_dist.codecs.base.universal import Natural
from wlra_dist.codecs.entropy.entropy import (
    END_LIMIT,
    SYMBOL_LIMIT,
    BlockReader,
    reading_block,
    shares,
    whole_block,
    writing_block,
)
from wlra_dist.codecs.trellis.kernel import kernel
from wlra_dist.codecs.trellis.machine import CLASSES, MACHINES, Machine, wiring
from wlra_dist.codecs.trellis.scale_fit import refitted, side_bits, tried
from wlra_dist.codecs.trellis.scales import MOST_RAW, Hints, Levels, Scales, ScalesCode
from wlra_dist.codecs.trellis.tables import LEVELS, PRICE, SIXTEENTHS, costs, tables
from wlra_dist.codecs.trellis.viterbi import Path, Prices, nearest, points, stacked

LARGEST = 1 << 18
"""Entries of a matrix that may be trellis-coded: of more, the sender's search and a table a symbol take too long."""

SMALL = 3000
"""Of so few entries, two choices of scales are tried at what they cost; else the best by estimate."""

MOST = 511
"""No index is larger without its raw bits."""

_TOP = Natural()


class RoundedEntries(NamedTuple):
    """A matrix as the receiver has it.

    Attributes:
        grid: in sixteenths of a step (int64).
        v: the multiples of a step that it travels as.
        scales: if trellis-coded; None for plain multiples.
        machine: by its number, if trellis-coded.
    """

    grid: np.ndarray
    v: np.ndarray
    scales: Scales | None = None
    machine: int = 0

    @classmethod
    def plainly(cls, v: np.ndarray) -> "RoundedEntries":
        """Multiples of a step as they are."""
        return cls(SIXTEENTHS * v, v)


class RoundingTask(NamedTuple):
    """A matrix x to be rounded, in steps, with what the receiver knows of it and the price of a bit."""

    x: np.ndarray
    hints: Hints
    price: float = PRICE


@dataclass(frozen=True, eq=False)
class Lattice:
    """Matrices that are paths of a machine, row after row; as large as `hints` tells."""

    hints: Hints

    @property
    def suits(self) -> bool:
        """Whether a matrix of this shape may be trellis-coded."""
        return 0 < self._size <= LARGEST

    @property
    def limit(self) -> int:
        return 1 + _TOP.bits(MOST) + self._scales.limit + self._size * (SYMBOL_LIMIT + MOST_RAW) + END_LIMIT

    def write(self, value: RoundedEntries, out: BitWriter) -> None:
        assert value.scales is not None, "only paths are trellis-coded"
        out.uint(value.machine, 1)
        self._scales.write(value.scales, out)
        order = value.scales.order(self.hints)
        levels, v = Levels.of(value.scales.absolute(self.hints)[order]), value.v.ravel()[order]
        odd, low = v & 1, (1 << levels.shifts) - 1
        raised = (v >> 1) + np.where(odd, 0, low + 1 >> 1)
        for shift in _raw(levels):
            here = levels.shifts == shift
            out.words((raised & low)[here].astype(np.uint64), shift)
        high = raised >> levels.shifts
        top = int(np.maximum(high, -1 - high).max())
        _TOP.write(top, out)
        classes = _classes(MACHINES[value.machine], v)
        with writing_block(out) as block:
            block.various(
                high + top + 1, _shares(value.scales.shape, value.machine, top), classes * LEVELS + levels.rows
            )

    def read(self, bits: BitReader) -> RoundedEntries:
        number = bits.uint(1)
        scales = self._scales.read(bits)
        order, raw = scales.order(self.hints), np.zeros(self._size, dtype=np.int64)
        levels = Levels.of(scales.absolute(self.hints)[order])
        for shift in _raw(levels):
            here = levels.shifts == shift
            raw[here] = bits.words(int(here.sum()), shift).astype(np.int64)
        top = _TOP.read(bits)
        if top > MOST:
            raise DecodeError(f"indices of at most {MOST} were due, {top} came")
        v = self._path(bits, number, _shares(scales.shape, number, top), levels, raw)
        v[order] = v.copy()
        return self.valued(v, scales, number)

    def _path(self, bits: BitReader, number: int, shares: np.ndarray, levels: Levels, raw: np.ndarray) -> np.ndarray:
        """The values of a block (flat); `shares` for each class and level."""
        machine, loaded = MACHINES[number], kernel()
        if loaded:
            given = wiring(machine), machine.lanes(self._size)
            return whole_block(bits, self._size, lambda words: loaded.decoded(*given, words, shares, *levels, raw))
        with reading_block(bits, self._size) as block:
            return path_in_numpy(block, machine, shares, levels, raw)

    def valued(self, v: np.ndarray, scales: Scales, number: int) -> RoundedEntries:
        """What a path of this machine stands for (v flat)."""
        levels = Levels.of(scales.absolute(self.hints))
        grid = points(v, levels.rows, levels.shifts, tables(number).points[scales.shape])
        return RoundedEntries(grid.reshape(self.hints.shape), v.reshape(self.hints.shape), scales, number)

    @property
    def _size(self) -> int:
        return self.hints.shape[0] * self.hints.shape[1]

    @property
    def _scales(self) -> ScalesCode:
        return ScalesCode(self.hints.shape)


def rounded(tasks: Sequence[RoundingTask], machine: int = 1) -> list[RoundedEntries | None]:
    """Paths near to matrices of one shape that take few bits, all at once; None for one that does not suit.

    Two passes: values are chosen as if the entries were Gaussian, then again by the distribution that they turn out to
    have. An entry of 2^MOST_RAW does not suit.
    """
    fit = [i for i, task in enumerate(tasks) if Lattice(task.hints).suits and np.abs(task.x).max() < 1 << MOST_RAW]
    found: list[RoundedEntries | None] = [None] * len(tasks)
    if not fit:
        return found
    most = 2 if tasks[fit[0]].x.size <= SMALL else 1
    different = {id(tasks[i].x): tasks[i] for i in fit}  # of others but the price differs
    scales_of = {key: tried(task.hints, task.x, most) for key, task in different.items()}
    tries = [(i, scales) for i in fit for scales in scales_of[id(tasks[i].x)]]
    own, chosen = [tasks[i] for i, _ in tries], [scales for _, scales in tries]
    order = np.stack([each.order(task.hints) for each, task in zip(chosen, own, strict=True)])
    y = np.take_along_axis(np.stack([task.x.ravel() for task in own]), order, axis=1)
    v, chosen, taken = _twice(own, chosen, y, order, machine)
    least = np.full(len(tasks), np.inf)
    for (i, _), task, of, scales, bits in zip(tries, own, v, chosen, taken, strict=True):
        value = Lattice(task.hints).valued(of, scales, machine)
        cost = _error(task, value) + task.price * (bits + side_bits(scales, task.hints))
        if cost < least[i] and _top(value, task.hints) <= MOST:
            found[i], least[i] = value, cost
    return found


def _twice(
    tasks: Sequence[RoundingTask], scales: list[Scales], y: np.ndarray, order: np.ndarray, machine: int
) -> tuple[np.ndarray, list[Scales], np.ndarray]:
    """(values, scales, bits) after two passes; y in the order of the scales, values as the entries stand."""
    price, bits = np.array([task.price for task in tasks]), costs(machine)
    v, taken = np.zeros(y.shape, dtype=np.int64), np.zeros(len(y))
    for _ in range(2):
        levels = np.stack([each.absolute(task.hints) for each, task in zip(scales, tasks, strict=True)])
        levels = np.take_along_axis(levels, order, axis=1)
        v, classes = _paths(y, scales, Levels.of(levels), machine, price)
        scales, taken = refitted(scales, levels, v, classes, bits)
    values = np.empty_like(v)
    np.put_along_axis(values, order, v, axis=1)
    return values, scales, taken


def _paths(y: np.ndarray, scales: Sequence[Scales], levels: Levels, machine: int, price: np.ndarray) -> Path:
    bits, centroids = costs(machine), tables(machine).points
    prices = stacked([Prices(bits[each.shape], centroids[each.shape]) for each in scales])
    rows = levels.rows + LEVELS * np.arange(len(y))[:, None]
    return nearest(MACHINES[machine], y, rows, levels.shifts, prices, price)


def _top(value: RoundedEntries, hints: Hints) -> int:
    """About the largest index; at least that."""
    assert value.scales is not None
    return int(((np.abs(value.v.ravel()) >> 1 >> Levels.of(value.scales.absolute(hints)).shifts) + 1).max())


def _error(task: RoundingTask, value: RoundedEntries) -> float:
    return float(np.square(task.x - value.grid / SIXTEENTHS).sum())


def _classes(machine: Machine, v: np.ndarray) -> np.ndarray:
    """The class of the state of each value of a path (flat)."""
    loaded = kernel()
    return loaded.classes(wiring(machine), machine.lanes(v.size), v) if loaded else classes_in_numpy(machine, v)


def classes_in_numpy(machine: Machine, v: np.ndarray) -> np.ndarray:
    """The same where there is no kernel."""
    _, _, moves, classes = wiring(machine)
    state, found, branch = np.zeros(machine.lanes(v.size), dtype=np.int64), np.empty_like(v), v >> 1 & 1
    for run in machine.positions(v.size):
        state = state[: run.stop - run.start]
        found[run] = classes[state]
        state = moves[2 * state + branch[run]]
    return found


def path_in_numpy(
    block: BlockReader, machine: Machine, shares: np.ndarray, levels: Levels, raw: np.ndarray
) -> np.ndarray:
    """The values of a block (flat), position after position, where there is no kernel."""
    top, size, half = shares.shape[1] // 2 - 1, raw.size, (1 << levels.shifts) >> 1
    _, _, moves, classes = wiring(machine)
    symbols, which, v = (np.zeros(size, dtype=np.int64) for _ in range(3))
    state = np.zeros(machine.lanes(size), dtype=np.int64)
    for run in machine.positions(size):
        state = state[: run.stop - run.start]
        which[run] = classes[state] * LEVELS + levels.rows[run]
        symbols[run] = block.peek(shares, which[run])
        odd = state & 1
        index = (symbols[run] - top - 1 << levels.shifts[run]) + raw[run] - np.where(odd, 0, half[run])
        v[run] = 2 * index + odd
        state = moves[2 * state + (index & 1)]
    block.retrace(symbols, shares, which)
    return v


def _raw(levels: Levels) -> list[int]:
    """The numbers of raw bits that occur."""
    return np.unique(levels.shifts[levels.shifts > 0]).tolist()


def _shares(shape: int, machine: int, top: int) -> np.ndarray:
    """The probabilities of the indices −top−1 … top as the coder has them, a row for each class and level."""
    one_side = tables(machine).masses[shape]
    weights = np.zeros((CLASSES, LEVELS, 2 * top + 2))
    side = one_side[..., : top + 1]
    known = side.shape[-1]
    weights[..., top + 1 : top + 1 + known] = side
    weights[:2, :, top + 1 - known + 1 : top + 1] = side[:2, :, :0:-1]
    weights[2:, :, top + 1 - known : top + 1] = side[2:, :, ::-1]
    return shares(weights.reshape(CLASSES * LEVELS, -1))
