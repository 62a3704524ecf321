"""What the coordinator of `rounded` does: set steps, prove what they leave, ask for finer ones."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil, sqrt

import numpy as np

from wlra_dist.codecs.base.codec import DecodeError
from wlra_dist.codecs.base.grid import LEAST, exponent_below, step
from wlra_dist.linalg.blocks import roundoff
from wlra_dist.optima.tail import farther, tail_bound
from wlra_dist.protocols.parts import Deal, Part
from wlra_dist.protocols.rounded.grids import MOST, Finer, First, Grid
from wlra_dist.protocols.rounded.server import places
from wlra_dist.protocols.terms import Terms
from wlra_dist.weights.components import Component
from wlra_dist.weights.rank import examine

COARSE = 1.4
"""The first step, in root mean squares."""

LOOKS = 8
"""How often steps may be made finer: 64^8 times in all, when nothing is left of a double."""

_SPARE = 0.97
"""Steps are set for this part of the loss that would just do."""

_UNSEEN = 0.02
"""A tail below this part of the rounding is not seen; steps are then 16 times finer, and it is looked for again."""

_BLIND = 16
"""By which steps become finer where the loss that is wanted cannot be seen."""

_CUT = 1 + 2.0**-19
"""An energy that was told is no more than so many times what came: it was cut to 20 bits."""


@dataclass(frozen=True, eq=False)
class PartState:
    """What is known of a part.

    Attributes:
        grids: server by server.
        losses: what each server loses.
        places: where W has weight at each server.
    """

    part: Part
    places: Sequence[np.ndarray]
    grids: Sequence[Grid]
    losses: Sequence[float]

    @cached_property
    def B(self) -> np.ndarray:
        """B̂ (n×d)."""
        return np.hstack([_spread(*each) for each in zip(self.places, self.grids, strict=True)])

    @property
    def loss(self) -> float:
        """‖B − B̂‖_F², no less."""
        return sum(self.losses) * _CUT

    @cached_property
    def tail(self) -> float:
        """‖B̂_{−K}‖_F², no more."""
        return tail_bound(self.B, 1, self.part.K)

    @property
    def bound(self) -> float:
        """‖B_{−K}‖_F², no more (Mirsky 1960)."""
        return max(sqrt(self.tail) - sqrt(self.loss), 0.0) ** 2

    @property
    def energy(self) -> float:
        """‖B‖_F², no less."""
        return (float(np.linalg.norm(self.B)) + sqrt(self.loss)) ** 2


@dataclass(frozen=True, eq=False)
class RoundedState:
    """The coordinator's knowledge.

    Attributes:
        bound: Σ_i LB_i.
        coarsest: of each part the exponent of the first step.
    """

    deal: Deal
    terms: Terms
    bound: float
    coarsest: list[int]
    parts: list[PartState]

    @classmethod
    def of(cls, scales: list[list[int]], bounds: list[float], *, deal: Deal, terms: Terms) -> "RoundedState":
        """What scales and lower bounds tell."""
        sizes = zip(deal.by_part(scales), deal.holders, strict=True)
        return cls(deal, terms, sum(bounds), [_coarsest(*each) for each in sizes], [])

    @property
    def steps(self) -> list[list[int]]:
        """For each server the exponents of the first steps."""
        return self.deal.everywhere(self.coarsest)

    def with_first(self, indices: list[list[First]]) -> "RoundedState":
        of_servers = [places(self.deal, i) for i in range(len(self.deal.W))]
        found = zip(
            self.deal.parts, self.deal.by_part(of_servers), self.coarsest, self.deal.by_part(indices), strict=True
        )
        parts = [
            PartState(part, where, [Grid(each.whole, exponent) for each in sent], [each.loss for each in sent])
            for part, where, exponent, sent in found
        ]
        return replace(self, parts=parts)

    def with_digits(self, digits: list[list[Finer | None]]) -> "RoundedState":
        found = zip(self.parts, self.factors_of_parts, self.deal.by_part(digits), strict=True)
        return replace(self, parts=[_finer(part, factor, sent) for part, factor, sent in found])

    @property
    def factors(self) -> list[list[int | None]]:
        """For each server the factors by which its steps shall be finer."""
        return self.deal.everywhere(self.factors_of_parts)

    @cached_property
    def factors_of_parts(self) -> list[int | None]:
        """None where nothing is to be gained."""
        loss = sum(part.loss for part in self.parts)
        if loss <= self.terms.factor * self.bound:
            return [None] * len(self.parts)
        if self._off is None:  # a tail is no bound, and all parts have a share in what the servers' bounds allow
            wanted = self.terms.factor * self.bound
            return [None if part.loss <= self._noise(part) else _factor(part.loss, wanted) for part in self.parts]
        return [self._of(part, self._off) for part in self.parts]

    @property
    def outputs(self) -> list[tuple[Component, np.ndarray, np.ndarray]]:
        """Of each part its place, and B̂ and I."""
        return [(known.part.place, known.B, np.eye(known.B.shape[1])) for known in self.parts]

    @property
    def target(self) -> float:
        """The loss that all parts together may have."""
        if self._off is None:
            return self.terms.factor * self.bound
        return sum(self._target(part, self._off) for part in self.parts)

    def _of(self, part: PartState, off: float) -> int | None:
        """A part on its own: its loss is to be the promised multiple of a bound on its own optimum."""
        if part.loss <= self._target(part, off):
            return None
        return _factor(part.loss, _SPARE * just_enough(self.terms.factor) * max(part.tail - part.loss, 0.0))

    def _target(self, part: PartState, off: float) -> float:
        bound = farther(part.bound, part.energy, off) if off else part.bound
        return max(self.terms.factor * bound, self._noise(part))

    def _noise(self, part: PartState) -> float:
        """No loss of a part below it says anything."""
        return roundoff(np.dtype(float), max(self.deal.W.whole.shape)) ** 2 * part.energy

    @cached_property
    def _off(self) -> float | None:
        return examine(self.deal.W.whole, self.terms.r).off


def just_enough(factor: float) -> float:
    """The largest δ with δ ≤ (1+ε)(√(1+δ) − √δ)² for a factor 1+ε: of such a part of the tail a loss proves it."""
    low, high = 0.0, factor
    for _ in range(60):
        middle = (low + high) / 2
        enough = middle <= factor * (sqrt(1 + middle) - sqrt(middle)) ** 2
        low, high = (middle, high) if enough else (low, middle)
    return low


def _factor(loss: float, wanted: float) -> int:
    """By which steps must be finer to lose so little."""
    if wanted <= _UNSEEN * loss / MOST:
        return MOST if not wanted else _BLIND
    return int(np.clip(ceil(sqrt(loss / wanted)), 2, MOST))


def _finer(part: PartState, factor: int | None, digits: Sequence[Finer | None]) -> PartState:
    sent = [each for each in digits if each is not None]
    if len(sent) != (len(digits) if factor else 0) or any(each.factor != factor for each in sent):
        raise DecodeError("digits of a part were due, and what came is something else")
    if not factor:
        return part
    grids = [grid.finer(each.digits, each.factor) for grid, each in zip(part.grids, sent, strict=True)]
    return replace(part, grids=grids, losses=[each.loss for each in sent])


def _coarsest(scales: list[int], runs: Sequence[tuple[int, slice]]) -> int:
    """The exponent of the first step: COARSE times the root mean square of all columns of a part."""
    top = max(scales)
    if top == LEAST:
        return LEAST
    squares = [float(step(scale - top + 1)) ** 2 * (run.stop - run.start) for scale, (_, run) in zip(scales, runs)]  # noqa: B905
    columns = sum(run.stop - run.start for _, run in runs)
    return top + exponent_below(COARSE * sqrt(sum(squares) / columns))


def _spread(place: np.ndarray, grid: Grid) -> np.ndarray:
    """The numbers where W has weight, 0 elsewhere."""
    block = np.zeros(place.shape)
    block[place] = grid.numbers.ravel()
    return block
