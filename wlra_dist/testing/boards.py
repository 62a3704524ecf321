"""Small inputs to check a protocol on: of each, two A's that nobody can tell apart by what is public."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wlra_dist.css import SELECTORS
from wlra_dist.game import Party, PerParty
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.playing.deal import Hands, deal
from wlra_dist.protocols import Terms
from wlra_dist.protocols.bounds import word_bits
from wlra_dist.scenario.options import GameOptions
from wlra_dist.weights import BlockMask, DenseWeights, LowRankWeights, Weights

COORDINATOR = Party("coordinator", 0)


@dataclass(frozen=True, eq=False)
class Board:
    """W, two A's (n×d, 0 where W is 0), and the terms; both A's have the same shape, type and bound."""

    name: str
    W: Weights
    A: np.ndarray
    other: np.ndarray
    terms: Terms

    def hands(self, m: int) -> Hands:
        """The columns of m servers."""
        return deal(self.W.shape[1], GameOptions(servers=m))

    def weights(self, m: int) -> PerParty[Weights]:
        """W as m servers have it."""
        return self.hands(m).weights(self.W)

    def block(self, A: np.ndarray, m: int, i: int) -> Matrix:
        """The columns of server i of m."""
        block = np.ascontiguousarray(A[:, self.hands(m).columns[i]])
        if not self.terms.sparse:
            return block
        from scipy.sparse import csc_array

        return csc_array(block)


def servers(m: int) -> list[Party]:
    """So many servers."""
    return [Party(f"server {i}", i) for i in range(1, m + 1)]


def boards() -> Sequence[Board]:
    """Real and dense under weights of rank 2, integer and sparse under a mask, float32 where W has zeros."""
    n, d = 12, 10
    rng = np.random.default_rng(0)
    low = LowRankWeights(rng.integers(1, 4, (n, 2)).astype(float), rng.integers(1, 4, (2, d)).astype(float))
    some = rng.integers(0, 3, (n, d)).astype(float)
    real, near = ([_real(rng, n, d) for _ in range(2)] for _ in range(2))
    whole = [rng.integers(-5, 6, (n, d)).astype(float) for _ in range(2)]
    return [
        _board("real", low, real, r=2),
        _board("integer", BlockMask.even(n, d, 2), whole, r=2, bound=5, sparse=True),
        _board("float32", DenseWeights(some), [A.astype(np.float32) for A in near], r=n - 2, width=32),
    ]


def _real(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    return rng.standard_normal((n, 2)) @ rng.standard_normal((2, d)) + 0.1 * rng.standard_normal((n, d))


def _board(name: str, W: Weights, pair: Sequence[np.ndarray], r: int, **terms: object) -> Board:
    A, other = (np.where(W.dense(slice(None)) > 0, A, A.dtype.type(0)) for A in pair)
    common = {"bound": None, "sparse": False, "width": 64} | terms
    word = word_bits(*W.shape)
    return Board(name, W, A, other, Terms(k=2, r=r, epsilon=0.1, word=word, selector=SELECTORS["auto"](), **common))  # pyright: ignore[reportArgumentType]
