"""What the coordinator of `sketch_qrcp` does: ask for columns, fit all others to them, judge the fit by the check."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from wlra_dist.codecs.block_sketch import BlockSketch
from wlra_dist.codecs.told_columns import ToldColumns
from wlra_dist.linalg.blocks import column_energies, dense_columns, roundoff
from wlra_dist.protocols.common_columns import Common, Span, no_columns
from wlra_dist.protocols.sketched_design import Design
from wlra_dist.protocols.sketched_tail import Shown
from wlra_dist.protocols.sketches import Part, Plan
from wlra_dist.reweighted import ReweightedBlock, ReweightedSolution, column_runs, others

MARGIN = 0.25
"""Of ε/(1+ε): so much of the target is left to the errors of both estimates."""

BEGIN = 1.1
"""Columns are first chosen so that exact coefficients would leave this part of the target; integers forgive more than
that, since rounding takes away the noise that the chosen columns bring."""

MORE = 0.08
"""Each time that it is not enough, so many more columns are chosen."""


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
        by_part: dict[int, list[BlockSketch]] = {part.number: [] for part in plan.sketched}
        for i, sketches in enumerate(said):
            for (part, _), sketch in zip(plan.held(i), sketches, strict=True):
                by_part[part.number].append(sketch)
        shown = [Shown.joined(part, by_part[part.number]) for part in plan.sketched]
        return cls(plan, common, seed, shown, sum(bounds), [])

    def with_columns(self, told: ToldColumns) -> "Heard":
        return replace(self, told=[*self.told, told])

    @cached_property
    def S(self) -> np.ndarray:
        """The columns that are known, in the order in which they came."""
        return np.concatenate([np.zeros(0, dtype=np.int64), *(told.S for told in self.told)])

    @property
    def target(self) -> float:
        """What the loss shall be at most, by estimate: (1+ε) times the larger of both bounds, less a margin."""
        epsilon = self.plan.terms.epsilon
        less = 1 - MARGIN * epsilon / (1 + epsilon)
        if not self.plan.tails:
            return max((1 + epsilon) * less * self.bound, self.noise)
        estimated = sum(shown.tail for shown in self.shown)
        return max((1 + epsilon) * max(less * estimated, self.bound), self.noise)

    @property
    def noise(self) -> float:
        """No loss below it says anything."""
        n = self.plan.W.whole.shape[0]
        return roundoff(np.dtype(float), n) ** 2 * sum(float(np.square(shown.Y).sum()) for shown in self.shown)

    # choosing

    def first(self) -> np.ndarray:
        """The columns to begin with; all columns of parts that are not sketched."""
        whole = [part.place.columns for part in self.plan.parts if not part.rows]
        columns = self.plan.terms.columns
        limit = None if columns is None else columns * len(self.plan.W)
        return np.sort(np.concatenate([np.zeros(0, dtype=np.int64), *whole, self._chosen(limit, BEGIN * self.target)]))

    def more(self, last: bool) -> np.ndarray:
        """Columns to add; none if the fit is good enough. The last time, all whose loss is too large."""
        if self.plan.terms.columns or self.fit.loss <= self.target:
            return np.zeros(0, dtype=np.int64)
        if not last:
            added = self._chosen(max(1, round(MORE * len(self.S))), 0.0)
            if len(added):
                return np.sort(added)
        columns, losses = self.fit.squares[0], self.fit.squares[1].mean(axis=0)
        order = np.argsort(-losses, kind="stable")
        left = np.append(losses[order][::-1].cumsum()[::-1], 0.0)
        return np.sort(columns[order[: int(np.argmax(left <= (1 - MORE) * self.target))]])

    def _chosen(self, limit: int | None, goal: float) -> np.ndarray:
        """Columns one by one, each where it helps most, until the predicted loss meets the goal or there are enough."""
        designs = [Design(shown, self._known(shown.part)) for shown in self.shown]
        chosen: list[int] = []
        while limit is None or len(chosen) < limit:
            ready = all(design.spans for design in designs)
            if not designs or (ready and sum(design.loss for design in designs) <= goal):
                break
            best = max(designs, key=lambda design: design.gain)
            if best.gain <= 0:
                break
            chosen.append(best.take())
        return np.array(chosen, dtype=np.int64)

    def _known(self, part: Part) -> np.ndarray:
        """Which columns of a part are known, counted within it."""
        return np.flatnonzero(np.isin(part.place.columns, self.S))

    # fitting

    @cached_property
    def fit(self) -> "Fit":
        """The best of unrounded and rounded coefficients, judged by the check."""
        span = Span.of(no_columns(self.common), *self.told, common=self.common)
        fits = [(shown, *self._coefficients(shown, span)) for shown in self.shown]
        integer = self.plan.terms.bound is not None
        tries = [Fit(self, span, fits, rounded) for rounded in ((True, False) if integer else (False,))]
        return min(tries, key=lambda fit: fit.loss)

    def _coefficients(self, shown: Shown, span: Span) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Which known columns tell the part, its rows of them (n_p×c), and X (c×d)."""
        inside = np.flatnonzero(np.isin(span.S, shown.part.place.columns))
        L = dense_columns(span.L, inside)[shown.part.place.rows]
        if not len(inside) or not shown.rank:
            return inside, L, np.zeros((len(inside), shown.Y.shape[1]))
        SL = shown.part.sketch(L, self.seed)
        _, sigma, Vt = np.linalg.svd(np.linalg.qr(L, mode="r"), full_matrices=False)
        rank = min(shown.rank, int((sigma > len(L) * np.finfo(float).eps * sigma[0]).sum()))
        V = Vt[:rank].T / sigma[:rank]
        return inside, L, V @ np.linalg.lstsq(SL @ V, shown.Y, rcond=None)[0]


@dataclass(frozen=True, eq=False)
class Fit:
    """All columns by those that are known."""

    heard: Heard
    span: Span
    parts: list[tuple[Shown, np.ndarray, np.ndarray, np.ndarray]]
    rounded: bool

    @cached_property
    def squares(self) -> tuple[np.ndarray, np.ndarray]:
        """The columns of sketched parts that are not known, and the squares of each in the check (t×columns)."""
        found = [self._squares(shown, inside, L, X) for shown, inside, L, X in self.parts]
        if not found:
            return np.zeros(0, dtype=np.int64), np.zeros((1, 0))
        columns, squares = zip(*found, strict=True)
        return np.concatenate(columns), np.hstack(squares)

    @cached_property
    def loss(self) -> float:
        """An estimate of the loss, and its deviation on top: that of the rows of the check from each other.

        Most of a row's error is that of what stayed with the servers, whose true energy they know.
        """
        rows = self.squares[1].sum(axis=1)
        known = sum(shown.missed[0] for shown in self.heard.shown)
        rows = rows - sum((shown.missed[1:] for shown in self.heard.shown), np.zeros(len(rows)))
        deviation = rows.std(ddof=1) / np.sqrt(len(rows)) if len(rows) > 1 else 0.0
        return max(float(known + rows.mean()), 0.0) + float(deviation)

    @property
    def solution(self) -> ReweightedSolution:
        """One block for all columns; columns that came and are 0 need not be kept."""
        W, span, weighted = self.heard.plan.W.whole, self.span, self.heard.common.rounded
        X = np.zeros((len(span.S), W.shape[1]))
        for shown, inside, _, coefficients in self.parts:
            X[np.ix_(inside, shown.part.place.columns)] = coefficients
        X[:, span.S] = np.eye(len(span.S))
        kept = np.flatnonzero(column_energies(span.L) > 0)
        S = span.S[kept[:0] if weighted else kept]  # rounded columns are none of A's
        X = X[np.ix_(kept, others(S, W.shape[1]))]
        return ReweightedSolution([ReweightedBlock(W, S, span.C[:, kept], X, self.rounded, weighted)])

    def _squares(self, shown: Shown, inside: np.ndarray, L: np.ndarray, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        place = shown.part.place
        rest = np.flatnonzero(~np.isin(place.columns, self.span.S))
        W = self.heard.plan.W.whole.rows(place.rows)
        block = ReweightedBlock(
            W.block(place.columns[rest]), inside[:0], L, X[:, rest], rounded=self.rounded, weighted=True
        )
        squares = np.empty((len(shown.check), len(rest)))
        for run in column_runs(*block.shape):
            columns = np.arange(len(rest))[run]
            B = block.W.dense(columns) * block.columns(columns)
            errors = shown.check[:, rest[run]] - shown.part.check(B, self.heard.seed)
            squares[:, run] = np.square(errors)
        return place.columns[rest], squares - shown.rounding[rest]
