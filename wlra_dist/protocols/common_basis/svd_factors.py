"""Algorithm 1 among servers: the leading singular vectors of W∘A, from the leading ones of its blocks (Thm 1.2)."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from wlra_dist.codecs.base.compound import Fields
from wlra_dist.codecs.base.energy import Energy
from wlra_dist.game import Faceted, Game, Located, Party, PerParty
from wlra_dist.linalg.blocks import shape_of
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.linalg.spectral.spectrum import EPS
from wlra_dist.linalg.spectral.subspace import Subspace, leading_subspace
from wlra_dist.protocols.common_basis.basis_plan import Spanned
from wlra_dist.protocols.common_basis.common_basis import on_common_basis, spanned
from wlra_dist.protocols.one_round.residual_curve import CurveCode, ResidualCurve
from wlra_dist.protocols.steps import lower_bound, weighted_block
from wlra_dist.protocols.terms import Terms
from wlra_dist.weights import Weights
from wlra_dist.weights.reweighted import ReweightedSolution

_UNSEEN = 2.0**-16
"""A block of at most K dimensions, whose own tail is 0, is taken to add this part of its energy to the tail of B."""

_PART, _MOST = 1 / 5, 1 / 50
"""The rounding of sketches may add a fifth of ε·tail to what the basis leaves, and 1/50 of the tail at most, since it
also lowers the bound on the tail. With less the sketches take more bits, with more the basis does."""

_FAINT = 1 / 4
"""A direction is left out if its energy times m is below this part of the K-th largest energy of all."""

_BLIND = 64
"""A tail below so many times (n + d)·eps of the energy is lost in the rounding of a Gram matrix."""


def svd_factors(
    game: Game,
    servers: Sequence[Party],
    coordinator: Party,
    A: Faceted[Matrix],
    W: PerParty[Weights],
    terms: Terms,
) -> Located[ReweightedSolution]:
    """Rounded factors of rank about K = rk: (1+ε)·OPT, deterministic, in about (2m·nK + Kd) numbers and seven rounds.

    The loss depends on a block by B_i B_iᵀ alone (a distributed Gram matrix), and L_i = B_i V_i with its leading right
    singular vectors approximates that best for its bits. The servers send their spectra first, so that the coordinator
    can decide for all which directions to send and how exactly (reverse water-filling, equal slopes). Then the
    coordinator merges the directions to a basis, and each server sends its coefficients on it (`common_basis`, which
    also has the certificate). Singular vectors of sparse columns are nearly sparse: rounded, most entries are 0 and
    take no bits.
    """
    B = game.each(servers, weighted_block, A, W)  # server i: B_i = W_i∘A_i
    bound = game.each(servers, lower_bound, A, W, terms=terms)  # LB_i ≤ OPT_i
    principal = game.each(servers, _principal, B)
    spectra = game.each(servers, _spectrum, principal, bound)
    curves = game.gather(spectra, coordinator, W.map(_spectrum_code), "LB, spectrum")
    chosen = game.at(coordinator, levels, curves, W=W, terms=terms)
    level = game.broadcast(chosen, servers, _LEVELS, "levels")
    spans = game.each(servers, _above, B, W, bound, principal, level, terms=terms)  # L_i = B_i V_i
    return on_common_basis(game, servers, coordinator, A, W, B, spans, terms)


class DirectionLevels(NamedTuple):
    """Which directions are sent, and how exactly.

    Attributes:
        least: a direction is sent if its energy is above this.
        cost: the loss that the rounding of a direction may cost.
    """

    least: float
    cost: float


_LEVELS = Fields(DirectionLevels, (Energy(), Energy()))


def levels(curves: Sequence[ResidualCurve], *, W: PerParty[Weights], terms: Terms) -> DirectionLevels:
    """The levels for all servers.

    Rounding turns each of K leading directions of M so far as to leave about `cost` more of B, whatever the number of
    servers; together this shall be a part of ε times the tail of B. The tail is only estimated here, and nothing but
    the number of bits depends on the estimate.
    """
    K = min(terms.r, W.whole.rank) * terms.k
    tail = max(sum(curve.bound for curve in curves), _guessed_tail(W, curves, K))
    squares = np.sort(np.concatenate([curve.residuals for curve in curves]))[::-1]
    if tail <= _BLIND * sum(W.whole.shape) * EPS * squares.sum():
        return DirectionLevels(1.0 + float(squares.sum()), 0.0)  # none is sent: each server is exact by itself
    costs = min(_PART * terms.epsilon, _MOST) * tail / max(K, 1)
    leading = float(squares[K - 1]) if 0 < K <= len(squares) else 0.0
    return DirectionLevels(max(costs, _FAINT * leading / len(W)), costs)


def _guessed_tail(W: PerParty[Weights], curves: Sequence[ResidualCurve], K: int) -> float:
    """Σ_i ‖(B_i)_{−K}‖², with a little for blocks of at most K dimensions."""
    return sum(
        float(curve.residuals[K:].sum() if min(W_i.shape) > K else _UNSEEN * curve.residuals.sum())
        for curve, W_i in zip(curves, W, strict=True)
    )


def _principal(B: Matrix) -> Subspace:
    return leading_subspace(B, min(shape_of(B)))


def _spectrum(principal: Subspace, bound: float) -> ResidualCurve:
    """LB_i and the σ_j², then 0: they fall as residuals do, and travel in the same code."""
    return ResidualCurve(bound, 0, np.append(principal.squares, 0.0))


def _spectrum_code(W: Weights) -> CurveCode:
    return CurveCode(*W.shape)


def _above(
    B: Matrix, W: Weights, bound: float, principal: Subspace, level: DirectionLevels, *, terms: Terms
) -> Spanned:
    """The directions whose energy is above the level, rounded."""
    squares = principal.squares
    c = int(np.count_nonzero(squares > level.least))
    shrunk = float(squares[c]) if c < len(squares) else 0.0
    return spanned(B, W, bound, np.asarray(B @ principal.V[:, :c]), shrunk, c * level.cost, terms)
