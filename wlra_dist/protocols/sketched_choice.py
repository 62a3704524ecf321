"""What the coordinator of `sketch_qrcp` does: choose columns on the sketches, fit all others to them, judge the fit.

Theorem. For a Gaussian S of ℓ > K rows, E‖(SB)_{−K}‖_F²·ℓ/(ℓ−K) ≤ ‖B_{−K}‖_F².

Proof. With B_K = UUᵀB, SU and S(B − B_K) are independent. SB_K lies in the span of the K columns of SU; off that span
SB is that of S(B − B_K) alone, and keeps (ℓ−K)/ℓ of its energy. The best approximation of rank K leaves no more. ∎

A sparse S with signs is Gaussian enough for rows that many columns share, and the tail of many small singular values
is concentrated: the mean of a row's square has a relative deviation of √(2/ℓ) over the root of their effective number.

Columns are chosen for what their own noise does to the others. If Z (K×d) are the coordinates of the columns in the
leading subspace, a column z = Z_S·x takes ‖x‖² times the noise of a column with it; in total trace((Z_S Z_Sᵀ)⁻¹ ZZᵀ).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from wlra_dist.codecs.block_sketch import BlockSketch
from wlra_dist.codecs.grid import step
from wlra_dist.codecs.told_columns import ToldColumns
from wlra_dist.linalg.blocks import column_energies, dense_columns, roundoff
from wlra_dist.protocols.common_columns import Common, Span, no_columns
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
class Shown:
    """What the coordinator knows of a part: its sketch, its check, and what the sketch does not show.

    Attributes:
        Y: ℓ×d, of all its columns in order.
        check: t×d.
        missed: ‖E‖², which Y does not show, and that energy as each row of the check sees it (1+t).
        noise: the energy that rounding has added to Y, expected.
        rounding: what rounding adds to the square of a number of the check, expected (d).
    """

    part: Part
    Y: np.ndarray
    check: np.ndarray
    missed: np.ndarray
    noise: float
    rounding: np.ndarray

    @cached_property
    def leading(self) -> tuple[np.ndarray, float]:
        """Z, and the energy of Y beyond it."""
        values, V = np.linalg.eigh(self.Y.T @ self.Y) if self.Y.shape[1] <= len(self.Y) else _wide(self.Y)
        values, V = values[::-1], V[:, ::-1]
        alive = values > sum(self.Y.shape) * np.finfo(float).eps * values.max(initial=0.0)
        K = min(self.part.K, int(alive.sum()))
        return np.sqrt(values[:K])[:, None] * V[:, :K].T, float(np.maximum(values[K:][alive[K:]], 0.0).sum())

    @property
    def rank(self) -> int:
        return len(self.leading[0])

    @property
    def tail(self) -> float:
        """An estimate of ‖B_{−K}‖_F² of the part."""
        rows = len(self.Y)
        beyond = self.leading[1] * rows / max(rows - self.rank, 1)
        return float(self.missed[0]) + max(beyond - self.noise, 0.0)


def _wide(Y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues and vectors of YᵀY, ascending, from a singular value decomposition."""
    _, sigma, Vt = np.linalg.svd(Y, full_matrices=False)
    return np.square(sigma)[::-1], Vt[::-1].T


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
        cls, said: Sequence[Sequence[BlockSketch]], bounds: Sequence[np.ndarray], seed: int, plan: Plan, common: Common
    ) -> "Heard":
        """What the servers' sketches and lower bounds tell."""
        by_part: dict[int, list[BlockSketch]] = {part.number: [] for part in plan.sketched}
        for i, sketches in enumerate(said):
            for (part, _), sketch in zip(plan.held(i), sketches, strict=True):
                by_part[part.number].append(sketch)
        shown = [_joined(part, by_part[part.number]) for part in plan.sketched]
        return cls(plan, common, seed, shown, sum(float(bound[0]) for bound in bounds), [])

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
        estimated = sum(shown.tail for shown in self.shown) * (1 - MARGIN * epsilon / (1 + epsilon))
        return max((1 + epsilon) * max(estimated, self.bound), self.noise)

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
        designs = [_Design(shown, self._known(shown.part)) for shown in self.shown]
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


class _Design:
    """Columns of one part, chosen to make trace((Z_S Z_Sᵀ)⁻¹ ZZᵀ) small."""

    def __init__(self, shown: Shown, known: np.ndarray) -> None:
        self.columns = shown.part.place.columns
        self.Z, _ = shown.leading
        self.rank, self.d = self.Z.shape
        self.noise = shown.tail / max(self.d, 1)
        self.energies = column_energies(self.Z)
        self.size = 0
        self.free = self.energies > 0
        # what spans nothing yet is as bad as a column far below the least direction of Z
        least = float(np.square(self.Z).sum(axis=1).min(initial=np.inf)) if self.rank else 1.0
        self.inverse = np.eye(self.rank) / (_WEAK * least)
        self.scatter = self.Z @ self.Z.T
        for j in known:
            self._add(int(j))

    @property
    def spans(self) -> bool:
        return self.size >= self.rank

    @property
    def loss(self) -> float:
        """Of exact coefficients: the noise of columns that are not known, and that of the known ones in them."""
        return self.noise * (self.d - self.size + float(np.vdot(self.inverse, self.scatter)))

    @cached_property
    def _gains(self) -> np.ndarray:
        P = self.inverse @ self.Z
        taken = np.einsum("ij,ij->j", P, self.scatter @ P) / (1 + np.einsum("ij,ij->j", self.Z, P))
        return np.where(self.free, taken, 0.0)

    @property
    def gain(self) -> float:
        """How much less the best column makes the loss; where there is no noise, what is not spanned counts alone."""
        best = float(self._gains.max(initial=0.0))
        if not self.noise and not self.spans and best:
            return float(np.finfo(float).tiny)
        return self.noise * best

    def take(self) -> int:
        """The best column, by its place among all."""
        j = int(self._gains.argmax())
        self._add(j)
        return int(self.columns[j])

    def _add(self, j: int) -> None:
        z = self.Z[:, j]
        Mz = self.inverse @ z
        self.inverse = self.inverse - np.outer(Mz, Mz) / (1 + z @ Mz)
        self.free[j] = False
        self.size += 1
        self.__dict__.pop("_gains", None)


_WEAK = 1e-3


def _joined(part: Part, sketches: Sequence[BlockSketch]) -> Shown:
    """The sketches of all servers side by side; they hold the part's columns in order."""
    rounding = [
        np.full(sketch.check.shape[1], float(step(sketch.exponents[2])) ** 2 / 12 * bool(sketch.exponents[2]))
        for sketch in sketches
    ]
    return Shown(
        part,
        np.hstack([sketch.shown for sketch in sketches]),
        np.hstack([sketch.checks for sketch in sketches]),
        sum((sketch.missed for sketch in sketches), np.zeros(1 + part.checks)),
        sum(sketch.rounding for sketch in sketches),
        np.concatenate(rounding),
    )
