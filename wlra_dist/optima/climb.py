"""L-BFGS uphill on a concave function, counted in evaluations: every party that climbs so far stands at the same place.

scipy's would do as well, but its BLAS has threads of its own, which nobody has fixed by then, and it keeps
more vectors. For a concave function every step has a curvature of the right sign, so a step is only ever shortened.
"""

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

KEPT = 5
"""Steps that are remembered, as two vectors each."""

FIRST = 0.5
"""The first step, in slopes: what makes each R_l its own minimiser where W∘W is a single term."""

LEAST_GAIN = 1e-4
"""Of what the slope promises, at least so much must be gained; else the step is shortened."""

SHORTER = (0.1, 0.5)
"""By these factors at most and at least."""

PATIENCE = 10
"""Steps over which a climb must have gained something, or is settled."""

SHORTENINGS = 12
"""In a row, after which no way leads up."""


class Climbed(NamedTuple):
    """The highest place: its height, and how many evaluations it took to find."""

    x: np.ndarray
    height: float
    evaluations: int


class _Step(NamedTuple):
    way: np.ndarray
    fall: np.ndarray  # of the slope, along that way
    product: float


def climbed(
    at: Callable[[np.ndarray], tuple[float, np.ndarray]],
    start: np.ndarray,
    evaluations: int,
    enough: Callable[[np.ndarray, float], bool] = lambda _x, _height: False,
    settled: float = 0.0,
) -> Climbed:
    """The highest of the places that so many evaluations lead to.

    Args:
        at: the height and the slope of a place.
        start: the first place.
        evaluations: at most.
        enough: whether to stop at a place, of this height.
        settled: stop where PATIENCE steps have gained less than this share of the height.
    """
    x = start
    height, slope = at(x)
    steps: deque[_Step] = deque(maxlen=KEPT)
    heights, used, length = [height], 1, 1.0
    while used < evaluations and not enough(x, height) and not _is_settled(heights, settled):
        way = _way(slope, steps)
        promised = float(np.vdot(slope, way))
        if promised <= 0:
            break
        length, risen = 1.0, None
        for _ in range(SHORTENINGS):
            if used == evaluations:
                break
            there, slope_there = at(x + length * way)
            used += 1
            if there >= height + LEAST_GAIN * length * promised:
                risen = there, slope_there
                break
            length *= _shorter(height, there, length * promised)
        if risen is None:
            break
        step = _Step(length * way, slope - risen[1], 0.0)
        product = float(np.vdot(step.way, step.fall))
        if product > 0:
            steps.append(step._replace(product=product))
        x = x + step.way
        height, slope = risen
        heights.append(height)
    return Climbed(x, height, used)


def _way(slope: np.ndarray, steps: deque[_Step]) -> np.ndarray:
    """Where to go: the slope, bent by what the last steps told of the curvature (Nocedal 1980)."""
    if not steps:
        return FIRST * slope
    way, shares = slope.copy(), []
    for step in reversed(steps):
        shares.append(float(np.vdot(step.way, way)) / step.product)
        way -= shares[-1] * step.fall
    last = steps[-1]
    way *= last.product / float(np.vdot(last.fall, last.fall))
    for step, share in zip(steps, reversed(shares), strict=True):
        way += (share - float(np.vdot(step.fall, way)) / step.product) * step.way
    return way


def _shorter(height: float, there: float, promised: float) -> float:
    """The factor to the top of the parabola through both heights with the promised slope."""
    least, most = SHORTER
    bend = 2 * (height + promised - there)
    return float(np.clip(promised / bend, least, most)) if bend > 0 else most


def _is_settled(heights: list[float], share: float) -> bool:
    return len(heights) > PATIENCE and heights[-1] - heights[-1 - PATIENCE] < share * abs(heights[-1])
