"""From plans to requests: which rows and columns of every part, and by which steps and moduli."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from wlra_dist.codecs.base.grid import FINENESS, LEAST, MOST, exponent_below, step
from wlra_dist.protocols.cross.cosets import LEVELS, level_for
from wlra_dist.protocols.cross.dither import FINEST
from wlra_dist.protocols.cross.known import Known
from wlra_dist.protocols.cross.offsets import at, offset
from wlra_dist.protocols.cross.planning import Plan
from wlra_dist.protocols.cross.requests import Request

FIRST_AIM, LATER_AIM = 1.0, 0.99
"""Parts of the target that the predicted loss is to meet."""

LEAST_ROWS = 20
"""Rows that are asked for at least, so that what they show of the others can be believed."""

_HALVINGS = 60
"""Of the interval of a price: to the last digit."""


class Wanted(NamedTuple):
    """Columns to ask for, and rows that shall be known."""

    columns: int
    rows: int


def choose(plans: Sequence[Plan], target: float) -> list[Wanted]:
    """Columns and rows of each part: together within the target, and a unit of loss costs the same bits in all."""
    first = all(plan.judged.empty for plan in plans)
    aim = FIRST_AIM if first else LATER_AIM
    units = [float(np.ldexp(target, -2 * plan.judged.known.unit)) for plan in plans]
    low, high = -40.0, 80.0  # of log2 of the price of the target
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        at = [plan.at(2**middle / unit) for plan, unit in zip(plans, units, strict=True)]
        left = sum(float(plan.losses[each]) / unit for plan, each, unit in zip(plans, at, units, strict=True))
        low, high = (low, middle) if left <= aim else (middle, high)
    found = [_enough(plan, *plan.at(2**high / unit)) for plan, unit in zip(plans, units, strict=True)]
    stuck = all(each == Wanted(0, plan.judged.known.t) for plan, each in zip(plans, found, strict=True))
    return [_some_more(plan.judged.known) for plan in plans] if stuck else found


def _enough(plan: Plan, columns: int, at: int) -> Wanted:
    """At first, a column and some rows at least; and few, if they tell the others by residues."""
    known, rows = plan.judged.known, int(plan.rows[at])
    n, K, t = known.part.shape[0], known.part.K, known.t
    rows = max(rows, min(LEAST_ROWS, n))
    if not plan.judged.empty:
        return Wanted(columns, rows)
    columns = max(columns, 1)
    return Wanted(min(columns, K + max(2, K // 2)), min(rows, t + K)) if plan.cosets else Wanted(columns, rows)


def _some_more(known: Known) -> Wanted:
    """Where the prediction is content, and the judge is not."""
    return Wanted(max(1, known.part.K // 4), min(known.t + max(2, known.t // 10), known.part.shape[0]))


def ask(plan: Plan, choice: Wanted) -> list[Request | None]:
    """What each server of a part is asked for; None if that is nothing."""
    known = plan.judged.known
    chosen = np.sort(np.array(plan.order[: choice.columns], dtype=np.int64))
    shift = offset(absolute(known, max(plan.step, FINEST * known.rms)), known.exponent)
    exponent = at(shift, known.exponent)
    deviations = (
        plan.judged.deviations / float(step(exponent - FINENESS * known.unit)) if plan.judged.predicts else None
    )
    found: list[Request | None] = []
    for _, run in known.runs:
        own = chosen[(run.start <= chosen) & (chosen < run.stop)]
        rest = np.setdiff1d(np.flatnonzero(known.free[run]) + run.start, own)
        asked = len(own) or (len(rest) and choice.rows > known.t)
        levels = (_level(deviations, own), _level(deviations, rest))
        found.append(Request(shift, choice.rows, own - run.start, levels) if asked else None)
    return found


def absolute(known: Known, size: float) -> int:
    """The exponent of a step of this size in units, in B's own scale."""
    return int(np.clip(exponent_below(size) + FINENESS * known.unit, LEAST, MOST)) if size > 0 else LEAST


def _level(deviations: np.ndarray | None, columns: np.ndarray) -> int:
    """Of a modulus that is wide enough for all these columns, whose deviations are in steps."""
    return LEVELS if deviations is None or not len(columns) else level_for(float(deviations[columns].max()))
