"""The sender's search for the fewest bits: how many columns, and how coarse a step."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import numpy as np

from wlra_dist.codecs import Codec
from wlra_dist.codecs.grid import FINENESS
from wlra_dist.forms.basis import oriented_basis
from wlra_dist.forms.sent import Sent
from wlra_dist.linalg.blocks import energy, inner, shape_of

T = TypeVar("T")

GROWTH = 1.12
"""Each try has so many times the columns of the one before."""

ROOM = 0.98
"""The fewest columns to try leave this part of the goal or less unrounded."""

HALVINGS = 40
"""Octaves of finer steps that are tried before giving up."""


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


def while_shorter(describe: Callable[[int], T | None], tries: Iterable[int], code: Codec[Any]) -> Iterator[T]:
    """describe(c) for each c, until twice in a row it gets no shorter."""
    least, worse = np.inf, 0
    for c in tries:
        description = describe(c)
        bits = np.inf if description is None else code.bits(description)
        if description is not None:
            yield description
        worse = worse + 1 if bits >= least else 0
        least = min(least, bits)
        if worse == 2:
            return


def coarsest(at: Callable[[int], T | None], start: int) -> T | None:
    """at(e) for the largest exponent e ≤ start at which it is not None; None if it is None over HALVINGS octaves.

    Steps are halved until one will do; then the octave above it is searched, as if finer were always better.
    """
    for octave in range(HALVINGS):
        low = start - FINENESS * octave
        found = at(low)
        if found is not None:
            break
    else:
        return None
    return bisected(at, low, found, low + FINENESS)


def bisected(at: Callable[[int], T | None], low: int, found: T, high: int) -> T:
    """at(e) for the largest e in low … high − 1 at which it is not None, as if finer were better; found = at(low)."""
    while high - low > 1:
        middle = (low + high) // 2
        better = at(middle)
        low, high, found = (middle, high, better) if better is not None else (low, middle, found)
    return found
