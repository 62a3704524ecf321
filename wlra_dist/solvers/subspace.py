"""RowSpace iteration on T = X + S∘(A − X), X = UV, whose best rank-k approximation is the next iterate of EM.

From rows V', one sweep is Y = T V'ᵀ, Q = orth(Y), B = QᵀT; its rank-k matrix is Q times the best of B. As X = UV, T is
never formed: Y = U(V V'ᵀ) + D V'ᵀ and YᵀT = (YᵀU)V + YᵀD. So a sweep is one pass over the residuals D = S∘(A − X).

A sweep never loses: if V' spans the rows of X, Y spans the columns of T V'ᵀV', which is no farther from T than X.
"""

from dataclasses import dataclass

import numpy as np

from wlra_dist.linalg.threads import shared
from wlra_dist.solvers.approximation import LowRank
from wlra_dist.solvers.problem import Problem

OVERSAMPLING = 10
"""Rows of the subspace beyond k, at least: they hold what may come in at the next iteration."""

LANES = 8
"""Their number is rounded up to whole vectors of the processor."""

NOISE = 64 * float(np.finfo(float).eps)
"""Directions of Y that have less than this share of the energy, once columns have length 1, are rounding noise."""


@dataclass(frozen=True, eq=False)
class RowSpace:
    """V (l×d), orthonormal rows near the leading right singular vectors of T."""

    V: np.ndarray

    @classmethod
    def random(cls, d: int, k: int, dtype: np.dtype, rng: np.random.Generator) -> "RowSpace":
        return cls.around(np.zeros((0, d), dtype=dtype), k, rng)

    @classmethod
    def around(cls, V: np.ndarray, k: int, rng: np.random.Generator) -> "RowSpace":
        """The span of V's orthonormal rows and of random ones; d rows at most."""
        d = V.shape[1]
        rows = -(-(k + OVERSAMPLING) // LANES) * LANES
        more = rng.standard_normal((min(rows, d) - len(V), d))
        return cls(np.linalg.qr(np.vstack([V, more]).T)[0].T.astype(V.dtype))

    def improved(self, problem: Problem, X: LowRank, sweeps: int) -> tuple[LowRank, "RowSpace"]:
        """A rank-k approximation of T = X + S∘(A − X), and the subspace that it was found in; k is that of X."""
        subspace, best = self, X
        for _ in range(sweeps):
            best, subspace = subspace._swept(problem, X)
        return best, subspace

    def _swept(self, problem: Problem, X: LowRank) -> tuple[LowRank, "RowSpace"]:
        Y, Z = self._products(problem, X)
        combination, values, right = span_svd(Y, Z)
        k = len(X.V)
        U = Y @ (combination * values)[:, :k].astype(problem.dtype)
        right = right.astype(problem.dtype)
        return LowRank(U, right[:k]), RowSpace(right)

    def _products(self, problem: Problem, X: LowRank) -> tuple[np.ndarray, np.ndarray]:
        """Y = T Vᵀ (n×l) and YᵀT (l×d)."""
        Y = X.U @ (X.V @ self.V.T)

        def part(within: slice) -> np.ndarray:
            Z = np.zeros_like(self.V)
            for rows, D in problem.residuals(X.U, X.V, within):
                Y[rows] += D @ self.V.T
                Z += Y[rows].T @ D
            return Z

        return Y, np.sum(shared(part, *problem.shape), axis=0) + (Y.T @ X.U) @ X.V


def span_svd(Y: np.ndarray, Z: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The singular vectors and values of T within the span of Y = T Vᵀ (n×l), given Z = YᵀT (l×d).

    Returns (l×l, l, l×d) in float64: Y times the first are the left ones; zeros where Y has no more directions.
    """
    M = _orthonormalising(Y)
    left, values, right = np.linalg.svd(M.T @ Z, full_matrices=False)
    return M @ left, values, right


def _orthonormalising(Y: np.ndarray) -> np.ndarray:
    """M (l×l, float64): the columns of Y M are orthonormal or zero, and span those of Y up to rounding noise.

    The columns of Y are nearly orthogonal once V has converged; scaled to length 1 their Gram matrix loses nothing.
    """
    exact = Y.astype(float)
    lengths = np.linalg.norm(exact, axis=0)
    scales = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    values, vectors = np.linalg.eigh(scales[:, None] * (exact.T @ exact) * scales)
    roots = np.sqrt(np.where(values > NOISE * len(values), values, np.inf))
    return scales[:, None] * vectors / roots
