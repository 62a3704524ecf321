"""Minorants with multipliers: lower bounds on OPT that are nearly tight where W and A leave a gap.

Theorem. Let p_l, q_l ≥ 0 with Σ_l p_l q_lᵀ ≤ W∘W, and R_l be any matrix on the entries of term l. Put
M = Σ_l √(p_l q_lᵀ)∘R_l, E = M/(W∘W) (0 where W is 0), X0 = A − E and Y_l = diag(√p_l) X0 diag(√q_l). Then
OPT ≥ ‖W∘E‖_F² + Σ_l (‖(Y_l + R_l)_{−k}‖_F² − ‖R_l‖_F²).

Proof. With H = X − X0 for an X of rank k, ‖W∘(A − X)‖² = ‖W∘E‖² − 2⟨W∘W∘E, H⟩ + ‖W∘H‖². As W∘W∘E = M and
W∘W ≥ Σ_l p_l q_lᵀ, that is at least ‖W∘E‖² + Σ_l (‖√(p_l q_lᵀ)∘H − R_l‖² − ‖R_l‖²), and √(p_l q_lᵀ)∘H − R_l is a
matrix of rank at most k less Y_l + R_l (Eckart & Young). ∎

R = 0 is the minorant without them. The bound is concave in R, the dual of a decomposition in which each term has an X_l
of its own: with X_l the truncation of Y_l + R_l without the weights, and X̄ = (Σ p_l q_lᵀ∘X_l + slack∘X0)/(W∘W), its
slope is 2√(p_l q_lᵀ)∘(X̄ − X_l). What is computed here guides the climb and proves nothing; `guarded` does.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from wlra_dist.optima.batches import Batch, batched
from wlra_dist.optima.terms import Term, covered


class DualPoint(NamedTuple):
    """The bound at some multipliers, its slope there, and X̄ (n×d): what the terms agree on, nearly of rank k."""

    bound: float
    slope: np.ndarray
    agreed: np.ndarray


class Dual(NamedTuple):
    """The bound as a function of all R_l in one vector.

    Attributes:
        A: n×d, 0 where W is.
        squares: W∘W (n×d).
        inverse: 1/(W∘W) where a term is, else 0.
        slack: W∘W less the sum of the terms.
        k: the target rank.
        batches: the terms.
    """

    A: np.ndarray
    squares: np.ndarray
    inverse: np.ndarray
    slack: np.ndarray
    k: int
    batches: Sequence[Batch]

    @classmethod
    def of(cls, A: np.ndarray, squares: np.ndarray, k: int, terms: Sequence[Term]) -> "Dual":
        total = covered(terms, A.shape)
        inverse = np.divide(1.0, squares, out=np.zeros_like(squares), where=total > 0)
        return cls(A, squares, inverse, squares - total, k, batched(terms, A.shape))

    @property
    def size(self) -> int:
        """How many multipliers there are."""
        return sum(batch.roots.size for batch in self.batches)

    @property
    def work(self) -> int:
        """Of an evaluation: multipliers times the smaller side of each term, which Gram matrices take."""
        return sum(batch.roots.size * batch.shape[2] for batch in self.batches)

    def at(self, x: np.ndarray) -> DualPoint:
        """The bound at x, to floating point."""
        R = self._apart(x)
        M = self._scattered([batch.roots * own for batch, own in zip(self.batches, R, strict=True)])
        E = M * self.inverse
        X0 = self.A - E
        entries = _with_nothing(X0)
        tops, bound = [], float(np.vdot(M, E))
        for batch, own in zip(self.batches, R, strict=True):
            top, tails = truncated(batch.roots * batch.gathered(entries) + own, self.k)
            bound += float(tails.sum()) - float(np.vdot(own, own))
            tops.append(top)
        agreed = self._scattered([batch.roots * top for batch, top in zip(self.batches, tops, strict=True)])
        agreed += self.slack * X0
        agreed *= self.inverse
        entries = _with_nothing(agreed)
        slope = np.concatenate(
            [
                (2 * (batch.roots * batch.gathered(entries) - top) * (batch.roots > 0)).ravel()
                for batch, top in zip(self.batches, tops, strict=True)
            ]
        )
        return DualPoint(bound, slope, agreed)

    def multipliers(self, x: np.ndarray) -> list[np.ndarray]:
        """R_l for each term, as high and wide as it is."""
        blocks: dict[int, np.ndarray] = {}
        for batch, own in zip(self.batches, self._apart(x), strict=True):
            blocks |= batch.apart(own)
        return [blocks[which] for which in range(len(blocks))]

    def vector(self, multipliers: Sequence[np.ndarray]) -> np.ndarray:
        """The opposite of `multipliers`."""
        return np.concatenate([batch.padded(multipliers).ravel() for batch in self.batches])

    def _apart(self, x: np.ndarray) -> list[np.ndarray]:
        ends = np.cumsum([0, *(batch.roots.size for batch in self.batches)])
        parts = zip(self.batches, pairwise(ends.tolist()), strict=True)
        return [x[start:stop].reshape(batch.shape) for batch, (start, stop) in parts]

    def _scattered(self, values: Sequence[np.ndarray]) -> np.ndarray:
        total = np.zeros(self.A.size + 1)
        for batch, own in zip(self.batches, values, strict=True):
            total += batch.scattered(own, self.A.size)
        return total[:-1].reshape(self.A.shape)


def truncated(Y: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The best approximation of rank k of each matrix (L×a×b, a ≥ b) and the energy beyond it (L), by Gram matrices."""
    if Y.shape[2] <= k:
        return Y, np.zeros(len(Y))
    values, vectors = np.linalg.eigh(Y.swapaxes(1, 2) @ Y)
    V = vectors[:, :, -k:]
    return (Y @ V) @ V.swapaxes(1, 2), np.maximum(values[:, :-k], 0.0).sum(axis=1)


def _with_nothing(M: np.ndarray) -> np.ndarray:
    """M as a vector, and a 0 for what is padded."""
    return np.append(M.ravel(), 0.0)
