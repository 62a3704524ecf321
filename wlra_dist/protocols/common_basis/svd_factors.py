"""Algorithm 1 among servers: the leading singular vectors of W∘A, from the leading ones of its blocks (Thm 1.2)."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from wlra_dist.codecs.base.compound import Pair
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
"""What a block of at most K dimensions is taken to have in the tail of all, of its energy: its own is 0."""

_PART, _MOST = 1 / 5, 1 / 50
"""What the rounding of sketches may turn the basis by: a fifth of ε·tail, and 1/50 of the tail at most, as it blurs
what is known of the tail as well. Less makes long sketches, more a long basis."""

_FAINT = 1 / 4
"""A direction is left out if it were below this part of the K-th of all even if each server had as much of it."""

_BLIND = 64
"""A spectrum from a Gram matrix does not show a tail below so many times (n + d)·eps of the energy."""


def svd_factors(
    game: Game,
    servers: Sequence[Party],
    coordinator: Party,
    A: Faceted[Matrix],
    W: PerParty[Weights],
    terms: Terms,
) -> Located[ReweightedSolution]:
    """Rounded factors of rank about K = rk: (1+ε)·OPT, deterministic, in about (2m·nK + Kd) numbers and seven rounds.

    B_i B_iᵀ is what counts of a block (a distributed Gram matrix), and L_i = B_i V_i with its leading right singular
    vectors tells the most of it for its bits. The servers tell their spectra first, so that the coordinator can set for
    all which directions are worth telling and how exactly (reverse water-filling, equal slopes). Then the merged
    directions are made a basis, and each server says its coefficients in it (see `common_basis`, where the certificate
    is). Singular vectors of sparse columns are nearly sparse: rounded, most of their entries are 0 and take no bits.
    """
    B = game.each(servers, weighted_block, A, W)  # server i: B_i = W_i∘A_i
    bound = game.each(servers, lower_bound, A, W, terms=terms)  # LB_i ≤ OPT_i
    principal = game.each(servers, _principal, B)
    spectra = game.each(servers, _spectrum, principal, bound)
    heard = game.gather(spectra, coordinator, W.map(_spectrum_code), "LB, spectrum")
    told = game.broadcast(game.at(coordinator, partial(levels, W, terms=terms), heard), servers, _LEVELS, "levels")
    spans = game.each(servers, _above, B, W, bound, principal, told, terms=terms)  # L_i = B_i V_i
    return on_common_basis(game, servers, coordinator, A, W, B, spans, terms)


_LEVELS = Pair(Energy(), Energy())


def levels(W: PerParty[Weights], curves: Sequence[ResidualCurve], *, terms: Terms) -> tuple[float, float]:
    """What a direction must have to be told at all, and what its rounding may cost.

    Rounding turns each of K leading directions of M so far as to leave about that much more of B, whatever the number
    of servers, and that shall be a part of ε times the tail of B. What the tail is can only be guessed here; nothing
    rests on the guess but the number of bits.
    """
    K = min(terms.r, W.whole.rank) * terms.k
    tail = max(sum(curve.bound for curve in curves), _guessed_tail(W, curves, K))
    squares = np.sort(np.concatenate([curve.residuals for curve in curves]))[::-1]
    if tail <= _BLIND * sum(W.whole.shape) * EPS * squares.sum():
        return 1.0 + float(squares.sum()), 0.0  # no direction is above: servers must be exact, each by itself
    costs = min(_PART * terms.epsilon, _MOST) * tail / max(K, 1)
    leading = float(squares[K - 1]) if 0 < K <= len(squares) else 0.0
    return max(costs, _FAINT * leading / len(W)), costs


def _guessed_tail(W: PerParty[Weights], curves: Sequence[ResidualCurve], K: int) -> float:
    """Σ_i ‖(B_i)_{−K}‖², with a little for blocks too narrow to have any."""
    return sum(
        float(curve.residuals[K:].sum() if min(W_i.shape) > K else _UNSEEN * curve.residuals.sum())
        for curve, W_i in zip(curves, W, strict=True)
    )


def _principal(B: Matrix) -> Subspace:
    return leading_subspace(B, min(shape_of(B)))


def _spectrum(principal: Subspace, bound: float) -> ResidualCurve:
    """LB_i, and σ_j² down to 0: like residuals they fall, and go by the same code."""
    return ResidualCurve(bound, 0, np.append(principal.squares, 0.0))


def _spectrum_code(W: Weights) -> CurveCode:
    return CurveCode(*W.shape)


def _above(
    B: Matrix, W: Weights, bound: float, principal: Subspace, told: tuple[float, float], *, terms: Terms
) -> Spanned:
    """The directions that have enough, rounded."""
    least, costs = told
    squares = principal.squares
    c = int(np.count_nonzero(squares > least))
    shrunk = float(squares[c]) if c < len(squares) else 0.0
    return spanned(B, W, bound, np.asarray(B @ principal.V[:, :c]), shrunk, c * costs, terms)
