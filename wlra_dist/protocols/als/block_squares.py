"""S = W∘W of a block as a product P Q: what a server's Gram matrices are combinations of, and all of it public.

Row a of a block has the Gram matrix G_a = Σ_j S_aj v_j v_jᵀ = Σ_b P_ab M_b with M_b = Σ_j Q_bj v_j v_jᵀ. Where W has
rank r by its structure, R = r(r+1)/2 matrices M_b tell those of all rows; else Q is S itself, and there is one a row.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from wlra_dist.linalg.blocks import runs
from wlra_dist.linalg.normal_equations import pair_products
from wlra_dist.solvers.squares import DenseSquares, FactoredSquares, Squares, factors
from wlra_dist.weights import Weights
from wlra_dist.weights.support import rows_that_count


@dataclass(frozen=True, eq=False)
class BlockSquares:
    """S_i = W_i∘W_i over the largest square of all weights, on the n_i rows where W_i is not 0 throughout.

    Attributes:
        W: n_i×d_i.
        rows: which rows these are (n_i).
        largest: of all weights.
    """

    W: Weights
    rows: np.ndarray
    largest: float

    @classmethod
    def of(cls, W: Weights, largest: float) -> "BlockSquares":
        rows = rows_that_count(W)
        return cls(W.rows(rows), rows, largest)

    @cached_property
    def P(self) -> np.ndarray | None:
        """n_i×R; the identity if None."""
        product = factors(self.W)
        return product[0] / self.largest**2 if product and product[1].shape[0] < len(self.rows) else None

    @property
    def Q(self) -> np.ndarray:
        """R×d_i, nonnegative as P is."""
        product = None if self.P is None else factors(self.W)
        return np.square(self.W.dense(slice(None)) / self.largest) if product is None else product[1]

    @cached_property
    def totals(self) -> np.ndarray:
        """Σ_j Q_bj (R)."""
        return self.Q.sum(axis=1)

    @property
    def squares(self) -> Squares:
        return DenseSquares(self.Q) if self.P is None else FactoredSquares(self.P, self.Q)

    def grams(self, V: np.ndarray) -> np.ndarray:
        """M_b, packed (k(k+1)/2 × R), for V k×d_i."""
        return pair_products(V) @ self.Q.T

    def spread(self, M: np.ndarray) -> np.ndarray:
        """Σ_b P_ab M_b of every row (p×n_i), for M p×R."""
        return M if self.P is None else M @ self.P.T


def turned(grams: np.ndarray, R: np.ndarray) -> np.ndarray:
    """R G Rᵀ of packed symmetric matrices G (k(k+1)/2 × count)."""
    q, p = np.triu_indices(len(R))
    result = np.empty_like(grams)
    for run in runs(grams.shape[1], len(R) ** 2):
        half = np.tensordot(R, _unpacked(grams[:, run], len(R)), axes=1)
        result[:, run] = np.einsum("aqm,bq->abm", half, R, optimize=True)[p, q]
    return result


def times(grams: np.ndarray, E: np.ndarray) -> np.ndarray:
    """G_a e_a of packed symmetric matrices and vectors (k×count)."""
    result = np.empty_like(E)
    for run in runs(E.shape[1], len(E) ** 2):
        result[:, run] = np.einsum("pqm,qm->pm", _unpacked(grams[:, run], len(E)), E[:, run])
    return result


def pairs_of(scales: np.ndarray) -> np.ndarray:
    """scales_p·scales_q in the order of packed matrices."""
    return pair_products(scales[:, None])[:, 0]


def _unpacked(grams: np.ndarray, k: int) -> np.ndarray:
    """k×k×count."""
    q, p = np.triu_indices(k)
    full = np.empty((k, k, grams.shape[1]))
    full[p, q] = full[q, p] = grams
    return full
