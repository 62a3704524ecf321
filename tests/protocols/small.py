"""Small games for the laws of protocols: A dense, sparse, integer or deficient in rank, W with zeros."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csc_array

from tests.optima.weighted_als import als_loss
from wlra_dist.css import SELECTORS
from wlra_dist.game import Game, Party, PerParty
from wlra_dist.instances import Columns
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.playing.deal import deal
from wlra_dist.protocols import PROTOCOLS, Terms
from wlra_dist.protocols.bounds import word_bits
from wlra_dist.scenario.options import GameOptions
from wlra_dist.weights import BlockMask, DenseWeights, LowRankWeights, Weights
from wlra_dist.weights.reweighted import ReweightedSolution

coordinator = Party("coordinator", 0)


@dataclass(frozen=True, eq=False)
class Small:
    """A (n×d, as an array), W, the number of servers, and the terms they play on."""

    A: np.ndarray
    W: Weights
    m: int
    terms: Terms

    @property
    def runs(self) -> Sequence[Columns]:
        return deal(self.A.shape[1], GameOptions(servers=self.m)).columns

    @property
    def servers(self) -> list[Party]:
        return [Party(f"server {i}", i) for i in range(1, self.m + 1)]

    @property
    def public_W(self) -> PerParty[Weights]:
        return deal(self.A.shape[1], GameOptions(servers=self.m)).weights(self.W)

    def B(self) -> list[np.ndarray]:
        """W_i∘A_i, server by server."""
        return [self.W.dense(run) * self.A[:, run] for run in self.runs]

    def loss(self, solution: ReweightedSolution) -> float:
        return float(np.square(self.W.dense(slice(None)) * (self.A - solution.dense())).sum())

    def tail(self) -> float:
        """Σ_i ‖(B_i)_{−r_i k}‖_F², by an SVD of each block."""
        return sum(
            float(np.square(np.linalg.svd(B_i, compute_uv=False)[min(self.terms.r, W_i.rank) * self.terms.k :]).sum())
            for B_i, W_i in zip(self.B(), self.public_W, strict=True)
        )

    def tail_of_all(self) -> float:
        """‖B_{−rk}‖_F², by an SVD."""
        K = min(self.terms.r, self.W.rank) * self.terms.k
        return float(np.square(np.linalg.svd(np.hstack(self.B()), compute_uv=False)[K:]).sum())

    def within_reach(self) -> float:
        """The loss of a matrix of rank k that a search finds: OPT is at most this."""
        return als_loss(self.A, self.W.dense(slice(None)), self.terms.k, starts=0, steps=20)

    def block(self, i: int) -> Matrix:
        A_i = self.A[:, self.runs[i]]
        return csc_array(A_i) if self.terms.sparse else A_i

    def body(self, protocol: str) -> Callable[[Game], ReweightedSolution | None]:
        """What every party runs."""

        def play(game: Game) -> ReweightedSolution | None:
            A = game.deal(self.servers, self.block)
            speak = PROTOCOLS[protocol]
            return game.output(speak(game, self.servers, coordinator, A, self.public_W, self.terms))

        return play

    def on(self, **terms: object) -> "Small":
        """The same on other terms."""
        return replace(self, terms=replace(self.terms, **terms))


def servers_for(protocol: str, m: int) -> int:
    return 1 if protocol == "one_way" else m


def drawn(seed: int, *, integer: bool | None = None, noiseless: bool = False, wild: bool = False) -> Small:
    """A game from a seed.

    Args:
        integer: whether A and W are; either if not given.
        noiseless: A has rank at most k, so OPT is 0.
        wild: weights and entries of very different sizes, down to 1e-12.
    """
    rng = np.random.default_rng(seed)
    integer = bool(rng.integers(2)) if integer is None else integer
    n, d, r, k = (int(size) for size in rng.integers(1, [13, 13, 4, 4]))
    rank = int(rng.integers(0, min(n, d, k if noiseless else 99) + 1))
    W = weights(rng, n, d, r, integer, wild)
    A = entries(rng, n, d, rank, integer)
    if not noiseless and rng.integers(2):
        A = A + (rng.integers(-1, 2, (n, d)) if integer else 10.0 ** rng.integers(-9, 0) * rng.random((n, d)))
    if not noiseless and rng.integers(3) == 0:
        A = np.where(rng.random((n, d)) < 0.3, A, 0.0)
    terms = Terms(
        k=k,
        r=min(n, d) if isinstance(W, DenseWeights) else r,
        epsilon=float(10.0 ** rng.integers(-3, 1)),
        word=word_bits(n, d),
        bound=max(1, int(np.abs(A).max())) if integer else None,
        sparse=bool(rng.integers(2)),
        width=64,
        selector=SELECTORS["auto"](),
        iterations=3,
    )
    return Small(A, W, [1, d, int(rng.integers(1, d + 1))][rng.integers(3)], terms)


def entries(rng: np.random.Generator, n: int, d: int, rank: int, integer: bool) -> np.ndarray:
    if integer:
        return (rng.integers(-3, 4, (n, rank)) @ rng.integers(-3, 4, (rank, d))).astype(float)
    return rng.standard_normal((n, rank)) @ rng.standard_normal((rank, d)) * 10.0 ** rng.integers(-6, 6)


def weights(rng: np.random.Generator, n: int, d: int, r: int, integer: bool, wild: bool) -> Weights:
    """Masks, ones, low rank with zero rows and columns, or any numbers with zeros."""
    kind = rng.integers(4)
    if kind == 0:
        return BlockMask.wide(n, r, -(-d // r), d)
    if kind == 1:
        return LowRankWeights(np.ones((n, 1)), np.ones((1, d)))
    if kind == 2:
        return LowRankWeights(rng.integers(0, 3, (n, r)) * 1.0, rng.integers(0, 3, (r, d)) * 1.0)
    W = rng.integers(0, 4, (n, d)) * (1.0 if integer or not wild else 10.0 ** rng.integers(-12, 3, (n, d)))
    W[rng.random(n) < 0.2] = 0
    W[:, rng.random(d) < 0.2] = 0
    return DenseWeights(W)
