"""Any approximation as factors of rank k, for the solvers that improve on one."""

import numpy as np

from wlra_dist.solvers.approximation import Approximation, LowRank
from wlra_dist.solvers.problem import unweighted, zero
from wlra_dist.solvers.subspace import RowSpace

SWEEPS = 6
"""Of the subspace iteration for approximations that are not of rank k; a start need not be the best one."""


def factors(start: Approximation, k: int, dtype: np.dtype, rng: np.random.Generator) -> LowRank:
    """U (n×k) and V (k×d) with orthonormal rows, and UV = Ã if its rank is at most k, else near the best of rank k."""
    d = start.shape[1]
    if isinstance(start, LowRank):
        U, V = start.U.astype(float), start.V.astype(float)
        if len(V) < k:
            U, V = np.pad(U, ((0, 0), (0, k - len(V)))), np.vstack([V, rng.standard_normal((k - len(V), d))])
        Q, R = np.linalg.qr(V.T)
        if len(V) == k:
            return LowRank((U @ R.T).astype(dtype), Q.T.astype(dtype))
        left, values, right = np.linalg.svd(U @ R.T, full_matrices=False)
        return LowRank((left * values)[:, :k].astype(dtype), (right @ Q.T)[:k].astype(dtype))
    problem = unweighted(np.ascontiguousarray(start.columns(np.arange(d)), dtype=dtype))
    return RowSpace.random(d, k, dtype, rng).improved(problem, zero(problem, k), SWEEPS)[0]
