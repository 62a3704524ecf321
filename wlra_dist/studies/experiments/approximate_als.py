"""How rough may the regressions of alternating minimisation be? (Song, Ye, Yin & Zhang 2023)

What their outline names as the first experiments: the condition number before and after the SRHT preconditioner,
convergence with exact regressions, and the error of the regressions raised until convergence breaks; and, which it
leaves open, noise and missing entries.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np
from annotated_types import Interval

from wlra_dist.inputs.numbers import Noise, Rank, Seed, Size
from wlra_dist.linalg.hadamard import Srht
from wlra_dist.solvers.options import Count, Positive
from wlra_dist.solvers.sketched import preconditioners
from wlra_dist.solvers.squares import DenseSquares
from wlra_dist.studies.experiments.alternation import Perturbed, Regress, Sketched, Start, alternation, started
from wlra_dist.studies.experiments.method import Stated
from wlra_dist.studies.experiments.options import Threads, Trials, require_each_once
from wlra_dist.studies.experiments.planted import Planted
from wlra_dist.studies.experiments.tables import Row, Rows, Tell

Share = Annotated[float, Interval(ge=0, lt=1)]

SKETCH = 8
"""Rows of the sketch over k, as the regressions have them."""

STARTS: tuple[Start, ...] = ("random", "svd")


@dataclass(frozen=True, eq=False)
class ApproximateALSResult:
    """What was found.

    Attributes:
        facts: sizes, and incoherence and gap of the first planted matrix.
        conditions: a row for each condition number of V: of √S_i∘V before and after the preconditioner, median and
            worst of the rows.
        convergence: a row for each start, trial and iteration.
        errors: a row for each error of the regressions, or number of gradient steps, and trial: where it ends.
        noise, missing: a row for each share and trial.
    """

    facts: Row
    conditions: Rows
    convergence: Rows
    errors: Rows
    noise: Rows
    missing: Rows

    @property
    def tables(self) -> dict[str, Rows]:
        """By the names of their files."""
        names = ("conditions", "convergence", "errors", "noise", "missing")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class ApproximateALS:
    """[experiment] kind = "approximate_als".

    Args:
        n, d, k: of the planted matrix.
        conditions: of V, for the preconditioner.
        errors: of regressions, in spectral norm, relative.
        steps: of the sketched regressions.
        noise_levels: over the planted matrix.
        missing_shares: of its entries.
        unseen: the share that is missing where it is not varied.
        clip: μ (`solvers.methods.als`).
        iterations: of each alternation.
        trials: planted matrices of each kind.
        threads: of BLAS.
        seed: of the first one.
    """

    stated: ClassVar[list[Stated]] = []
    """No methods are stated."""

    n: Size
    d: Size
    k: Rank
    conditions: list[Positive]
    errors: list[Noise]
    steps: list[Count]
    noise_levels: list[Noise]
    missing_shares: list[Share]
    unseen: Share = 0.3
    clip: Positive = 8.0
    iterations: Count = 30
    trials: Trials = 3
    threads: Threads = 1
    seed: Seed = 0

    def __post_init__(self) -> None:
        require_each_once(conditions=self.conditions, errors=self.errors, steps=self.steps)
        require_each_once(noise_levels=self.noise_levels, missing_shares=self.missing_shares)
        if self.k >= min(self.n, self.d):
            raise ValueError(f"k: expected less than n and d, got {self.k}")

    def run(self, tell: Tell) -> ApproximateALSResult:
        """All five parts."""
        first = self._planted(0, 0.0, self.unseen)
        facts = {"n": self.n, "d": self.d, "k": self.k, "incoherence": first.incoherence, "gap": first.gap}
        parts = (self._conditions, self._convergence, self._errors, self._noise, self._missing)
        found: list[Rows] = []
        for part in parts:
            tell(part.__name__.removeprefix("_"))
            found.append(list(part()))
        return ApproximateALSResult(facts, *found)

    def _planted(self, trial: int, noise: float, missing: float) -> Planted:
        return Planted.drawn((self.n, self.d), self.k, noise, missing, self.seed + trial)

    def _conditions(self) -> Iterator[Row]:
        rng = np.random.default_rng(self.seed)
        S = np.square(rng.lognormal(size=(self.n, self.d)))
        left, right = (np.linalg.qr(rng.standard_normal((side, self.k)))[0] for side in (self.k, self.d))
        sketch = Srht.random(self.d, SKETCH * self.k, rng)
        for condition in self.conditions:
            V = left * np.geomspace(1, 1 / condition, self.k) @ right.T
            rows = np.sqrt(S)[:, :, None] * V.T
            before, after = (np.linalg.cond(M) for M in (rows, rows @ preconditioners(V, DenseSquares(S), sketch)))
            facts = {"before": float(np.median(before)), "before_most": float(before.max())}
            yield {"condition": condition, **facts, "after": float(np.median(after)), "after_most": float(after.max())}

    def _convergence(self) -> Iterator[Row]:
        for start in STARTS:
            for trial in range(self.trials):
                planted, rng = self._planted(trial, 0.0, self.unseen), self._rng(trial)
                for i, distance in enumerate(self._distances(planted, start, Perturbed(0.0, rng), rng)):
                    yield {"start": start, "trial": trial, "iteration": i + 1, "distance": distance[0]}

    def _errors(self) -> Iterator[Row]:
        for trial in range(self.trials):
            planted = self._planted(trial, 0.0, self.unseen)
            ways: list[tuple[str, float, Regress]] = [("error", e, Perturbed(e, self._rng(trial))) for e in self.errors]
            ways += [("steps", s, Sketched(s, self._rng(trial))) for s in self.steps]
            for way, level, regress in ways:
                *_, last = found = self._distances(planted, "svd", regress, self._rng(trial))
                facts = {"distance": last[0], "error": float(np.median([error for _, error in found]))}
                yield {"way": way, "level": level, "trial": trial, **facts}

    def _noise(self) -> Iterator[Row]:
        for level in self.noise_levels:
            for trial in range(self.trials):
                yield {"noise": level, **self._ended(self._planted(trial, level, self.unseen), trial)}

    def _missing(self) -> Iterator[Row]:
        for share in self.missing_shares:
            for trial in range(self.trials):
                planted = self._planted(trial, 0.0, share)
                yield {"missing": share, "gap": planted.gap, **self._ended(planted, trial)}

    def _ended(self, planted: Planted, trial: int) -> Row:
        """Where exact regressions end, from an SVD and from a random start."""
        ends: dict[str, Any] = {"trial": trial}
        for start in STARTS:
            rng = self._rng(trial)
            *_, last = self._distances(planted, start, Perturbed(0.0, rng), rng)
            ends[f"distance_{start}"] = last[0]
        return ends

    def _distances(
        self, planted: Planted, start: Start, regress: Regress, rng: np.random.Generator
    ) -> list[tuple[float, float]]:
        """The distance to what was planted, and the error of the regressions, after each iteration."""
        Y = started(planted.A, planted.W, self.k, start, rng)
        iterates = alternation(planted.A, planted.W, Y, self.iterations, self.clip, regress)
        return [(planted.distance(iterate.approximation), iterate.error) for iterate in iterates]

    def _rng(self, trial: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, trial])
