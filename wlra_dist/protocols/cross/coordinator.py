"""What the coordinator of `cross` does: set steps, judge what it has, ask for more, put out."""

from dataclasses import dataclass, replace
from functools import cached_property
from statistics import NormalDist

import numpy as np

from wlra_dist.linalg.blocks import roundoff
from wlra_dist.optima.tail import farther
from wlra_dist.protocols.cross.asking import absolute, ask, choose
from wlra_dist.protocols.cross.certified import exponent_of_chance, proven, room, step_of
from wlra_dist.protocols.cross.dither import FINEST
from wlra_dist.protocols.cross.judge import Judged
from wlra_dist.protocols.cross.known import Known
from wlra_dist.protocols.cross.offsets import QUARTER, offset, usual
from wlra_dist.protocols.cross.planning import plan
from wlra_dist.protocols.cross.proof import Seen
from wlra_dist.protocols.cross.requests import CrossAnswer, Request
from wlra_dist.protocols.cross.turning import turn_back
from wlra_dist.protocols.parts import Deal
from wlra_dist.protocols.terms import Terms
from wlra_dist.weights.components import Component
from wlra_dist.weights.rank import examine

PROBE_STEP = 0.7
"""Of the probe, in root mean squares of the part."""

REFINEMENTS = (2, 4, 8, 16, 18)
"""Binary digits by which a probe is refined, time after time, while its rounding hides the tail."""

_HIDDEN = 0.6
"""The rounding of a probe hides a tail of less than this part of it."""

LOOKS = 8
"""How often the coordinator may ask for more."""

LOWERED = 0.97
"""What a target is multiplied by each time that a proof fails."""

_SHARES = (0.05, 0.55, 0.2, 0.1, 0.05, 0.02, 0.01, 0.01, 0.01)
"""Of the chance that the promise is broken, look by look: at first nothing is put out but 0."""


@dataclass(frozen=True, eq=False)
class CrossState:
    """The coordinator's knowledge.

    Attributes:
        known: part by part.
        sizes: the exponents of ‖B_i‖_F, part by part.
        looks: how often something was asked for.
        fresh: rows that no fit has seen, part by part, where a proof is asked for.
    """

    deal: Deal
    terms: Terms
    seed: int
    known: list[Known]
    sizes: list[list[int]]
    looks: int = 0
    fresh: tuple[Seen, ...] = ()

    @classmethod
    def of(cls, sizes: list[list[int]], seed: int, *, deal: Deal, terms: Terms) -> "CrossState":
        """What the servers' sizes tell."""
        parts = zip(deal.parts, deal.holders, deal.by_part(sizes), strict=True)
        known = [Known.of(part, runs, seed, exponents) for part, runs, exponents in parts]
        return cls(deal, terms, seed, known, deal.by_part(sizes))

    # the probe

    @property
    def probe_steps(self) -> list[list[int]]:
        """For each server the offsets of its parts' probes."""
        sizes = zip(self.known, self._probes, self.sizes, strict=True)
        return self.deal.by_server([_offsets(known, exponent, own) for known, exponent, own in sizes])

    def with_probe(self, indices: list[list[np.ndarray]]) -> "CrossState":
        found = zip(self.known, self._probes, self.deal.by_part(indices), strict=True)
        return replace(self, known=[known.with_probe(exponent, index) for known, exponent, index in found])

    @cached_property
    def _probes(self) -> list[int]:
        """The exponents of the probes, on the grid from which offsets count."""
        return [absolute(known, PROBE_STEP * known.rms) // QUARTER * QUARTER for known in self.known]

    @property
    def hidden(self) -> list[list[int]]:
        """For each server, the parts whose probes are to be refined."""
        return self.deal.everywhere([int(_is_hidden(known)) for known in self.known])

    def refined(self, low: list[list[np.ndarray | None]], before: int, digits: int) -> "CrossState":
        found = zip(self.known, self.deal.by_part(low), strict=True)
        return replace(
            self,
            known=[known.refined(each, before, digits) if _is_hidden(known) else known for known, each in found],
        )

    # fresh rows

    @property
    def proof_steps(self) -> list[list[int]]:
        """For each server the exponents of its parts' fresh rows."""
        return self.deal.everywhere(self._proof_exponents)

    def with_fresh(self, indices: list[list[np.ndarray]]) -> "CrossState":
        found = zip(self.known, self._proof_exponents, self.deal.by_part(indices), strict=True)
        return replace(self, fresh=tuple(known.fresh(exponent, each) for known, exponent, each in found))

    @cached_property
    def _proof_exponents(self) -> list[int]:
        return [absolute(judged.known, max(step_of(judged), FINEST * judged.known.rms)) for judged in self.judged]

    # looks

    @cached_property
    def judged(self) -> list[Judged]:
        return [Judged(known) for known in self.known]

    @cached_property
    def target(self) -> float:
        """The loss to reach by an estimate of a bound on OPT; the lower, the more often a proof has failed."""
        target = self._target(self._sum("bound"))
        room_left = room(self.judged, self._x) * LOWERED**self.looks if self.fresh else 1.0
        return target * room_left

    def _target(self, tail: float) -> float:
        """The promised multiple of a bound on OPT where a tail is no less, or the rounding of B."""
        off = examine(self.deal.W.whole, self.terms.r).off
        assert off is not None, "a tail is a bound here"
        return max(self.terms.factor * farther(tail, self._energy, off), self._noise)

    @property
    def _x(self) -> float:
        return exponent_of_chance(self.terms.delta * _SHARES[self.looks], len(self.known))

    @cached_property
    def spread(self) -> float:
        """What the loss may be above its estimate: each look gets half of the chance that is left."""
        variance = sum(
            float(np.ldexp(judged.variance(self.terms.factor), 4 * judged.known.unit)) for judged in self.judged
        )
        return self._quantile(self.looks) * variance**0.5

    def _quantile(self, look: int) -> float:
        return NormalDist().inv_cdf(1 - self.terms.delta * _SHARES[look])

    @cached_property
    def met(self) -> bool:
        """Whether the promise is kept, by all that is known; by fresh rows alone, where these are to prove it."""
        if self.fresh:
            loss, bound = proven(self.judged, self.fresh, self._x)
            return loss <= self._target(bound)
        return self._sum("loss") + self.spread <= self.target

    @cached_property
    def asked(self) -> list[list[Request | None]]:
        """For each part what its servers are asked for."""
        if self.met:
            return [[None] * len(known.runs) for known in self.known]
        quantile = 0.0 if self.fresh else self._quantile(self.looks + 1)
        plans = [plan(judged, self.terms.epsilon, quantile) for judged in self.judged]
        return [ask(*each) for each in zip(plans, choose(plans, self.target), strict=True)]

    @property
    def requests(self) -> list[list[Request | None]]:
        """For each server what it is asked for, part by part; nothing if the promise is kept."""
        return self.deal.by_server(self.asked)

    def with_answers(self, answers: list[list[CrossAnswer | None]]) -> "CrossState":
        if self.met:
            return self
        found = zip(self.judged, self.asked, self.deal.by_part(answers), strict=True)
        return replace(self, looks=self.looks + 1, known=[_with_answers(*each, self.looks) for each in found])

    @property
    def outputs(self) -> list[tuple[Component, np.ndarray, np.ndarray]]:
        """Of each part its place, and L and X with LX the output there; none for 0."""
        return [
            (judged.known.part.place, turn_back(np.ldexp(L, judged.known.unit), judged.known.part, self.seed), X)
            for judged in self.judged
            if not judged.empty
            for L, X in [judged.output()]
        ]

    # sums over parts, whose units differ

    def _sum(self, name: str) -> float:
        return sum(float(np.ldexp(getattr(judged, name), 2 * judged.known.unit)) for judged in self.judged)

    @property
    def _energy(self) -> float:
        return sum(float(np.ldexp(known.energy, 2 * known.unit)) for known in self.known)

    @property
    def _noise(self) -> float:
        """No loss below it says anything."""
        return roundoff(np.dtype(float), max(self.deal.W.whole.shape)) ** 2 * self._energy


def _offsets(known: Known, exponent: int, sizes: list[int]) -> list[int]:
    """For each server of a part how far the step is from what its own size lets expect."""
    n = known.part.shape[0]
    widths = [run.stop - run.start for _, run in known.runs]
    return [offset(exponent, usual(size, n, width)) for size, width in zip(sizes, widths, strict=True)]


def _with_answers(
    judged: Judged, requests: list[Request | None], answers: list[CrossAnswer | None], look: int
) -> Known:
    predicted = judged.predicted if judged.predicts else None
    return judged.known.with_answers(requests, answers, look, predicted)


def _is_hidden(known: Known) -> bool:
    """Whether the rounding of a probe hides the tail, and may be finer."""
    n, d = known.part.shape
    noise = float(known.row_noise.mean())
    return bool(known.energy) and Judged(known).visible < _HIDDEN * noise * n * d
