"""Algorithm 2: W gives way to a W̃ whose entrywise inverse is of low rank (Woodruff & Yasuda).

Of rank one it is W̃ = u vᵀ with the row sums u and the column sums v of W. Of all matrices of rank one, a multiple of
it is the nearest to W in Kullback and Leibler's divergence. Then W̃^{∘-1} has rank one, (W̃∘A)_k is the best rank-k
matrix under the weights W̃, and Ã = W̃^{∘-1}∘(W̃∘A)_k is of rank k itself. Inverses of higher rank: `inverse`.

The paper approximates W^{∘-1}, which real weights do not allow: an inverse of 10²⁴ makes all others rounding, and one
of infinity makes nothing of them. Sums know neither: a sum is 0 only for a row or column that is 0 throughout,
which counts nowhere (Ã is 0 there), and all others are positive. The singular vectors of W are no better (the
losses on Fisher weights differ by a thousandth) and vanish on all but one block of a block-diagonal W. Nor does a
division lose digits: row i of the left factor is a sum of products with u_i, and so is column j of the right one
with v_j.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from wlra_dist.linalg.rows.rows import mapped_rows, row_runs
from wlra_dist.linalg.rows.truncated import Method, truncated_svd
from wlra_dist.solvers.approximation import LowRank
from wlra_dist.solvers.methods.inverse import inverse_of
from wlra_dist.solvers.options import Count
from wlra_dist.weights import DenseWeights, LowRankWeights, Weights
from wlra_dist.weights.weighted_rows import weight_rows, weighted

FAINT = 1 / 16
"""A weight of less than this part of what its row and column suggest."""


@dataclass(frozen=True)
class SVDW:
    """W̃^{∘-1}∘(W̃∘A)_k; the optimum of rank k if W is of rank one, up to what the SVD is above the best.

    Args:
        svd: "sketched" (within 1 % of the best ‖W̃∘(A − Ã)‖², usually), "krylov" (0.1 %) or "exact" (1e-9).
        inverse_rank: p, the rank of W̃_inv; 1 is that of the paper's experiments. With more W̃ is nearer to W, and Ã has
            rank pk and n×d numbers on the way (`inverse`).
    """

    svd: Method = "sketched"
    inverse_rank: Count = 1

    def __call__(self, A: np.ndarray, W: Weights, k: int, rng: np.random.Generator) -> Iterator[LowRank]:
        u, v = marginals(W)
        if self.inverse_rank > 1:
            inverse = inverse_of(W, u, v, self.inverse_rank, rng)
            found = truncated_svd(weighted(A, DenseWeights(inverse.W)), k, self.svd, rng)
            yield inverse.times(LowRank(found.L, found.X))
            return
        found = truncated_svd(weighted(A, LowRankWeights(u[:, None], v[None])), k, self.svd, rng)
        yield LowRank(_divided(found.L, u[:, None]), _divided(found.X, v))


def marginals(W: Weights) -> tuple[np.ndarray, np.ndarray]:
    """Row sums (n) and column sums (d) of W, both divided by the largest."""
    n, d = W.shape
    u, v = np.zeros(n), np.zeros(d)
    for run in row_runs(n, d):
        rows = weight_rows(W, run)
        ones = np.ones(max(rows.shape), np.result_type(rows, np.float32))
        u[run] = rows @ ones[:d]  # three times as fast as rows.sum(axis=1)
        v += ones[: len(rows)] @ rows
    return u / (u.max(initial=0.0) or 1.0), v / (v.max(initial=0.0) or 1.0)


def misled(A: np.ndarray, W: Weights) -> bool:
    """Whether most of ‖W̃∘A‖² is where W is faint beside W̃: what the answer is fitted to then hardly counts.

    A reading of 10¹² with the weight 10⁻¹² is all that W̃∘A shows; `solve` tries another start as well.
    """
    u, v = marginals(W)
    total = sum(float(weight_rows(W, run).sum(dtype=float)) for run in row_runs(*W.shape))
    scale = total / max(float(u.sum() * v.sum()), float(np.finfo(float).tiny))
    seen = faint = 0.0
    for run in row_runs(*W.shape):
        expected = scale * np.multiply.outer(u[run], v)
        energies = np.square(expected * mapped_rows(A, run))
        seen += float(energies.sum())
        faint += float(energies[weight_rows(W, run) < FAINT * expected].sum())
    return faint > seen / 2


def _divided(factor: np.ndarray, sums: np.ndarray) -> np.ndarray:
    """factor/sums in the factor's type; 0 where the sum is 0."""
    quotient = np.divide(factor, sums, out=np.zeros(factor.shape), where=sums > 0)
    return quotient.astype(factor.dtype)
