"""Sketches by Frequent Directions, merged (Ghashami, Liberty, Phillips & Woodruff 2016)."""

from collections.abc import Sequence
from math import ceil

import numpy as np

from wlra_dist.game import Faceted, Game, Located, Party, PerParty
from wlra_dist.linalg.blocks import energy
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.linalg.spectral.frequent_directions import Sketch
from wlra_dist.linalg.spectral.frequent_directions import frequent_directions as sketch
from wlra_dist.linalg.spectral.spectrum import roundoff_energy
from wlra_dist.protocols.common_basis.basis_plan import Spanned
from wlra_dist.protocols.common_basis.common_basis import on_common_basis, spanned
from wlra_dist.protocols.steps import lower_bound, weighted_block
from wlra_dist.protocols.terms import Terms
from wlra_dist.weights import Weights
from wlra_dist.weights.reweighted import ReweightedSolution

_ROUNDED = 32
"""A sketch is rounded by ε/32 of ‖(B_i)_{−K}‖ at most."""

_TUNED_SIZE, _TUNED_ROUNDING = 1.5, 1 / 10
"""With tuned constants: a sketch has so many times K_i columns, and is rounded by this part of ‖(B_i)_{−K_i}‖²."""


def frequent_directions(
    game: Game,
    servers: Sequence[Party],
    coordinator: Party,
    A: Faceted[Matrix],
    W: PerParty[Weights],
    terms: Terms,
) -> Located[ReweightedSolution]:
    """(1+ε)·‖B_{−K}‖² ≤ (1+ε)·OPT, K = rk, deterministic: O(mn·K/ε) numbers up, mnK down, Kd up; five rounds.

    With ℓ = K + ⌈2K/ε⌉ − 1, T = ‖B_{−K}‖² and Δ = ΣΔ_i: ⌈2K/ε⌉·Δ ≤ T, so the span of the K leading
    directions of M = [L_1 … L_m] leaves ‖M_{−K}‖² + (‖B‖² − ‖M‖²) ≤ T + K·Δ ≤ (1 + ε/2)·T of B. Sketches rounded by
    ‖E‖ ≤ (ε/32)·√T add (√T + 2‖E‖)² − T or about (ε/8)·T to that, and as much is lost by what the coordinator knows of
    T. So (1 + 3ε/4)·T is reached with rounded sketches; the rest is for rounding the basis and the coefficients.

    With tuned constants a sketch has 3K_i/2 columns, K_i = rank(W_i)·k, rounded coarsely. The servers measure what the
    basis leaves, and the coordinator divides the rest, so the promise holds for any constants. But then the loss aimed
    at may be (1+ε)·Σ_i LB_i, where the sketches prove no more of OPT.

    All this needs a rank of W that is proven or near. Where the rank is refuted or unknown, the game aims at
    (1+ε)·Σ_i LB_i, with as many directions as that takes. The sketches make no use of W's structure or of sparsity.
    """
    B = game.each(servers, weighted_block, A, W)  # server i: B_i = W_i∘A_i
    bound = game.each(servers, lower_bound, A, W, terms=terms)  # LB_i ≤ OPT_i
    weights = W if terms.constants == "tuned" else PerParty([W.whole] * len(W))
    sizes = PerParty([sketch_sizes(W_i, terms) for W_i in weights])
    spans = game.each(servers, _sketched, B, W, bound, sizes, terms=terms)
    spare = min(most for _, most in sizes) + 1 - sketch_sizes(W.whole, terms)[0]
    return on_common_basis(game, servers, coordinator, A, W, B, spans, terms, spare=max(spare, 0))


def sketch_sizes(W: Weights, terms: Terms) -> tuple[int, int]:
    """K and ℓ, neither above what W's shape has room for."""
    K = min(min(terms.r, W.rank) * terms.k, *W.shape)
    tuned = terms.constants == "tuned"
    return K, max(1, ceil(_TUNED_SIZE * K) if tuned else K + ceil(2 * max(K, 1) / terms.epsilon) - 1)


def _sketched(B: Matrix, W: Weights, bound: float, sizes: tuple[int, int], *, terms: Terms) -> Spanned:
    K, most = sizes
    found = sketch(B, most)
    part = min(_TUNED_ROUNDING, terms.epsilon) if terms.constants == "tuned" else (terms.epsilon / _ROUNDED) ** 2
    allowed = max(part * _tail(B, found, K, most), roundoff_energy(B), float(np.finfo(float).tiny))
    return spanned(B, W, bound, found.L, found.shrunk, allowed, terms)


def _tail(B: Matrix, found: Sketch, K: int, most: int) -> float:
    """A lower bound on ‖(B_i)_{−K}‖², from the sketch alone."""
    beyond = energy(found.L[:, K:]) + energy(B) - energy(found.L) - K * found.shrunk
    return max(beyond, (most + 1 - K) * found.shrunk, 0.0)
