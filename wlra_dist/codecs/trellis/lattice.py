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
from wlra_dist.codecs.trellis.tables import CENTRED, LEVELS, PRICE, SIXTEENTHS, costs, costs_by_shape, tables
from wlra_dist.codecs.trellis.viterbi import Path, Prices, nearest, points

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
        grid = _valued(v[None], Levels.of(scales.absolute(self.hints)[None]), [scales], number)
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
    found_scales = tried([task.hints for task in different.values()], np.stack([t.x for t in different.values()]), most)
    scales_of = dict(zip(different, found_scales, strict=True))
    tries = [(i, scales) for i in fit for scales in scales_of[id(tasks[i].x)]]
    own, chosen = [tasks[i] for i, _ in tries], [scales for _, scales in tries]
    v, chosen, taken = _twice(own, chosen, machine)
    levels = Levels.of(np.stack([scales.absolute(task.hints) for task, scales in zip(own, chosen, strict=True)]))
    grid = _valued(v, levels, chosen, machine)
    errors = np.square(_entries(own) - grid / SIXTEENTHS).sum(axis=1)
    tops = ((np.abs(v) >> 1 >> levels.shifts) + 1).max(axis=1)  # about the largest index; at least that
    least = np.full(len(tasks), np.inf)
    for j, ((i, _), task, scales) in enumerate(zip(tries, own, chosen, strict=True)):
        cost = errors[j] + task.price * (taken[j] + side_bits(scales, task.hints))
        if cost < least[i] and tops[j] <= MOST:
            least[i], shape = cost, task.hints.shape
            found[i] = RoundedEntries(grid[j].reshape(shape), v[j].reshape(shape), scales, machine)
    return found


def _twice(
    tasks: Sequence[RoundingTask], scales: list[Scales], machine: int
) -> tuple[np.ndarray, list[Scales], np.ndarray]:
    """(values as the entries stand, scales, bits) after two passes."""
    relative = np.stack([each.relative(task.hints) for each, task in zip(scales, tasks, strict=True)])
    order = np.argsort(-relative, axis=1, kind="stable")  # as `Scales.order`
    y, relative = (np.take_along_axis(each, order, axis=1) for each in (_entries(tasks), relative))
    v, taken, price = np.zeros_like(relative), np.zeros(len(y)), np.array([task.price for task in tasks])
    for _ in range(2):
        levels = np.maximum(relative + np.array([each.base for each in scales])[:, None], 0)
        v, classes = _paths(y, scales, Levels.of(levels), machine, price)
        scales, taken = refitted(scales, levels, v, classes, costs_by_shape(machine))
    values = np.empty_like(v)
    np.put_along_axis(values, order, v, axis=1)
    return values, scales, taken


def _entries(tasks: Sequence[RoundingTask]) -> np.ndarray:
    return np.stack([task.x.ravel() for task in tasks])


def _paths(y: np.ndarray, scales: Sequence[Scales], levels: Levels, machine: int, price: np.ndarray) -> Path:
    prices = Prices(costs(machine), tables(machine).points.reshape(-1, CENTRED + 1))
    return nearest(MACHINES[machine], y, _by_shape(levels, scales), levels.shifts, prices, price)


def _valued(v: np.ndarray, levels: Levels, scales: Sequence[Scales], machine: int) -> np.ndarray:
    """What paths of this machine stand for, in sixteenths of a step (m×N)."""
    return points(v, _by_shape(levels, scales), levels.shifts, tables(machine).points)


def _by_shape(levels: Levels, scales: Sequence[Scales]) -> np.ndarray:
    """The rows of tables that hold all shapes, one after the other."""
    return levels.rows + LEVELS * np.array([each.shape for each in scales])[:, None]


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
