"""Columns and rows of an integer block of low rank: coefficients would be fractions, rows are integers (OPT = 0).

B = W∘A has the rank c of its columns B_S, and of its rows R. Then B = B_S U⁻¹ R, where U is the part that both have.
The receiver computes modulo a prime, where numbers neither are rounded nor grow, and takes the integers nearest to 0.
They are B if no entry of B reaches half of the prime; that B may have a smaller rank modulo the prime does no harm, as
it is the rank there that is sent. The sender tries it, so nothing is left to chance.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from wlra_dist.forms.sent import Proposal, Sent
from wlra_dist.forms.skeleton_code import Skeleton, SkeletonCode
from wlra_dist.linalg.blocks import column_energies, dense_columns
from wlra_dist.linalg.matrix import Matrix, side_by_side
from wlra_dist.linalg.modular import PRIME, inverse, leading_columns, lifted, product, residues
from wlra_dist.weights import Weights
from wlra_dist.weights.reweighted import ReweightedBlock
from wlra_dist.weights.weighing import column_runs, dense, on_support, others, weigh

SPARE = 8
"""Beyond twice the columns that the accuracy asks for, and so many, a rank is not worth its exactness."""

WORK = 2**30
"""Products that the search for the rank may take: a few seconds."""


@dataclass(frozen=True)
class ColumnsAndRows:
    """A Skeleton from which the receiver has all of A on supp(W)."""

    bound: int
    sparse: bool

    def code(self, W: Weights) -> SkeletonCode:
        return SkeletonCode(W, self.bound, self.sparse)

    def descriptions(self, block: Sent, S: np.ndarray, goal: float) -> Iterator[Skeleton]:
        """By the columns S and what they lack of a basis of B, and by the basis of the smallest entries."""
        for proposal in self.proposals(block, S, goal):
            description = proposal.describe()
            if description is not None:
                yield description

    def proposals(self, block: Sent, S: np.ndarray, goal: float) -> list[Proposal]:  # noqa: ARG002  all are exact
        """The same, with bits below those that they take."""
        return [
            Proposal(_least_bits(each, block.W), lambda each=each: self._if_exact(block, each))
            for each in self._skeletons(block, S)
        ]

    def _if_exact(self, block: Sent, description: Skeleton) -> Skeleton | None:
        return description if block.loss(self.block(description, block.W)) == 0 else None

    def _skeletons(self, block: Sent, S: np.ndarray) -> Iterator[Skeleton]:
        n, d = block.W.shape
        alive = np.flatnonzero(column_energies(block.B))
        most = min(n, 2 * len(S) + SPARE)
        if len(alive) <= len(S) or n * len(alive) * (most + 1) > WORK:
            return
        survey = _Survey.of(block, alive, most + 1)
        for order in (np.concatenate([S, others(S, d)]), np.argsort(survey.column_sizes, kind="stable")):
            basis = order[leading_columns(survey.sketch[:, order])]
            if len(basis) > most:
                return
            yield _crossing(block, np.sort(basis), np.argsort(survey.row_sizes, kind="stable"))

    def block(self, description: Skeleton, W: Weights) -> ReweightedBlock:
        """Ã_i = W_i^{∘-1}∘(B_S U⁻¹ R): all columns as they are, and no coefficients."""
        S, C, rows, R = description
        n, d = W.shape
        rest = others(S, d)
        B_S = residues(dense(weigh(W, C, S)))
        L = product(B_S, inverse(B_S[rows]))
        columns = [C]
        for run in column_runs(n, len(rest)):
            weights = W.dense(rest[run])
            B = lifted(product(L, residues(weights[rows] * R[:, run])))
            A = np.divide(B, weights, out=np.zeros(B.shape), where=weights > 0)
            columns.append(_as_sparse(A) if self.sparse else A)
        return ReweightedBlock(W, np.concatenate([S, rest]), side_by_side(columns), np.zeros((d, 0)))


@dataclass(frozen=True, eq=False)
class _Survey:
    """What tells the bases of a block from each other.

    Attributes:
        sketch: VB modulo PRIME for a random V of so many rows: of its columns the same are independent as of B's, up to
            that number, but with a chance of about 1/PRIME (Schwartz and Zippel).
        column_sizes: log2(1 + |A_ij|), summed over each column.
        row_sizes: the same of each row.
    """

    sketch: np.ndarray
    column_sizes: np.ndarray
    row_sizes: np.ndarray

    @classmethod
    def of(cls, block: Sent, alive: np.ndarray, height: int) -> "_Survey":
        """`alive` are the columns that are not zero."""
        n, d = block.W.shape
        V = np.random.default_rng(0).integers(0, PRIME, (height, n))  # the sender's own: what it finds, it tries
        survey = cls(np.zeros((height, d), dtype=np.int64), np.zeros(d), np.zeros(n))
        for run in column_runs(n, len(alive)):
            columns = alive[run]
            survey.sketch[:, columns] = product(V, residues(dense_columns(block.B, columns)))
            sizes = np.log2(1 + np.abs(dense(on_support(block.W, block.A[:, columns], columns))))
            survey.column_sizes[columns] = sizes.sum(axis=0)
            survey.row_sizes[:] += sizes.sum(axis=1)
        return survey


def _crossing(block: Sent, S: np.ndarray, order: np.ndarray) -> Skeleton:
    """The skeleton of independent columns S, with the first rows in this order that make a basis."""
    rest = others(S, block.W.shape[1])
    B_S = residues(dense_columns(block.B, S))
    rows = np.sort(order[leading_columns(B_S.T[:, order])])
    C = on_support(block.W, block.A[:, S], S)
    R = dense(on_support(block.W, block.A[:, rest], rest)[rows])
    return Skeleton(S, C, rows, R)


def _least_bits(description: Skeleton, W: Weights) -> float:
    """About the entropy of a skeleton's entries: codes, which have to learn it, took 1.1 to 2 times as much."""
    S, C, rows, R = description
    rest = W.entries(np.tile(rows, R.shape[1]), np.repeat(others(S, W.shape[1]), len(rows))).reshape(-1, len(rows))
    return _entropy(dense(C), W.dense(S) > 0) + _entropy(R.T, rest > 0)


def _entropy(entries: np.ndarray, places: np.ndarray) -> float:
    """Of the nonzeros by how often each value occurs, and of where they stand by how full each row is."""
    values, counts = np.unique(entries, return_counts=True)
    counts = counts[values != 0]
    full, size = np.count_nonzero(entries, axis=1), places.sum(axis=1)
    support = _log_times(size) - _log_times(full) - _log_times(size - full)
    return float(support.sum() + _log_times(counts.sum()) - _log_times(counts).sum())


def _log_times(counts: np.ndarray) -> np.ndarray:
    """c·log2 c."""
    return counts * np.log2(np.maximum(counts, 1))


def _as_sparse(A: np.ndarray) -> Matrix:
    from scipy.sparse import csc_array

    return csc_array(A)
