"""What the coordinator of `sketch_qrcp` does: ask for columns, fit all others to them, judge the fit by the check."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from wlra_dist.linalg.blocks import roundoff
from wlra_dist.linalg.estimate import Estimate
from wlra_dist.optima.tail import farther
from wlra_dist.protocols.common_columns.common_columns import Common, Span, no_columns
from wlra_dist.protocols.common_columns.told_columns import ToldColumns
from wlra_dist.protocols.sketched.block_sketch import BlockSketch
from wlra_dist.protocols.sketched.design import Design
from wlra_dist.protocols.sketched.fit import Fit, FittedPart
from wlra_dist.protocols.sketched.sketches import Part, Plan
from wlra_dist.protocols.sketched.tail import Shown

BEGIN = 1.0
"""Columns are first chosen so that exact coefficients would leave this part of the target; integers forgive more than
that, since rounding takes away the noise that the chosen columns bring."""

MORE, SPARE = 0.08, 0.99
"""Each time that it is not enough, so many more columns are chosen at least, and for this part of the target."""

BATCHES = 6
"""How often the coordinator may ask for columns."""

CHANCE = 0.05
"""That the promise by estimates is broken: half for the lower bound, half for all looks at what is left."""


@dataclass(frozen=True, eq=False)
class Heard:
    """The coordinator's knowledge.

    Attributes:
        shown: by sketched part.
        bound: Σ_i LB_i.
        told: the columns that were sent, batch by batch, by their places among all.
    """

    plan: Plan
    common: Common
    seed: int
    shown: list[Shown]
    bound: float
    told: list[ToldColumns]

    @classmethod
    def of(
        cls, said: Sequence[Sequence[BlockSketch]], bounds: Sequence[float], seed: int, plan: Plan, common: Common
    ) -> "Heard":
        """What the servers' sketches and lower bounds tell."""
        by_part: dict[int, tuple[list[int], list[BlockSketch]]] = {part.number: ([], []) for part in plan.sketched}
        for i, sketches in enumerate(said):
            for (part, _), sketch in zip(plan.told(i), sketches, strict=True):
                servers, told = by_part[part.number]
                servers.append(i)
                told.append(sketch)
        shown = [Shown(part, *by_part[part.number]) for part in plan.sketched]
        return cls(plan, common, seed, shown, sum(bounds), [])

    def with_columns(self, told: ToldColumns) -> "Heard":
        return replace(self, told=[*self.told, told])

    @cached_property
    def S(self) -> np.ndarray:
        """The columns that are known, in the order in which they came."""
        return np.concatenate([np.zeros(0, dtype=np.int64), *(told.S for told in self.told)])

    @cached_property
    def target(self) -> float:
        """What the loss shall be at most: (1+ε) times Σ_i LB_i, or what ‖B_{−K}‖_F² is but for half of CHANCE."""
        least = self.bound
        if self.plan.off is not None:
            estimate = sum((shown.floor for shown in self.shown), Estimate())
            beyond = max(estimate.at_least(CHANCE / 2) - sum(shown.noise for shown in self.shown), 0.0)
            tail = sum(shown.missed for shown in self.shown) + beyond
            least = max(least, farther(tail, sum(shown.energy for shown in self.shown), self.plan.off))
        return max((1 + self.plan.terms.epsilon) * least, self.noise)

    @property
    def noise(self) -> float:
        """No loss below it says anything."""
        n = self.plan.W.whole.shape[0]
        return roundoff(np.dtype(float), n) ** 2 * sum(shown.energy for shown in self.shown)

    # choosing

    def first(self) -> np.ndarray:
        """The columns to begin with; all columns of parts that are not sketched."""
        whole = [part.place.columns for part in self.plan.parts if not part.rows]
        columns = self.plan.terms.columns
        limit = None if columns is None else columns * len(self.plan.W)
        return np.sort(np.concatenate([np.zeros(0, dtype=np.int64), *whole, self._chosen(limit, BEGIN * self.target)]))

    def more(self, last: bool) -> np.ndarray:
        """Columns to add; none if the fit is good enough. The last time, all whose loss is too large."""
        if self.plan.terms.columns or self.fit.at_most <= self.target:
            return np.zeros(0, dtype=np.int64)
        if not last:
            added = self._chosen(None, self._goal, max(1, round(MORE * len(self.S))))
            if len(added):
                return np.sort(added)
        columns, losses = self.fit.by_column
        order = np.argsort(-losses, kind="stable")
        left = np.append(losses[order][::-1].cumsum()[::-1], 0.0)
        return np.sort(columns[order[: int(np.argmax(left <= (1 - MORE) * self.target))]])

    @property
    def _goal(self) -> float:
        """What exact coefficients shall leave, if the fit goes on to leave as many times more."""
        return SPARE * self.target * sum(design.loss for design in self._designs()) / self.fit.at_most

    def _designs(self) -> list[Design]:
        return [Design(shown, self._known(shown.part)) for shown in self.shown]

    def _chosen(self, limit: int | None, goal: float, least: int = 0) -> np.ndarray:
        """Columns one by one, each where it helps most, until the predicted loss meets the goal or there are enough."""
        designs = self._designs()
        chosen: list[int] = []
        while designs and (limit is None or len(chosen) < limit):
            met = all(design.spans for design in designs) and sum(design.loss for design in designs) <= goal
            best = max(designs, key=lambda design: design.gain)
            if (met and len(chosen) >= least) or best.gain <= 0:
                break
            chosen.append(best.take())
        return np.array(chosen, dtype=np.int64)

    def _known(self, part: Part) -> np.ndarray:
        """Which columns of a part are known, counted within it."""
        return np.flatnonzero(np.isin(part.place.columns, self.S))

    # fitting

    @cached_property
    def fit(self) -> Fit:
        """The best of unrounded and rounded coefficients, judged by the check."""
        span = Span.of(no_columns(self.common), *self.told, common=self.common)
        parts = [FittedPart.of(shown, span, self.seed) for shown in self.shown]
        rounded = (True, False) if self.plan.terms.bound is not None else (False,)
        tries = [
            Fit(self.plan.W.whole, span, parts, self.common.rounded, each, CHANCE / 2 / BATCHES) for each in rounded
        ]
        return min(tries, key=lambda fit: fit.at_most)
