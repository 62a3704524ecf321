"""Columns chosen among all servers, known to all servers (Boutsidis, Woodruff & Zhong 2016, for columns).

The paper, "Optimal principal component analysis in distributed and streaming models", gives O(skφ/ε) + poly(sk/ε) words
for its s servers and columns of φ nonzeros. Its abstract was at hand and its text was not: the steps and the constants
4K, 4K and 50K/ε are from memory, and so is how they are put together. What is promised here does not rest on them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from wlra_dist.codecs.base.energy import Energy
from wlra_dist.codecs.base.integers import Count
from wlra_dist.css import Stop, select
from wlra_dist.css.dual_set import DualSet
from wlra_dist.game import Faceted, Game, Located, Party, PerParty
from wlra_dist.linalg.basis import residual_energies
from wlra_dist.linalg.blocks import column_energies, roundoff, shape_of
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.protocols.common_columns.common_columns import Common, Span, beside, merged, offer, some_of
from wlra_dist.protocols.common_columns.projections import project
from wlra_dist.protocols.common_columns.sent_columns import SentColumns
from wlra_dist.protocols.steps import lower_bound, weighted_block
from wlra_dist.protocols.terms import Terms
from wlra_dist.weights import Weights
from wlra_dist.weights.reweighted import ReweightedSolution


@dataclass(frozen=True)
class Columns:
    """How many columns are chosen: by each server, among all of these, and by adaptive sampling."""

    local: int
    among: int
    drawn: int

    @classmethod
    def on(cls, terms: Terms, K: int) -> "Columns":
        """The constants from memory, or what suffices on most inputs; no more are taken than there are."""
        if terms.columns:
            return cls(terms.columns, terms.columns, 0)
        if terms.constants == "theorem":
            return cls(4 * K, 4 * K, ceil(50 * K / terms.epsilon))
        return cls(ceil(1.25 * K), ceil(1.25 * K), ceil(0.5 * K))


def bwz(
    game: Game,
    servers: Sequence[Party],
    coordinator: Party,
    A: Faceted[Matrix],
    W: PerParty[Weights],
    terms: Terms,
) -> Located[ReweightedSolution]:
    """(1+ε)·OPT with O(msrk/ε + rkd + m·poly(rk/ε)) words; every server gets to know the columns.

    With V the span of the columns chosen first, E = B − VV⁺B and c columns drawn ∝ ‖e_j‖², the best matrix of rank
    K = rk in the span of all of them leaves at most ‖B_{−K}‖² + (K/c)·‖E‖² in expectation (Deshpande, Rademacher,
    Vempala & Wang 2006, Thm 2.1). Where ‖E‖² ≤ 5·‖B_{−K}‖², which a dual set of 4K columns promises of a single block
    (Boutsidis, Drineas & Magdon-Ismail 2014), c = 50K/ε thus leaves (1+ε)·‖B_{−K}‖² but for a chance of 1/10 (Markov).

    The promise does not depend on that chance. The servers send what the columns miss, and the coordinator divides
    (1+ε)·max(Σ_i LB_i, LB) among them, where LB ≤ ‖B_{−K}‖_F² follows from what it received. A server computes its own
    loss exactly, and adds columns of its own until its part is met. So the loss is always at most (1+ε)·OPT; only the
    bits depend on chance, and on the constants. If the best subspace of rank K misses that goal, as happens where LB is
    well below ‖B_{−K}‖_F², the coefficients are those in the span of all columns.
    """
    common, columns = Common(W, terms), Columns.on(terms, Common(W, terms).K)
    B = game.each(servers, weighted_block, A, W)  # server i: B_i = W_i∘A_i
    bound = game.each(servers, lower_bound, A, W, terms=terms)  # LB_i ≤ OPT_i
    S = game.each(servers, _dual_set, B, game.private_coins(servers), K=common.K, count=columns.local)
    offered = game.each(servers, offer, A, W, B, S, common=common)
    offers = game.gather(offered, coordinator, W.map(common.code), "C_i")  # server i -> coordinator
    C_1 = game.at(coordinator, _among, offers, count=columns.among, common=common)
    known = game.broadcast(C_1, servers, common.code(W.whole), "C_1")
    C_2 = _adaptive(game, servers, coordinator, A, B, known, C_1, columns.drawn, common)  # ∝ what C_1 has missed
    known_too = game.broadcast(C_2, servers, common.code(W.whole), "C_2")
    V = game.each(servers, Span.of, known, known_too, common=common)
    V_too = game.at(coordinator, Span.of, C_1, C_2, common=common)
    return project(game, servers, coordinator, A, B, bound, V, V_too, common)


def _adaptive(
    game: Game,
    servers: Sequence[Party],
    coordinator: Party,
    A: Faceted[Matrix],
    B: Faceted[Matrix],
    known: Faceted[SentColumns],
    C_1: Located[SentColumns],
    count: int,
    common: Common,
) -> Located[SentColumns]:
    """Columns drawn with replacement ∝ ‖e_j‖²: first whose they are, by shared coins, then which."""
    V = game.each(servers, Span.of, known, common=common)
    E = game.each(servers, _missed, B, V, PerParty(range(len(servers))), common=common)
    norms = game.gather(game.each(servers, _total, E), coordinator, Energy(), "residual norms")
    coins = game.shared_coins(coordinator, [coordinator, *servers], "whose columns are drawn").facets[0]
    counts = game.at(coordinator, draws, norms, coins, count=count)
    own_count = game.scatter(counts, servers, Count(count), "draws")
    S = game.each(servers, drawn_by, E, own_count, game.private_coins(servers))
    offered = game.each(servers, offer, A, common.W, B, S, V, common=common)
    offers = game.gather(offered, coordinator, common.W.map(common.code), "more C_i")
    return game.at(coordinator, beside, C_1, offers, common=common)


def _dual_set(B: Matrix, coins: np.random.Generator, *, K: int, count: int) -> np.ndarray:
    """At most `count` independent columns of a block, by dual-set sparsification."""
    return select(DualSet(rank=K), B, Stop(count), coins).columns


def _among(offered: Sequence[SentColumns], *, count: int, common: Common) -> SentColumns:
    """The columns chosen among those of all servers."""
    columns = merged(offered, common)
    no_coins = np.random.default_rng(0)  # a dual set needs none
    return some_of(columns, _dual_set(common.left(columns), no_coins, K=common.K, count=count))


def _missed(B: Matrix, V: Span, i: int, *, common: Common) -> np.ndarray:
    """‖e_j‖² of each column of server i; 0 where that is rounding noise, or the column is known."""
    missed = residual_energies(B, V.Q)
    missed[missed <= roundoff(B.dtype, shape_of(B)[0]) ** 2 * column_energies(B)] = 0.0
    missed[common.known(i, V.S)] = 0.0
    return missed


def _total(missed: np.ndarray) -> float:
    return float(missed.sum())


def draws(norms: Sequence[float], seed: int, *, count: int) -> list[int]:
    """How many of the draws fall to each server."""
    shares = np.array(norms)
    if not shares.any():
        return [0] * len(shares)
    return np.random.default_rng(seed).multinomial(count, shares / shares.sum()).tolist()


def drawn_by(missed: np.ndarray, count: int, coins: np.random.Generator) -> np.ndarray:
    """The columns that were drawn, each once."""
    if not missed.any():
        return np.zeros(0, dtype=np.int64)
    return np.unique(coins.choice(len(missed), count, p=missed / missed.sum()))
