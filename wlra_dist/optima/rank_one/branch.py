"""Branch and bound for k = 1, W > 0 and a short side of at most 8: boxes of u, the worst one split first.

OPT = ‖W∘A‖² − max_u Σ_j num_j²/den_j with num_j = Σ_i W_ij² A_ij u_i and den_j = Σ_i W_ij² u_i², the best v for u. The
value does not change with the length and the sign of u, so charts u_f = 1, |u_i| ≤ 1 are all of it. On a box with the
centre c and m_j = num_j/den_j there,

    num²/den = 2m·num − m²·den + (num − m·den)²/den.

The first two parts are concave and separable in u, the rest is of second order in the box's size: both are bounded in
closed form. Where W has a zero, den may vanish inside a chart, and this bound says nothing.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from wlra_dist.linalg.spectral.spectrum import EPS

SHORT = 8
"""Rows, at most: a chart has one dimension less."""

AT_ONCE = 512
"""Boxes that are split together: as much as is quick in one array."""

MOST = 2**20
"""Boxes in memory; a few hundred MB."""


class Boxes(NamedTuple):
    """Boxes of u: centres and half widths (N×n), bounds on the optimum within (N), and the side to split (N)."""

    centres: np.ndarray
    halves: np.ndarray
    bounds: np.ndarray
    sides: np.ndarray

    def some(self, which: np.ndarray) -> "Boxes":
        return Boxes(*(part[which] for part in self))

    def with_more(self, other: "Boxes") -> "Boxes":
        return Boxes(*(np.concatenate(parts) for parts in zip(self, other, strict=True)))


def suits(squares: np.ndarray, k: int) -> bool:
    """Whether this can enclose the optimum."""
    return k == 1 and min(squares.shape) <= SHORT and bool((squares > 0).all())


def branched(A: np.ndarray, squares: np.ndarray, target: float, go_on: Callable[[float], bool]) -> float:
    """A lower bound on OPT of rank 1: the target, if that is one, or what was known when `go_on` of it became false."""
    if A.shape[0] > A.shape[1]:
        A, squares = A.T, squares.T
    n = len(A)
    charts = Boxes(np.eye(n), 1 - np.eye(n), np.zeros(n), np.zeros(n, dtype=np.int64))
    boxes = _bounded(A, squares, charts)
    while True:
        boxes = boxes.some(boxes.bounds < target)
        reached = float(boxes.bounds.min(initial=target))
        if not len(boxes.bounds) or len(boxes.bounds) > MOST or not go_on(reached):
            return max(0.0, reached)
        worst = np.argpartition(boxes.bounds, min(AT_ONCE, len(boxes.bounds) - 1))[:AT_ONCE]
        others = np.ones(len(boxes.bounds), dtype=bool)
        others[worst] = False
        boxes = boxes.some(others).with_more(_bounded(A, squares, _split(boxes.some(worst))))


def _split(boxes: Boxes) -> Boxes:
    """Both halves of each box."""
    every = np.arange(len(boxes.sides))
    halves = boxes.halves.copy()
    halves[every, boxes.sides] /= 2
    shift = np.zeros_like(halves)
    shift[every, boxes.sides] = halves[every, boxes.sides]
    two = Boxes(boxes.centres - shift, halves, boxes.bounds, boxes.sides)
    return two.with_more(two._replace(centres=boxes.centres + shift))


def _bounded(A: np.ndarray, squares: np.ndarray, boxes: Boxes) -> Boxes:
    """The boxes with their bounds, less rounding, none below that of the box they came from."""
    c, h = boxes.centres[:, :, None], boxes.halves[:, :, None]
    products = squares * A
    energies = (products * A).sum(axis=0)
    least = squares * np.square(np.maximum(np.abs(c) - h, 0.0))
    den = least.sum(axis=1)
    m = (products * c).sum(axis=1) / (squares * np.square(c)).sum(axis=1)
    pull, bend = (m[:, None, :] * products).sum(axis=2), (np.square(m)[:, None, :] * squares).sum(axis=2)
    best = np.clip(pull / np.where(bend > 0, bend, 1), boxes.centres - boxes.halves, boxes.centres + boxes.halves)
    first = (2 * best * pull - np.square(best) * bend).sum(axis=1)
    weighted = m[:, None, :] * squares
    turns = h * np.maximum(np.abs(products - weighted * (2 * c + h)), np.abs(products - weighted * (2 * c - h)))
    turns += 8 * EPS * h * (np.abs(products) + np.abs(weighted) * (2 * np.abs(c) + h))
    off = turns.sum(axis=1)
    rest = np.divide(np.square(off), den, out=np.full(off.shape, np.inf), where=den > 0)
    nums = np.abs((products * c).sum(axis=1)) + (np.abs(products) * h).sum(axis=1)
    plain = np.divide(np.square(nums), den, out=np.full(nums.shape, np.inf), where=den > 0)
    most = np.minimum(first + rest.sum(axis=1), np.minimum(plain, energies).sum(axis=1))
    sizes = 2 * (np.abs(m)[:, None, :] * np.abs(products)).sum(axis=(1, 2)) + bend.sum(axis=1) + energies.sum()
    bounds = energies.sum() - most - 4 * A.size * EPS * sizes
    shares = np.divide(off, den, out=np.full(off.shape, 1e300), where=den > 0)
    gains = (turns * np.minimum(shares, 1e300 / A.size)[:, None, :]).sum(axis=2) + 1e-9 * boxes.halves
    gains[boxes.halves == 0] = -1.0
    return Boxes(boxes.centres, boxes.halves, np.maximum(bounds, boxes.bounds), gains.argmax(axis=1))
