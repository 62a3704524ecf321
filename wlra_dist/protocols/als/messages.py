"""The messages of alternating minimisation between two sides that hold one factor each, and what they mean.

The coordinator holds U and the servers V_i, with U's columns orthonormal. What one side can compute is not sent:
- The coordinator sends the change E of U. Both sides then know U + E = QR, take Q for U, and V becomes RV.
- If V stayed as it was, the Gram matrices would become R G Rᵀ and minus half the gradient R(g − Ge). Since V moves,
  they differ from that, and the servers send the difference. The coordinator adds what it receives to its sums.

Numbers are scaled before they are rounded, so that an error of the same size costs the same loss wherever it is. With
s_a = Σ_j S_aj, which is public, and ν_p² the mean of V_p², which is sent, an error δ of row a of U costs about
s_a Σ_p ν_p² δ_p², so √s_a·ν_p·e_ap is rounded; so are g_ap/(√s_a·ν_p), and Gram matrices relative to their means.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from wlra_dist.codecs.base.choice import Choice, OneOf
from wlra_dist.codecs.base.codec import Codec
from wlra_dist.codecs.base.compound import Fields
from wlra_dist.codecs.base.energy import Energy
from wlra_dist.codecs.base.grid import exponent_below, step
from wlra_dist.codecs.base.integers import Count
from wlra_dist.codecs.base.named import Named
from wlra_dist.codecs.multiples import Entries, Multiples, MultiplesCode, have_a_step
from wlra_dist.game import PerParty
from wlra_dist.linalg.oriented_basis import oriented_basis
from wlra_dist.protocols.als.block_squares import BlockSquares, pairs_of
from wlra_dist.protocols.als.exponents import Exponents
from wlra_dist.protocols.rounded_factors import entries_of, exponent_for, finest_near, rounded_within
from wlra_dist.protocols.terms import Terms
from wlra_dist.solvers.methods.svd_w import marginals
from wlra_dist.weights import Weights
from wlra_dist.weights.components import Component, components
from wlra_dist.weights.weighing import column_runs

SILENCE, STEP, END = 0, 1, 2
"""A message is nothing; a half step (a Change, or a server's Sums); or the end (a LastStep, or a server's V_i)."""

SILENT = Choice(SILENCE, 0)


class Opening(NamedTuple):
    """What a server sends before the first half step.

    Attributes:
        bound: LB_i ≤ OPT_i.
        missed: the energy beyond the leading directions.
        leading: these directions, k × rows of the block.
    """

    bound: float
    missed: float
    leading: Multiples


class Change(NamedTuple):
    """How the coordinator changes U.

    Attributes:
        exponents: of ν (k), and of the step of the gradients that the servers send back.
        E: the scaled Eᵀ on the rows that count.
    """

    exponents: np.ndarray
    E: Multiples


class Sums(NamedTuple):
    """What U's half step rests on, beyond what the coordinator can foresee; both matrices are scaled.

    Attributes:
        loss: of the server's block.
        grams: of its Gram matrices.
        gradient: of minus half the gradient.
    """

    loss: float
    grams: Multiples
    gradient: Multiples


class LastStep(NamedTuple):
    """The coordinator's last message.

    Attributes:
        back: 1 if the U before is the better one, else 0.
        growth: the factor by which a server's loss may grow as it rounds V_i.
    """

    back: int
    growth: float


_GRAM_STEP = 1 / 8
"""Over √k: the step of scaled Gram matrices. Errors of entries add up to a matrix of about 0.58·√k times their size."""

GRAM_ERROR = 0.58 * _GRAM_STEP
"""What is added to the mean diagonal, so that rounding does not make a Gram matrix smaller than it is."""

_FEWEST = 1 / 16
"""At least this part of the gradients' entries is taken to be nonzero."""

_FLATTEST = 2.0**-20
"""Scales of V differ by no more."""


@dataclass(frozen=True, eq=False)
class PublicFacts:
    """What follows from W, and is therefore known to all before the game.

    Attributes:
        W: by servers.
        blocks: W_i∘W_i.
        largest: of all weights.
        terms: of the game.
    """

    W: PerParty[Weights]
    blocks: Sequence[BlockSquares]
    largest: float
    terms: Terms

    @classmethod
    def of(cls, W: PerParty[Weights], terms: Terms) -> "PublicFacts":
        largest = max(_largest(W_i) for W_i in W)
        return cls(W, [BlockSquares.of(W_i, largest) for W_i in W], largest, terms)

    @cached_property
    def sizes(self) -> np.ndarray:
        """√s_a (n)."""
        sums = np.zeros(self.W.whole.shape[0])
        for block in self.blocks:
            sums[block.rows] += block.spread(block.totals[None])[0]
        return np.sqrt(sums)

    @cached_property
    def rows(self) -> np.ndarray:
        """The rows that count."""
        return np.flatnonzero(self.sizes)

    @cached_property
    def parts(self) -> list[Component]:
        """The parts of W that share no row and no column: a start is found for each."""
        return components(self.W.whole)

    @cached_property
    def sums(self) -> tuple[np.ndarray, np.ndarray]:
        """Row sums (n) and column sums (d) of W, relative to the largest."""
        return marginals(self.W.whole)

    @cached_property
    def starts(self) -> np.ndarray:
        """Where each server's columns begin, and d."""
        return np.cumsum([0, *(W_i.shape[1] for W_i in self.W)])

    @property
    def entries(self) -> Entries:
        return entries_of(self.terms)

    @property
    def is_rounded(self) -> bool:
        """Whether numbers travel as multiples of a step."""
        return have_a_step(self.entries)

    def noise(self, to: "Moved") -> float:
        """What the rounding of all gradients adds to the gain that is computed from them, in units of S."""
        return float(step(to.exponent)) ** 2 / 12 * self.gradient_numbers(to.E[self.rows]) if self.is_rounded else 0.0

    def gradient_numbers(self, E: np.ndarray) -> float:
        """How many entries of all servers' gradients are not 0, if their share is that of a change E."""
        share = max(np.count_nonzero(E) / max(E.size, 1), _FEWEST)
        return share * min(E.shape) * sum(len(block.rows) for block in self.blocks)

    def near(self, numbers: np.ndarray, exponent: int) -> Multiples:
        """The numbers in multiples of this step, or of the finest step that their code has room for."""
        return Multiples.near(numbers, exponent, self.entries) or finest_near(numbers, self.entries)

    def near_gram(self, numbers: np.ndarray, k: int) -> Multiples:
        """Scaled Gram matrices, rounded."""
        return self.near(numbers, exponent_below(_GRAM_STEP / np.sqrt(k)))

    def first_code(self, block: BlockSquares) -> Codec[Opening]:
        """The code of a server's first message."""
        leading = Named("U", MultiplesCode(self._k, len(block.rows), self.entries))
        return Fields(Opening, (Energy(), Energy(), leading))

    @property
    def change_code(self) -> Codec[Choice]:
        """The code of the coordinator's messages."""
        E = Named("U", MultiplesCode(self._k, len(self.rows), self.entries))
        change = Fields(Change, (Exponents(self._k + 1), E))
        return OneOf([Count(0), change, Fields(LastStep, (Count(1), Energy()))])

    def sums_code(self, block: BlockSquares) -> Codec[Choice]:
        """The code of a server's messages."""
        k = self._k
        grams = Named("Gram matrices", MultiplesCode(k * (k + 1) // 2, len(block.totals), self.entries))
        gradient = Named("gradients", MultiplesCode(k, len(block.rows), self.entries))
        V = Named("V", MultiplesCode(k, block.W.shape[1], self.entries))
        return OneOf([Count(0), Fields(Sums, (Energy(), grams, gradient)), V])

    @property
    def _k(self) -> int:
        """The largest rank that U may have."""
        return min(self.terms.k, *self.W.whole.shape)


class Moved(NamedTuple):
    """U after a change, as both sides compute it.

    Attributes:
        U: n×k, orthonormal.
        R: k×k; V becomes RV.
        E: the change as it was sent, n×k.
        scales: ν of the new V (k), as if the rows of the old one had nothing to do with each other.
        exponent: of the step of gradients.
    """

    U: np.ndarray
    R: np.ndarray
    E: np.ndarray
    scales: np.ndarray
    exponent: int

    @property
    def pairs(self) -> np.ndarray:
        """The scales of Gram matrices."""
        return pairs_of(self.scales)


def moved(U: np.ndarray, change: Change, facts: PublicFacts) -> Moved:
    """U + E, orthonormalised; an empty U stands for zero."""
    exponents, scaled = change
    scales = step(exponents[:-1])
    E = np.zeros((len(facts.sizes), len(scales)))
    E[facts.rows] = (scaled.numbers / scales[:, None] / facts.sizes[facts.rows]).T
    Q, R = oriented_basis(U + E if U.size else E)
    return Moved(Q, R, E, scales_of(np.square(R) @ np.square(scales)), int(exponents[-1]))


def scales_of(squares: np.ndarray) -> np.ndarray:
    """ν (k) from means of V_p²; positive."""
    return np.sqrt(np.maximum(squares, _FLATTEST**2 * max(float(squares.max()), 0.0) or 1.0))


def change_of(E: np.ndarray, scales: np.ndarray, budget: float, gradients: float, facts: PublicFacts) -> Change:
    """The message that changes U by E (k × rows that count).

    Args:
        E: the change.
        scales: ν (k), all positive.
        budget: what the rounding of E may cost, in units of S.
        gradients: what the rounding of all gradients that are to come may cost.
    """
    exponents = [exponent_below(scale) for scale in scales]
    scaled = E * step(np.array(exponents))[:, None] * facts.sizes[facts.rows]
    rounded = rounded_within(scaled, budget, facts.terms)
    gradient_exponent = exponent_for(gradients / facts.gradient_numbers(rounded.grid))
    return Change(np.array([*exponents, gradient_exponent]), rounded)


def _largest(W: Weights) -> float:
    return max((float(W.dense(run).max(initial=0.0)) for run in column_runs(*W.shape)), default=0.0)
