"""Coefficients in a span that all parties know, and the loss divided among them: the end of `bwz` and `block_qrcp`.

With V = QR the columns that all know, Y_i = QᵀB_i and E_i = B_i − QY_i, server i sends G_i = Y_iY_iᵀ, ‖E_i‖² and
‖(E_i)_{−K}‖². As QᵀE = 0, BᵀB = YᵀY + EᵀE; and EEᵀ = Σ_i E_iE_iᵀ. The K largest eigenvalues of a sum of semidefinite
matrices add up to no more than those of its terms do (Ky Fan 1949), so with the traces

    ‖B_{−K}‖_F² ≥ ‖Y_{−K}‖_F² + ‖E_{−K}‖_F² ≥ Σ_{j>K} λ_j(Σ_i G_i) + Σ_i ‖(E_i)_{−K}‖_F².

G_i is rounded to below itself in the order of semidefinite matrices, which only lowers the bound.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from wlra_dist.codecs.base.codec import Codec
from wlra_dist.codecs.base.compound import Each, Fields
from wlra_dist.codecs.base.energy import Energy
from wlra_dist.codecs.base.grid import exponent_below, step
from wlra_dist.codecs.base.integers import Count
from wlra_dist.codecs.multiples import Entries, Multiples, MultiplesCode, have_a_step
from wlra_dist.forms.exact import QUANTUM
from wlra_dist.game import Faceted, Game, Located, Party, PerParty
from wlra_dist.linalg.basis import project_out, residual_energy
from wlra_dist.linalg.blocks import energy, inner, shape_of
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.linalg.spectral.decompositions import eigen, eigenvalues
from wlra_dist.linalg.spectral.spectrum import certified_tail_energy, roundoff_energy
from wlra_dist.optima.tail import farther
from wlra_dist.protocols.common_columns.answers import Answer, ServerView, SubspacePlan, assemble, describe
from wlra_dist.protocols.common_columns.common_columns import Common, Span
from wlra_dist.protocols.rounded_factors import rounded_within
from wlra_dist.weights import Weights
from wlra_dist.weights.rank import examine
from wlra_dist.weights.reweighted import ReweightedSolution


class Report(NamedTuple):
    """What a server reports of its block.

    Attributes:
        energies: LB_i, ‖E_i‖², a lower bound on ‖(E_i)_{−K}‖_F², and that of the rounding of B_i.
        triangle: the upper triangle of G_i, as a column.
    """

    energies: list[float]
    triangle: Multiples


_ROOM = 0.1
"""The part of the goal that is left to rounding; where the columns leave less room, servers add columns."""

_GRAM_SHARE = 0.08
"""The rounding of a Gram matrix may lower the bound by about this part of what the columns miss."""

_GRAM_LEAST = 2.0**-40
"""Its step is at least this part of its largest entry."""

_TURN = 2.0**-12
"""The step of the entries of U: made orthonormal after decoding, it is off by the square of its rounding."""

_SINGLE = 2.0**-42
"""Rounding to float32 costs 2^-50 of the energy of a column, and least squares magnify that."""

_WIDE = 4000
"""For blocks with more columns and rows than this ‖(E_i)_{−K}‖² is not computed, and 0 is sent."""


def project(
    game: Game,
    servers: Sequence[Party],
    coordinator: Party,
    A: Faceted[Matrix],
    B: Faceted[Matrix],
    bound: Faceted[float],
    V: Faceted[Span],
    V_too: Located[Span],
    common: Common,
) -> Located[ReweightedSolution]:
    """Gram matrices up, the best subspace of rank K down, X back; loss ≤ (1+ε)·max(Σ_i LB_i, the bound above)."""
    W, most = common.W, min(common.W.whole.shape)
    triangle = MultiplesCode(most * (most + 1) // 2, 1, _gram_entries(common))
    report_code = Fields(Report, (Each([Energy()] * 4), triangle))
    plan_code = Fields(SubspacePlan, (Count(1), MultiplesCode(most, common.K, common.entries)))
    answer_codes = PerParty([_answer_code(W_i, most, common) for W_i in W])
    report = game.each(servers, survey, B, V, bound, common=common)
    reports = game.gather(report, coordinator, report_code, "residuals, YYᵀ")
    decided = game.at(coordinator, decide, reports, common=common)
    plan, goals = (game.at(coordinator, itemgetter(which), decided) for which in range(2))
    U = game.broadcast(plan, servers, plan_code, "U")
    goal = game.scatter(goals, servers, Energy(), "loss")
    views = game.each(servers, ServerView, A, W, B, V, U, PerParty(range(len(servers))), common=common)
    X = game.each(servers, describe, views, goal, game.private_coins(servers))
    answers = game.gather(X, coordinator, answer_codes, "X")
    return game.at(coordinator, assemble, V_too, plan, answers, common=common)


def _answer_code(W: Weights, most: int, common: Common) -> Codec[Answer]:
    d = W.shape[1]
    return Fields(Answer, (common.code(W), MultiplesCode(most + d, d, common.entries, narrower=True)))


# the servers' reports


def survey(B: Matrix, V: Span, bound: float, *, common: Common) -> Report:
    """The report of a block."""
    Y = inner(V.Q, B)
    missed = residual_energy(B, V.Q)
    energies = [bound, missed, _missed_tail(B, V.Q, common.K), _noise(B, common)]
    G = below(Y @ Y.T, missed, common)
    return Report(energies, Multiples(G.exponent, G.grid[np.triu_indices(len(Y))][:, None]))


def _noise(B: Matrix, common: Common) -> float:
    """The energy below which a loss says nothing: that of the rounding of B_i, or of its columns where they travel."""
    single = common.terms.code == "float32"
    return max(roundoff_energy(B), _SINGLE * energy(B) if single else 0.0)


def _missed_tail(B: Matrix, Q: np.ndarray, K: int) -> float:
    """A lower bound on ‖(E_i)_{−K}‖_F²."""
    n, d = shape_of(B)
    if not K < min(n, d) <= _WIDE or n * d > _WIDE**2:
        return 0.0
    return certified_tail_energy(project_out(B, Q), K)


def _gram_entries(common: Common) -> Entries:
    """Those of all numbers, but for float32, which has no room for what is below."""
    return "float64" if common.entries == "float32" else common.entries


def below(G: np.ndarray, missed: float, common: Common) -> Multiples:
    """A rounded matrix that is at most G in the order of semidefinite matrices."""
    c = len(G)
    largest = float(G.diagonal().max(initial=0.0))
    noise = float(np.finfo(float).eps) * c * largest
    if not have_a_step(common.entries):
        return Multiples(0, G - 2 * noise * np.eye(c))
    if not largest:
        return Multiples(0, np.zeros(G.shape, dtype=np.int64))
    share = _GRAM_SHARE * missed / (max(c - common.K, 1) * np.sqrt(c))
    exponent = exponent_below(max(share, _GRAM_LEAST * largest))
    near = np.rint(G / step(exponent)).astype(np.int64)
    above = max(float(eigenvalues(near * step(exponent) - G)[-1]), 0.0) + noise
    return Multiples(exponent, near - int(np.ceil(above / step(exponent))) * np.eye(c, dtype=np.int64))


def square_of(triangle: Multiples) -> np.ndarray:
    """The symmetric matrix of a triangle."""
    size = triangle.grid.size
    c = int(np.sqrt(2 * size))
    if c * (c + 1) // 2 != size:
        raise ValueError(f"expected a triangle of numbers, got {size}")
    G = np.zeros((c, c))
    G[np.triu_indices(c)] = triangle.numbers.ravel()
    return G + np.triu(G, 1).T


# what the coordinator decides


@dataclass(frozen=True, eq=False)
class Reports:
    """The servers' reports together."""

    each: Sequence[Report]
    common: Common

    @cached_property
    def energies(self) -> np.ndarray:
        """LB_i, ‖E_i‖², ‖(E_i)_{−K}‖_F², noise (m×4)."""
        return np.array([report.energies for report in self.each])

    @cached_property
    def spectrum(self) -> tuple[np.ndarray, np.ndarray]:
        """The eigenvalues and eigenvectors of Σ_i G_i, largest first."""
        G = sum((square_of(report.triangle) for report in self.each), np.zeros(()))
        values, vectors = eigen(G)
        return values[::-1], vectors[:, ::-1]

    @cached_property
    def bound(self) -> float:
        """The best lower bound on OPT that follows: Σ_i LB_i, or one on ‖B_{−K}‖_F² if rank(W) ≤ r is known."""
        local, missed, beyond, noise = self.energies.sum(axis=0)
        off = examine(self.common.W.whole, self.common.terms.r).off
        if off is None:
            return local
        values, _ = self.spectrum
        error = 8 * len(values) * float(np.finfo(float).eps) * float(np.abs(values).sum())
        tail = max(float(values[self.common.K :].sum()) - error, 0.0) + beyond
        unrounded = max(np.sqrt(tail) - np.sqrt(noise), 0.0) ** 2
        return max(local, farther(unrounded, float(values.sum()) + missed, off))

    @property
    def goal(self) -> float:
        """The loss of all together."""
        return (1 + self.common.terms.epsilon) * self.bound

    def cut(self, U: np.ndarray) -> np.ndarray:
        """‖(I − UUᵀ)Y_i‖_F² of each server, from the rounded Gram matrices (m)."""
        squares = [square_of(report.triangle) for report in self.each]
        return np.array([max(float(np.trace(G) - np.vdot(U, G @ U)), 0.0) for G in squares])


def decide(each: Sequence[Report], *, common: Common) -> tuple[SubspacePlan, list[float]]:
    """The plan for all, and the loss that each server may leave.

    The K leading directions of Y are enough if they are within the goal and leave half of ε to rounding.
    """
    reports = Reports(each, common)
    rounded = int(common.terms.bound is not None and reports.goal < QUANTUM)
    values, vectors = reports.spectrum
    left = reports.energies[:, 1]
    if len(values) > common.K and not common.terms.columns:
        U = rounded_within(vectors[:, : common.K], common.K * len(values) * _TURN**2 / 12, common.terms)
        plan = SubspacePlan(rounded, U)
        cut = left + reports.cut(plan.basis(len(values)))
        if cut.sum() <= reports.goal - common.terms.epsilon / 2 * reports.bound:
            return plan, divided(reports, cut)
    return SubspacePlan(rounded, Multiples.none(common.K)), divided(reports, left)


def divided(reports: Reports, left: np.ndarray) -> list[float]:
    """For each server the loss it may leave: what the columns leave, and an equal part of the rest for each column.

    If too little is left for rounding, server i may leave (1+ε)·LB_i and a part of the rest that is proportional to
    what the columns leave of its block.
    """
    local, _, _, noise = reports.energies.T
    epsilon = reports.common.terms.epsilon
    room = reports.goal - left.sum()
    if room >= room_for(epsilon) * reports.goal:
        widths = np.array([W_i.shape[1] for W_i in reports.common.W])
        losses = left + room * widths / widths.sum()
    else:
        own = (1 + epsilon) * local
        losses = own + max(reports.goal - own.sum(), 0.0) * (left / max(left.sum(), float(np.finfo(float).tiny)))
    return np.maximum(losses, noise).tolist()


def room_for(epsilon: float) -> float:
    """The part of a goal that is left to rounding."""
    return min(_ROOM, epsilon / (1 + epsilon) / 3)
