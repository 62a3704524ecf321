"""What `solve` asks of A and W, from one look at both."""

from typing import Any

import numpy as np

from wlra_dist.errors import InputError
from wlra_dist.inputs.given import given_dense, given_integer
from wlra_dist.weights import DenseWeights, Weights


def checked_weights(W: Any) -> Weights:
    """Structured weights as they are, all else as dense weights; InputError for what is no weights at all."""
    if callable(getattr(W, "block", None)) and callable(getattr(W, "dense", None)):
        return W
    if W is None:
        raise InputError("expected weights W, found None: if all entries count alike, np.ones(A.shape)")
    return DenseWeights(given_dense(W, "W"))


def checked_rank(A: np.ndarray, W: Weights, k: Any, rtol: float | None) -> int:
    """The largest rank to try; InputError unless A and W fit each other and something is asked for."""
    if A.shape != W.shape:
        raise InputError(f"expected A and W of the same shape n×d, found {A.shape} and {W.shape}")
    if A.size == 0:
        raise InputError(f"expected at least one row and one column, found {A.shape}")
    if k is None and rtol is None:
        raise InputError("expected a rank k, or a tolerance rtol: found neither")
    if rtol is not None and not rtol >= 0:
        raise InputError(f"expected a tolerance of at least 0, found rtol = {rtol}")
    return min(A.shape) if k is None else given_integer(k, "k")
