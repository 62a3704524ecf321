"""Exactly K columns within K + 1 of the best K dimensions (Osinsky 2023; Deshpande & Rademacher 2010).

For any K columns S, B − B_S V_S^{-T} Vᵀ = E − E_S V_S^{-T} Vᵀ with E = B − BVVᵀ: an oblique projection whose error
‖E‖² + ‖E_S V_S^{-T}‖² is no less than that of the orthogonal one. A column i with least ‖e_i‖²/‖v_i‖² adds at most
‖E‖²/K, since the mean of these with weights ‖v_i‖² is that; what remains is the same task in K − 1 dimensions.
"""

from dataclasses import dataclass

import numpy as np

from wlra_dist.css.gram_qr import in_pivoted_order
from wlra_dist.css.selection import Selection, Stop
from wlra_dist.css.whole_gram import Unformed, WholeGram, by_subspace
from wlra_dist.linalg.blocks import shape_of
from wlra_dist.linalg.gram_remainder import GramRemainder
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.linalg.spectral.subspace import Subspace
from wlra_dist.linalg.ties import first_largest

EPS = float(np.finfo(float).eps)

SPARE = 4
"""More than measured choices of K columns leave, in units of the tail."""


@dataclass(frozen=True)
class Osinsky:
    """The K columns asked for leave at most (K + 1)·‖B_{−K}‖_F², without coins (Osinsky 2023).

    No choice of K columns can promise less. Given a residual, K grows until the columns meet it, or the tail is a
    quarter of it.
    """

    def __call__(self, B: Matrix, stop: Stop, rng: np.random.Generator) -> Selection:  # noqa: ARG002  no coins
        limit, noise = stop.limit(B), EPS * max(shape_of(B))
        return Selection(by_subspace(B, lambda block: columns_of(block, limit, stop.residual, noise)))


def columns_of(
    block: WholeGram | Unformed, limit: int, residual: float | None, noise: float
) -> tuple[np.ndarray, float]:
    """The columns, and the energy that they leave; `noise`: the share of the block's energy that is rounding."""
    if residual is None:
        remainder = _exactly(block, block.leading(limit), noise)
    else:
        remainder = _until(block, limit, residual, noise)
    return np.array(remainder.columns, dtype=np.int64), remainder.left


def _until(block: WholeGram | Unformed, limit: int, residual: float, noise: float) -> GramRemainder:
    """The block without as few columns as this way leave at most `residual`."""
    subspace = block.reaching(residual / SPARE)
    most = min(limit, len(subspace.squares))
    K = min(most, int(np.argmax(np.append(subspace.tails, 0.0) <= residual)))  # no fewer dimensions could do
    remainder = _exactly(block, subspace.first(K), noise)
    while most > K and remainder.left > residual:
        K = min(most, 1 + K + K // 8)
        remainder = _exactly(block, subspace.first(K), noise)
    return remainder


def _exactly(block: WholeGram | Unformed, subspace: Subspace, noise: float) -> GramRemainder:
    """The block without K columns, K the dimensions of the subspace."""
    return in_pivoted_order(block.remainder(), _columns(block.remainder(), subspace, noise))


def _columns(rows: GramRemainder, subspace: Subspace, noise: float) -> list[int]:
    V, outside = subspace.V.copy(), subspace.outside
    noise *= float(subspace.energies.sum())
    chosen: list[int] = []
    H, X = np.empty((0, len(V))), np.empty((0, len(V)))
    while V.shape[1]:
        column, w, nu = _best(V, outside + noise)
        chosen.append(column)
        # E_t = E − E_S X: the rows of EᵀE that belong to S tell the new column's products with all of E_t
        row = rows.gram_row(column) - (subspace.V[column] * subspace.squares) @ subspace.V.T
        H, y = np.vstack([H, row]), np.append(-X[:, column], 1.0)
        q = y @ H
        products = q - q[chosen[:-1]] @ X
        X = np.vstack([X - np.outer(X[:, column], w / nu), w / nu])
        outside = np.maximum(outside - 2 * w / nu * products + np.square(w / nu) * max(outside[column], 0.0), 0.0)
        V = _without(V, column)
    return chosen


def _best(V: np.ndarray, outside: np.ndarray) -> tuple[int, np.ndarray, float]:
    """The column i of least ‖e_i‖²/‖v_i‖², the combination w of V's dimensions that v_i points to, and ‖v_i‖."""
    lengths = np.square(V).sum(axis=1)
    column = first_largest(lengths / outside)
    nu = float(np.sqrt(lengths[column]))
    return column, V @ (V[column] / nu), nu


def _without(V: np.ndarray, column: int) -> np.ndarray:
    """V without the dimension that v_i points to, by a Householder reflection (d×(K−1))."""
    u = V[column] / np.linalg.norm(V[column])
    u[0] += np.copysign(1.0, u[0])
    return (V - np.outer(V @ u, u * (2 / (u @ u))))[:, 1:]
