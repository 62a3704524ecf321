"""The coordinator of `sketch_qrcp`: it asks for columns, fits all others to them, and judges the fit by the check."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from wlra_dist.linalg.blocks import roundoff
from wlra_dist.linalg.estimate import Estimate
from wlra_dist.optima.tail import farther
from wlra_dist.protocols.common_columns.common_columns import Common, Span, no_columns
from wlra_dist.protocols.common_columns.sent_columns import SentColumns
from wlra_dist.protocols.sketched.block_sketch import BlockSketch
from wlra_dist.protocols.sketched.design import Design
from wlra_dist.protocols.sketched.fit import Fit, FittedPart
from wlra_dist.protocols.sketched.sketches import PlannedPart, SketchPlan
from wlra_dist.protocols.sketched.tail import SketchedPart

BEGIN = 1.0
"""Columns are first chosen so that exact coefficients would leave this part of the target. For integers fewer columns
would do, since rounding Ã removes the noise that the chosen columns bring."""

MORE, SPARE = 0.08, 0.99
"""Each time that the fit misses the target, at least this part more columns are chosen, for this part of the target."""

BATCHES = 6
"""How often the coordinator may ask for columns."""

CHANCE = 0.05
"""The probability that the promise is broken: half for the lower bound, half for all estimates of the loss."""


@dataclass(frozen=True, eq=False)
class Knowledge:
    """The coordinator's knowledge.

    Attributes:
        sketches: of each sketched part.
        bound: Σ_i LB_i.
        batches: the columns that were sent, batch by batch, by their places among all.
    """

    plan: SketchPlan
    common: Common
    seed: int
    sketches: list[SketchedPart]
    bound: float
    batches: list[SentColumns]

    @classmethod
    def of(
        cls,
        messages: Sequence[Sequence[BlockSketch]],
        bounds: Sequence[float],
        seed: int,
        plan: SketchPlan,
        common: Common,
    ) -> "Knowledge":
        """The knowledge after the servers' sketches and lower bounds."""
        by_part: dict[int, tuple[list[int], list[BlockSketch]]] = {part.number: ([], []) for part in plan.sketched}
        for i, message in enumerate(messages):
            for (part, _), sketch in zip(plan.sketched_of(i), message, strict=True):
                servers, sketches = by_part[part.number]
                servers.append(i)
                sketches.append(sketch)
        parts = [SketchedPart(part, *by_part[part.number]) for part in plan.sketched]
        return cls(plan, common, seed, parts, sum(bounds), [])

    def with_columns(self, batch: SentColumns) -> "Knowledge":
        return replace(self, batches=[*self.batches, batch])

    @cached_property
    def S(self) -> np.ndarray:
        """The columns that are known, in the order in which they were sent."""
        return np.concatenate([np.zeros(0, dtype=np.int64), *(batch.S for batch in self.batches)])

    @cached_property
    def target(self) -> float:
        """The largest loss allowed: (1+ε) times Σ_i LB_i, or times a bound on ‖B_{−K}‖_F² that fails with CHANCE/2."""
        least = self.bound
        if self.plan.off is not None:
            estimate = sum((part.floor for part in self.sketches), Estimate())
            beyond = max(estimate.at_least(CHANCE / 2) - sum(part.noise for part in self.sketches), 0.0)
            tail = sum(part.missed for part in self.sketches) + beyond
            least = max(least, farther(tail, sum(part.energy for part in self.sketches), self.plan.off))
        return max((1 + self.plan.terms.epsilon) * least, self.noise)

    @property
    def noise(self) -> float:
        """The loss that rounding alone may cause."""
        n = self.plan.W.whole.shape[0]
        return roundoff(np.dtype(float), n) ** 2 * sum(part.energy for part in self.sketches)

    # choosing

    def first(self) -> np.ndarray:
        """The columns to begin with; all columns of parts that are not sketched."""
        whole = [part.place.columns for part in self.plan.parts if not part.rows]
        columns = self.plan.terms.columns
        limit = None if columns is None else columns * len(self.plan.W)
        return np.sort(np.concatenate([np.zeros(0, dtype=np.int64), *whole, self._chosen(limit, BEGIN * self.target)]))

    def more(self, last: bool) -> np.ndarray:
        """Columns to add; none if the fit is good enough. In the last batch, all whose own loss is too large."""
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
        """The loss of exact coefficients to aim at, if the fit misses it by the same factor as now."""
        return SPARE * self.target * sum(design.loss for design in self._designs()) / self.fit.at_most

    def _designs(self) -> list[Design]:
        return [Design(sketched, self._known(sketched.part)) for sketched in self.sketches]

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

    def _known(self, part: PlannedPart) -> np.ndarray:
        """Which columns of a part are known, counted within it."""
        return np.flatnonzero(np.isin(part.place.columns, self.S))

    # fitting

    @cached_property
    def fit(self) -> Fit:
        """The best of unrounded and rounded coefficients, judged by the check."""
        span = Span.of(no_columns(self.common), *self.batches, common=self.common)
        parts = [FittedPart.of(sketched, span, self.seed) for sketched in self.sketches]
        rounded = (True, False) if self.plan.terms.bound is not None else (False,)
        tries = [
            Fit(self.plan.W.whole, span, parts, self.common.rounded, to_integers, CHANCE / 2 / BATCHES)
            for to_integers in rounded
        ]
        return min(tries, key=lambda fit: fit.at_most)
