"""The sender's search for the fewest bits: how many columns, and how coarse a step."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import numpy as np

from wlra_dist.codecs.base.grid import FINENESS
from wlra_dist.forms.sent import Sent
from wlra_dist.linalg.blocks import energy, inner, shape_of
from wlra_dist.linalg.oriented_basis import oriented_basis

T = TypeVar("T")

GROWTH = 1.12
"""Each try has so many times the columns of the one before."""

ROOM = 0.98
"""The fewest columns to try leave this part of the goal or less unrounded."""

HALVINGS = 40
"""How often the step is lowered before giving up."""


def lengths(block: Sent, left: np.ndarray, goal: float) -> list[int]:
    """Numbers of columns of `left` to try: from the fewest whose span leaves room in the goal, to all."""
    most = min(left.shape[1], shape_of(block.B)[0])
    Q, _ = oriented_basis(left[:, :most])
    remaining = energy(block.B) - np.cumsum(np.square(inner(Q, block.B)).sum(axis=1))
    enough = np.flatnonzero(remaining <= ROOM * goal)
    tries = [int(enough[0]) + 1 if len(enough) else most]
    while tries[-1] < most:
        tries.append(min(most, max(tries[-1] + 1, round(tries[-1] * GROWTH))))
    return tries


def shortest(describe: Callable[[int], T | None], tries: Iterable[int], size: Callable[[T], float]) -> list[T]:
    """describe(c) for each c, until twice in a row it gets no shorter by `size`; the shortest first."""
    found: list[tuple[float, T]] = []
    least, worse = np.inf, 0
    for c in tries:
        description = describe(c)
        bits = np.inf if description is None else size(description)
        if description is not None:
            found.append((bits, description))
        worse = worse + 1 if bits >= least else 0
        least = min(least, bits)
        if worse == 2:
            break
    return [description for _, description in sorted(found, key=lambda each: each[0])]


def coarsest(at: Callable[[int], T | None], start: int, stride: int = FINENESS) -> T | None:
    """at(e) for the largest exponent e < start + stride at which it is not None; None if it is None at all HALVINGS.

    Steps are lowered by the stride (an octave) until one will do; then the stride above it is searched, as if finer
    were always better.
    """
    for lowered in range(HALVINGS):
        low = start - stride * lowered
        found = at(low)
        if found is not None:
            return bisected(at, low, found, low + stride)
    return None


def coarsest_near(at: Callable[[int], T | None], guess: int) -> T | None:
    """The same without a limit above, for a guess that is good: strides double away from it, then are bisected."""
    low, found, stride = guess, at(guess), 1
    while found is not None:
        better = at(low + stride)
        if better is None:
            return bisected(at, low, found, low + stride)
        low, found, stride = low + stride, better, 2 * stride
    while stride <= FINENESS * HALVINGS:
        low -= stride
        found = at(low)
        if found is not None:
            return bisected(at, low, found, low + stride)
        stride *= 2
    return None


def bisected(at: Callable[[int], T | None], low: int, found: T, high: int) -> T:
    """at(e) for the largest e in low … high − 1 at which it is not None, as if finer were better; found = at(low)."""
    while high - low > 1:
        middle = (low + high) // 2
        better = at(middle)
        low, high, found = (middle, high, better) if better is not None else (low, middle, found)
    return found
