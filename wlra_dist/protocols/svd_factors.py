"""Algorithm 1 among servers: the leading singular vectors of W∘A, from the leading ones of its blocks (Thm 1.2)."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from wlra_dist.codecs import CurveCode, Floats, ResidualCurve
from wlra_dist.codecs.grid import exponent_below
from wlra_dist.game import Faceted, Game, Located, Party, PerParty
from wlra_dist.linalg.blocks import shape_of
from wlra_dist.linalg.spectrum import EPS
from wlra_dist.linalg.subspace import Subspace, leading_subspace
from wlra_dist.protocols.common_basis import Spanned, on_common_basis, shown_rows, spanned
from wlra_dist.protocols.steps import lower_bound, weighted_block
from wlra_dist.protocols.terms import Terms
from wlra_dist.reweighted import ReweightedSolution
from wlra_dist.weights import Matrix, Weights

_UNSEEN = 2.0**-16
"""What a block of at most K dimensions is taken to have in the tail of all, of its energy: its own is 0."""

_PART, _MOST = 1 / 5, 1 / 50
"""What the rounding of sketches may turn the basis by: a fifth of ε·tail, and 1/50 of the tail at most, as it blurs
what is known of the tail as well. Less makes long sketches, more a long basis."""

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
    vectors tells the most of it for its bits: directions whose squared singular values, spread over n rows, come below
    a level D are left out, and the others rounded at D (reverse water-filling, equal slopes). The servers tell their
    spectra first, so that the coordinator can set D for all. Then the merged directions are made a basis, and each
    server says its coefficients in it (see `common_basis`, where the certificate is). The factors are dense: sparse
    columns take fewer bits by column selection.
    """
    B = game.each(servers, weighted_block, A, W)  # server i: B_i = W_i∘A_i
    bound = game.each(servers, partial(lower_bound, terms=terms), A, W)  # LB_i ≤ OPT_i
    principal = game.each(servers, _principal, B)
    heard = game.gather(game.each(servers, _curve, principal, bound), coordinator, W.map(_curve_code), "LB, spectrum")
    told = game.broadcast(game.at(coordinator, partial(level, W, terms=terms), heard), servers, _LEVEL, "D")
    spans = game.each(servers, partial(_above, terms=terms), B, W, bound, principal, told)  # L_i = B_i V_i
    return on_common_basis(game, servers, coordinator, A, W, B, spans, terms)


_LEVEL = Floats((1,))


def level(W: PerParty[Weights], curves: Sequence[ResidualCurve], *, terms: Terms) -> np.ndarray:
    """D: what rounding an entry may cost, and what a direction must have on average to be told at all.

    Rounding turns each of K leading directions of M so far as to leave about nD more of B, whatever the number of
    servers, and that shall be a part of ε times the tail of B. What the tail is can only be guessed here; nothing rests
    on the guess but the number of bits.
    """
    tail = max(sum(curve.bound for curve in curves), _guessed_tail(W, curves, terms))
    total = sum(float(curve.residuals[0]) for curve in curves)
    if tail <= _BLIND * sum(W.whole.shape) * EPS * total:
        return np.array([1.0 + total])  # no direction is above: servers must be exact, each by itself
    turned = max(len(shown_rows(W.whole)), 1) * max(min(terms.r, W.whole.rank) * terms.k, 1)
    return np.array([min(_PART * terms.epsilon, _MOST) * tail / turned])


def _guessed_tail(W: PerParty[Weights], curves: Sequence[ResidualCurve], terms: Terms) -> float:
    """Σ_i ‖(B_i)_{−K}‖², with a little for blocks too narrow to have any."""
    K = min(terms.r, W.whole.rank) * terms.k
    return sum(
        float(curve.residuals[min(K, len(curve.residuals) - 1)] if min(W_i.shape) > K else _UNSEEN * curve.residuals[0])
        for curve, W_i in zip(curves, W, strict=True)
    )


def _principal(B: Matrix) -> Subspace:
    return leading_subspace(B, min(shape_of(B)))


def _curve(principal: Subspace, bound: float) -> ResidualCurve:
    return ResidualCurve(bound, 0, principal.tails)


def _curve_code(W: Weights) -> CurveCode:
    return CurveCode(*W.shape)


def _above(B: Matrix, W: Weights, bound: float, principal: Subspace, told: np.ndarray, *, terms: Terms) -> Spanned:
    """The directions above the level, rounded at the level."""
    D = float(told[0])
    squares = principal.squares
    c = int(np.count_nonzero(squares > D * len(shown_rows(W))))
    L = np.asarray(B @ principal.V[:, :c])
    shrunk = float(squares[c]) if c < len(squares) else 0.0
    return spanned(B, W, bound, L, shrunk, exponent_below(np.sqrt(12 * D)), terms)
