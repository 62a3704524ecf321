"""Few distinct rows and columns: the same problem on one row and one column of each kind (after Li et al., Thm 6.1).

Theorem. Let the rows of a group be equal both in W and in W∘A, and so the columns of a group, with μ_g rows in group g
and ν_h columns in group h. Then OPT of (A, W) is that of the p×q problem with A_gh and weights √(μ_g ν_h)·W_gh.

Proof. Ã_gh of rank k, spread over the groups, has the same rank and the same loss: μ_g ν_h equal terms for each g, h.
On the other hand let U Vᵀ be optimal. For fixed V the best row u_i rests on the i-th rows of W and W∘A alone, so rows
of a group may share one, at no more loss; then, for that U, columns of a group may share one of V. ∎

Where W is 0, A does not count, and is taken to be 0.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from wlra_dist.linalg.blocks import dense_columns
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.weights import DenseWeights, Weights
from wlra_dist.weights.distinct import both, equal_columns, equal_rows, equal_weights, first_of
from wlra_dist.weights.grouping import equal_pairs
from wlra_dist.weights.weighing import on_support


@dataclass(frozen=True, eq=False)
class Reduced:
    """A weighted problem on the distinct rows and columns of another.

    Attributes:
        A: p×q, 0 where W is.
        W: p×q, with multiplicities: what `solve` is given.
        rows: the group of each row of the whole problem (n).
        columns: the group of each column (d).
    """

    A: np.ndarray
    W: DenseWeights
    rows: np.ndarray
    columns: np.ndarray

    @property
    def shape(self) -> tuple[int, int]:
        """p×q."""
        p, q = self.A.shape
        return p, q

    @cached_property
    def first(self) -> tuple[np.ndarray, np.ndarray]:
        """A row of the whole problem for each of p, and a column for each of q."""
        return first_of(self.rows), first_of(self.columns)

    def spread(self, U: np.ndarray, V: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """U (n×k) and V (d×k) of the whole problem, from U (p×k) and V (q×k) of this one: of the same loss."""
        return U[self.rows], V[self.columns]

    def gathered(self, U: np.ndarray, V: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """U (p×k) and V (q×k) of this problem, from those of the whole: a start."""
        rows, columns = self.first
        return U[rows], V[columns]


def reduced(A: Matrix, W: Weights) -> Reduced:
    """The problem (A, W), n×d, on one row and one column of each kind; itself if no two are equal."""
    rows, columns = (equal_pairs(A, W) if isinstance(A, np.ndarray) else None) or _equal(A, W)
    first_rows, first_columns = first_of(rows), first_of(columns)
    W = W.block(first_columns).rows(first_rows)
    entries = on_support(W, A[first_rows][:, first_columns])
    return of_groups(dense_columns(entries, slice(None)), W.dense(slice(None)), rows, columns)


def of_groups(A: np.ndarray, W: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> Reduced:
    """The reduced problem of A[rows][:, columns] and W[rows][:, columns], which are not formed; A and W are p×q.

    Every group has a member.
    """
    multiplicities = np.outer(np.bincount(rows, minlength=len(A)), np.bincount(columns, minlength=A.shape[1]))
    return Reduced(np.where(W > 0, A, 0.0), DenseWeights(W * np.sqrt(multiplicities)), rows, columns)


def _equal(A: Matrix, W: Weights) -> tuple[np.ndarray, np.ndarray]:
    """The groups of any A and W, by what their lines are."""
    entries = on_support(W, A)
    weight_rows, weight_columns = equal_weights(W)
    return both(weight_rows, equal_rows(entries)), both(weight_columns, equal_columns(entries))
