"""All columns as combinations of those that the coordinator of `sketch_qrcp` knows, and the loss by the check.

The check is signed sums of rows that were not used for the choice. Where a server sent directions, the sums are of
these: with B = QY + E and rows of X that are combinations of Y's, ‖B − C X‖² = ‖E‖² + ‖QY − C X‖², and the server
knows ‖E‖².
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from wlra_dist.codecs.base.grid import step
from wlra_dist.linalg.blocks import column_energies, dense_columns
from wlra_dist.linalg.estimate import Estimate
from wlra_dist.linalg.spectral.decompositions import eigenvalues, svd
from wlra_dist.protocols.common_columns.common_columns import Span
from wlra_dist.protocols.sketched.block_sketch import BlockSketch
from wlra_dist.protocols.sketched.tail import SketchedPart
from wlra_dist.weights import Weights
from wlra_dist.weights.reweighted import ReweightedBlock, ReweightedSolution
from wlra_dist.weights.weighing import column_runs, others


@dataclass(frozen=True, eq=False)
class FittedPart:
    """The columns of a part as combinations of the known ones among them.

    Attributes:
        inside: which known columns lie in the part.
        places: theirs among all columns.
        L: its rows of them (n_p×c).
        X: c×d.
    """

    sketched: SketchedPart
    seed: int
    inside: np.ndarray
    places: np.ndarray
    L: np.ndarray
    X: np.ndarray

    @classmethod
    def of(cls, sketched: SketchedPart, span: Span, seed: int) -> "FittedPart":
        """X by least squares on the sketches, in as many directions as the part may have."""
        inside = np.flatnonzero(np.isin(span.S, sketched.part.place.columns))
        L = dense_columns(span.L, inside)[sketched.part.place.rows]
        if not len(inside) or not sketched.rank:
            return cls(sketched, seed, inside, span.S[inside], L, np.zeros((len(inside), sketched.Y.shape[1])))
        SL = sketched.part.sketch(L, seed)
        _, sigma, Vt = svd(np.asarray(np.linalg.qr(L, mode="r")))
        rank = min(sketched.rank, int((sigma > len(L) * np.finfo(float).eps * sigma[0]).sum()))
        V = Vt[:rank].T / sigma[:rank]
        return cls(sketched, seed, inside, span.S[inside], L, V @ np.linalg.lstsq(SL @ V, sketched.Y, rcond=None)[0])

    @cached_property
    def known_leave(self) -> np.ndarray:
        """The loss that LX would have on the known columns (d), 0 for others; the output has the known ones exactly."""
        places = np.searchsorted(self.sketched.part.place.columns, self.places)
        left = np.zeros(self.X.shape[1])
        left[places] = np.square(self.L - self.L @ self.X[:, places]).sum(axis=0)
        return left

    def sums(self, columns: np.ndarray, W: Weights, i: int, *, rounded: bool) -> np.ndarray:
        """The check of server i on W∘Ã, on these columns of the part (t×|columns|)."""
        part, X = self.sketched.part, self.X[:, columns]
        if part.turned:
            return part.check(self.L, self.seed, i, part.checks) @ X
        W_here = W.rows(part.place.rows).block(part.place.columns[columns])
        block = ReweightedBlock(W_here, self.inside[:0], self.L, X, rounded=rounded, weighted=True)
        sums = np.empty((part.checks, len(columns)))
        for run in column_runs(*block.shape):
            here = np.arange(len(columns))[run]
            sums[:, run] = part.check(W_here.dense(here) * block.columns(here), self.seed, i, part.checks)
        return sums


@dataclass(frozen=True, eq=False)
class Fit:
    """All columns as combinations of those that are known.

    Attributes:
        weighted: whether the known columns are B's in place of A's.
        rounded: whether Ã is rounded to integers.
        chance: that the loss is above `at_most`.
    """

    W: Weights
    span: Span
    parts: list[FittedPart]
    weighted: bool
    rounded: bool
    chance: float

    @property
    def at_most(self) -> float:
        """An upper bound on the loss that fails with the chance."""
        known, estimate, _, _ = self._judged
        return max(known + estimate.at_most(self.chance), 0.0)

    @property
    def by_column(self) -> tuple[np.ndarray, np.ndarray]:
        """The columns of sketched parts that are not known, and what each leaves; in all, `at_most`."""
        _, _, columns, losses = self._judged
        total = float(losses.sum())
        return columns, losses * (self.at_most / total if total else 0.0)

    @cached_property
    def _judged(self) -> tuple[float, Estimate, np.ndarray, np.ndarray]:
        """What is known of the loss, an estimate of the rest, the columns that are not known, and their losses."""
        known, estimate, columns, losses = 0.0, Estimate(), [np.zeros(0, dtype=np.int64)], [np.zeros(0)]
        for part in self.parts:
            for i, sketch, run in zip(part.sketched.servers, part.sketched.sketches, part.sketched.runs, strict=True):
                own = np.arange(part.X.shape[1])[run]
                judge = self._by_directions if sketch.framed and part.sketched.part.turned else self._by_columns
                more, seen, squares = judge(part, i, sketch, own)
                rest = ~np.isin(part.sketched.part.place.columns[own], self.span.S)
                known, estimate = known + more, estimate + seen
                columns.append(part.sketched.part.place.columns[own[rest]])
                losses.append(np.maximum(squares[rest], 0.0))
        return known, estimate, np.concatenate(columns), np.concatenate(losses)

    def _by_columns(
        self, part: FittedPart, i: int, sketch: BlockSketch, own: np.ndarray
    ) -> tuple[float, Estimate, np.ndarray]:
        """The loss by sums of the columns themselves; the loss of known columns is 0."""
        rest = ~np.isin(part.sketched.part.place.columns[own], self.span.S)
        errors = np.zeros(sketch.check.shape)
        errors[:, rest] = sketch.GB[:, rest] - part.sums(own[rest], self.W, i, rounded=self.rounded)
        rounding = float(step(sketch.exponents[2])) ** 2 / 12 * bool(sketch.exponents[2])
        squares = np.square(errors).mean(axis=0) - rounding * rest
        return -rounding * int(rest.sum()), _mean(errors), squares

    def _by_directions(
        self, part: FittedPart, i: int, sketch: BlockSketch, own: np.ndarray
    ) -> tuple[float, Estimate, np.ndarray]:
        """The loss by sums of directions: ‖E‖² and the estimate of QY − C X, less the loss of CX on known columns."""
        G_L = part.sketched.part.check(part.L, part.seed, i, part.sketched.part.turned)
        errors = sketch.GQ @ sketch.Y - G_L @ part.X[:, own]
        rounding = float(step(sketch.exponents[2])) ** 2 / 12 * sketch.left.shape[1]
        home = float(sketch.missed[0] + sketch.missed[2])
        on_known = part.known_leave[own].sum()
        squares = np.square(errors).mean(axis=0) + home / len(own) - rounding
        return home - on_known - rounding * len(own), _mean(errors), squares

    @property
    def solution(self) -> ReweightedSolution:
        """One block for all columns; received columns that are 0 are left out."""
        W, span, weighted = self.W, self.span, self.weighted
        X = np.zeros((len(span.S), W.shape[1]))
        for part in self.parts:
            X[np.ix_(part.inside, part.sketched.part.place.columns)] = part.X
        X[:, span.S] = np.eye(len(span.S))
        kept = np.flatnonzero(column_energies(span.L) > 0)
        S = span.S[kept[:0] if weighted else kept]  # rounded columns are none of A's
        X = X[np.ix_(kept, others(S, W.shape[1]))]
        return ReweightedSolution([ReweightedBlock(W, S, span.C[:, kept], X, self.rounded, weighted)])


def _mean(errors: np.ndarray) -> Estimate:
    """Of the energy that each row of independent sums shows."""
    small = errors @ errors.T if len(errors) <= errors.shape[1] else errors.T @ errors
    values = np.maximum(eigenvalues(small), 0.0)
    return Estimate.of_eigenvalues(values, len(errors)).times(1 / len(errors))
