"""(W∘(UVᵀ))x and (W^{∘-1}∘(UVᵀ))x for any weights: by their structure, or where that has no cheap inverse, by runs.

Masks, weights of rank one and sparse ones are pieces and exceptions too (`pieces_of`). Weights of a higher rank have no
cheap inverse: a product forms n×d entries, some columns at a time.
"""

import numpy as np

from wlra_dist.weights import BlockMask, LowRankWeights, SparseWeights, StructuredWeights, Weights
from wlra_dist.weights.structured.kinds import from_mask, no_pieces, rank_one, replaced
from wlra_dist.weights.structured.pieces import inverted
from wlra_dist.weights.support import support_places
from wlra_dist.weights.weighing import column_runs


def pieces_of(W: Weights) -> StructuredWeights | None:
    """W as disjoint rank-one pieces and exceptions; None for weights that are not known to be so few numbers."""
    match W:
        case StructuredWeights():
            return W
        case BlockMask():
            return from_mask(W.row_blocks, W.column_blocks)
        case LowRankWeights() if W.U.shape[1] == 1:
            return rank_one(W.U[:, 0], W.V[0])
        case SparseWeights():
            rows, columns = support_places(W, slice(None))
            return replaced(no_pieces(W.shape), rows, columns, W.W.data.astype(float))
    return None


def weighted_product(
    W: Weights, U: np.ndarray, V: np.ndarray, x: np.ndarray, *, inverse: bool = False, transposed: bool = False
) -> np.ndarray:
    """(W∘(UVᵀ))x.

    Parameters
    ----------
    W
        n×d. For StructuredWeights, BlockMask, SparseWeights and LowRankWeights of rank one in k times the numbers that
        W is made of; for others in n·d·k, by runs of columns.
    U, V
        n×k and d×k.
    x
        d, or q vectors (d×q); transposed, n or n×q.
    inverse
        W^{∘-1} in the place of W; 0 where W is.
    transposed
        The product with the transpose of W∘(UVᵀ).

    Returns
    -------
    numpy.ndarray
        n or n×q; transposed, d or d×q.

    Raises
    ------
    ValueError
        U, V and x do not fit W, or each other.
    """
    n, d = W.shape
    if (len(U), len(V), len(x)) != (n, d, n if transposed else d) or U.shape[1:] != V.shape[1:]:
        shapes = f"{U.shape}, {V.shape} and {np.shape(x)}"
        raise ValueError(f"expected U, V and x that fit W, which is {n}×{d}, found {shapes}")
    pieces = pieces_of(W)
    if pieces is None:
        return _by_runs(W, (U, V), x, inverse, transposed)
    if transposed:
        return (pieces.apply_inverse_transposed if inverse else pieces.apply_transposed)(U, V, x)
    return (pieces.apply_inverse if inverse else pieces.apply)(U, V, x)


def _by_runs(
    W: Weights, factors: tuple[np.ndarray, np.ndarray], x: np.ndarray, inverse: bool, transposed: bool
) -> np.ndarray:
    U, V = factors
    n, d = W.shape
    y = np.zeros((d if transposed else n, *np.shape(x)[1:]))
    for run in column_runs(n, d):
        M = U @ V[run].T
        M *= inverted(W.dense(run)) if inverse else W.dense(run)
        if transposed:
            y[run] = M.T @ x
        else:
            y += M @ x[run]
    return y
