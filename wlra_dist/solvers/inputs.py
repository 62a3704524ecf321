"""What `solve` asks of A and W, from one look at both."""

from numbers import Integral

import numpy as np

from wlra_dist.errors import InputError
from wlra_dist.weights import DenseWeights, Weights


def checked_weights(W: np.ndarray | Weights) -> Weights:
    """Arrays as dense weights; InputError for what is no weights at all."""
    if isinstance(W, np.ndarray):
        return DenseWeights(W)
    if not callable(getattr(W, "block", None)):
        raise InputError(
            f"expected W as a numpy array or structured weights of wlra_dist.weights, found {type(W).__name__}: if all"
            " entries count alike, np.ones(A.shape); if it is sparse, W.toarray()"
        )
    return W


def checked_rank(A: np.ndarray, W: Weights, k: int | None, r: int | None, rtol: float | None) -> int:
    """The largest rank to try; InputError unless A and W fit each other and something is asked for."""
    if not isinstance(A, np.ndarray):
        raise InputError(f"expected A as a numpy array, found {type(A).__name__}: if it is sparse, A.toarray()")
    if A.ndim != 2 or A.shape != W.shape:
        raise InputError(f"expected A and W of the same shape n×d, found {A.shape} and {W.shape}")
    if A.dtype.kind not in "biuf":
        raise InputError(f"expected real numbers in A, found {A.dtype}: solve for what is real in it")
    if A.size == 0:
        raise InputError(f"expected at least one row and one column, found {A.shape}")
    if k is None and rtol is None:
        raise InputError("expected a rank k, or a tolerance rtol: found neither")
    for rank in (k, r):
        if rank is not None and not (isinstance(rank, Integral) and rank >= 1):
            raise InputError(f"expected ranks that are integers of at least 1, found k = {k}, r = {r}")
    if rtol is not None and not rtol >= 0:
        raise InputError(f"expected a tolerance of at least 0, found rtol = {rtol}")
    return min(A.shape) if k is None else k
