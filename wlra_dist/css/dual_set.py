"""More columns than K by dual-set sparsification: a barrier below V_K, a budget above E (Boutsidis et al. 2014).

V_K ∈ R^{d×K} holds the right singular vectors, E = B − BV_KV_Kᵀ. Weights s ≥ 0 with at most c that are not 0 and
λ_K(Σ s_i v_i v_iᵀ) ≥ (1 − √(K/c))², Σ s_i ‖e_i‖² ≤ ‖E‖² exist and are found one by one; their columns leave at
most ‖E‖² + ‖E S V_S⁺‖² ≤ (1 + (1 − √(K/c))^{-2})·‖E‖².
"""

from dataclasses import dataclass

import numpy as np

from wlra_dist.css.gram_qr import in_pivoted_order, take_longest
from wlra_dist.css.selection import Selection, Stop
from wlra_dist.css.whole_gram import Unformed, WholeGram, by_subspace
from wlra_dist.inputs.numbers import Rank
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.linalg.spectral.subspace import Subspace

COLUMNS_A_DIMENSION = 4
"""c/K where K is not given: 1 + (1 − √(1/4))^{-2} = 5 times the tail."""


@dataclass(frozen=True)
class DualSet:
    """c > K columns leave at most (1 + (1 − √(K/c))^{-2})·‖B_{−K}‖_F², without coins (Boutsidis et al. 2014).

    Repeated picks cost no columns: their places go to the longest remainders. Given a residual, K is the least
    dimension that could meet it, and what 4K columns then miss goes to the longest remainders too.

    Args:
        rank: K; by default a quarter of the columns asked for.
    """

    rank: Rank | None = None

    def __call__(self, B: Matrix, stop: Stop, rng: np.random.Generator) -> Selection:  # noqa: ARG002  no coins
        return Selection(by_subspace(B, lambda block: self._columns(block, stop.limit(B), stop.residual)))

    def _columns(self, block: WholeGram | Unformed, limit: int, residual: float | None) -> tuple[np.ndarray, float]:
        """The columns, and the energy that they leave."""
        subspace = self._subspace(block, limit, residual)
        K = len(subspace.squares)
        count = limit if residual is None else min(limit, COLUMNS_A_DIMENSION * K)
        remainder = in_pivoted_order(block.remainder(), sparsify(subspace.first(min(K, max(count - 1, 0))), count))
        take_longest(remainder, limit, residual or 0.0)
        return np.array(remainder.columns, dtype=np.int64), remainder.left

    def _subspace(self, block: WholeGram | Unformed, limit: int, residual: float | None) -> Subspace:
        if self.rank is not None:
            return block.leading(min(self.rank, limit))
        if residual is not None:
            return block.reaching(residual)
        return block.leading(-(-limit // COLUMNS_A_DIMENSION))


def sparsify(subspace: Subspace, count: int) -> list[int]:
    """Up to `count` > K different columns (deterministic dual set spectral-Frobenius sparsification)."""
    V, outside = subspace.V, subspace.outside
    K = V.shape[1]
    A = np.zeros((K, K))
    share = 1 - np.sqrt(K / count) if K else 1.0
    budget = max(float(outside.sum()), float(np.finfo(float).tiny)) / share
    (possible,) = np.nonzero(np.square(V).sum(axis=1))
    picked: list[int] = []
    for step in range(count if K else 0):
        lower = step - np.sqrt(K * count)
        gain = _rises(V[possible], A, lower)
        cost = outside[possible] / budget
        best = int((gain - cost).argmax())  # the lemma: some gain is no less than its cost
        weight = 2 / (gain[best] + cost[best])
        v = V[possible[best]]
        A += weight * np.outer(v, v)
        picked.append(int(possible[best]))
    return list(dict.fromkeys(picked))


def _rises(V: np.ndarray, A: np.ndarray, lower: float) -> np.ndarray:
    """L(v, 1, A, lower): 1/t for the least weight t of v that lets the barrier rise by 1."""
    values, vectors = np.linalg.eigh(A)
    coordinates = np.square(V @ vectors)
    distance = values - (lower + 1)
    potential = (1 / distance).sum() - (1 / (values - lower)).sum()
    return coordinates @ (1 / distance**2) / potential - coordinates @ (1 / distance)
