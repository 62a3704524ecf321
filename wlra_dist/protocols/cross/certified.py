"""`certificate = "rows"`: what rows that no fit has seen prove of it, and how low a loss must be for them to prove it.

Servers send s Gaussian combinations of the rows of their columns before anything is asked for. The coordinator lays
them aside: requests and fits rest on the other rows, and on how often a proof has failed. So the output of each look
is settled without them; what is proven of it fails with its part of the chance delta.
"""

from collections.abc import Sequence
from math import log, sqrt
from typing import NamedTuple

import numpy as np

from wlra_dist.linalg.spectral.decompositions import singular_values
from wlra_dist.protocols.cross.fresh_rows import fresh_rows, gaussian
from wlra_dist.protocols.cross.judge import Judged
from wlra_dist.protocols.cross.planning import entry_variance
from wlra_dist.protocols.cross.proof import LOSS_EVENTS, TAIL_EVENTS, Seen, at_most, largest_at_most, tail_at_least

SHARE = 0.2
"""Of the noise of an entry: what rounding adds to it."""

_FORESEEN = 7
"""The purpose of these coins."""

_LEAST_ROOM = 0.3
"""No loss is asked to be lower than this part of the target."""


class Proven(NamedTuple):
    """A loss that is no more, and a tail that is no less, but for the chance."""

    loss: float
    bound: float


def exponent_of_chance(delta: float, parts: int) -> float:
    """x for which all inequalities of a look at so many parts hold but for a chance of delta."""
    return log(parts * (LOSS_EVENTS + TAIL_EVENTS) / delta)


def step_of(judged: Judged) -> float:
    """Of the rounding of fresh rows: an entry of GR has the variance of n entries of R."""
    return sqrt(12 * SHARE * judged.known.part.shape[0] * entry_variance(judged))


def proven(judged: Sequence[Judged], fresh: Sequence[Seen], x: float) -> Proven:
    """Of all parts together."""
    of_parts = [_proven(each, rows, x) for each, rows in zip(judged, fresh, strict=True)]
    units = [2 * each.known.unit for each in judged]
    loss, bound = (sum(map(float, np.ldexp(values, units))) for values in zip(*of_parts, strict=True))
    return Proven(loss, bound)


def _proven(judged: Judged, fresh: Seen, x: float) -> Proven:
    known = judged.known
    s = len(fresh.rows)
    if judged.empty:
        return _bounds(fresh, fresh, known.part.K, x, 0.0)
    L, X = judged.output()
    G = gaussian(known.part, known.seed, s)
    rest = Seen(fresh.rows - (G @ L) @ X, fresh.step)
    return _bounds(fresh, rest, known.part.K, x, _singular_value(L, X, known.part.K))


def _bounds(fresh: Seen, rest: Seen, K: int, x: float, of_output: float) -> Proven:
    """From GB and GR; σ_{K+1}(B) is at most that of the output and σ₁(R) together (Weyl 1912)."""
    largest = (of_output + sqrt(largest_at_most(rest, x))) ** 2
    return Proven(at_most(rest, x), tail_at_least(fresh, K, x, largest))


def _singular_value(L: np.ndarray, X: np.ndarray, K: int) -> float:
    """σ_{K+1}(LX)."""
    R = np.linalg.qr(L, mode="r")
    found = singular_values(R @ X)
    return float(found[K]) if len(found) > K else 0.0


def room(judged: Sequence[Judged], x: float) -> float:
    """What part of the target a loss may be to be proven, as foreseen on matrices like this one."""
    sizes = [float(np.ldexp(each.bound, 2 * each.known.unit)) for each in judged]
    foreseen = [_room(each, x) for each in judged]
    return max(float(np.dot(sizes, foreseen)) / sum(sizes), _LEAST_ROOM) if sum(sizes) else 1.0


def _room(judged: Judged, x: float) -> float:
    """Of a part: how far a proven tail and a proven loss are from what they are of."""
    part, t = judged.known.part, judged.known.t
    coins, s = part.coins(judged.known.seed, _FORESEEN, t), fresh_rows(part)
    like, fit = judged.like(coins)
    G, step = coins.standard_normal((s, part.shape[0])), step_of(judged)
    rounding = step * (coins.random((s, part.shape[1])) - 0.5)
    whole, rest = (Seen(G @ R + rounding, step) for R in (like, like - fit))
    found = _bounds(whole, rest, part.K, x, float(singular_values(fit)[part.K]))
    loss, tail = np.square(like - fit).sum(), np.square(singular_values(like)[part.K :]).sum()
    return float(found.bound / tail * loss / found.loss)
