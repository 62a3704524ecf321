"""The weights that an estimator is given, checked as scikit-learn checks its own inputs.

There are two kinds. `weights` are W itself: a number for each entry, for each feature, or for each sample.
`sample_weight` is scikit-learn's: a sample of weight 2 counts as if it stood in X twice, so that W has its root. Both
together multiply: the loss is Σ s_i·W_ij²·(X − Ã)_ij².
"""

from math import prod
from typing import Any

import numpy as np
from sklearn.utils.validation import check_array

from wlra_dist.estimators.types import numbers


def weight_factors(weights: Any, sample_weight: Any, shape: tuple[int, int]) -> list[np.ndarray]:
    """What multiplies to W ≥ 0: arrays that broadcast to n×d, none for equal weights; ValueError for any other."""
    factors = [] if weights is None else [_of_entries(weights, shape)]
    return factors if sample_weight is None else [*factors, _root(sample_weight, shape[0])]


def whole(factors: list[np.ndarray], X: np.ndarray) -> np.ndarray:
    """W (n×d) in the type of X, or in that of the weights if it is longer."""
    W = prod(factors, start=np.ones((1, 1), X.dtype))
    return np.ascontiguousarray(np.broadcast_to(W, X.shape))


def _of_entries(weights: Any, shape: tuple[int, int]) -> np.ndarray:
    """n×d, 1×d or n×1."""
    n, d = shape
    W = _nonnegative(weights, "weights")
    if W.shape == (d,):  # also where n = d: a list of numbers is one for each feature
        return W[None]
    if W.shape in (shape, (1, d), (n, 1)):
        return W
    cure = "; one for each sample is sample_weight, or weights of shape (n, 1)" if W.shape == (n,) else ""
    raise ValueError(
        f"weights must be n×d = {shape}, one for each feature ({d},), or one for each sample ({n}, 1), got shape"
        f" {W.shape}{cure}"
    )


def _root(sample_weight: Any, n: int) -> np.ndarray:
    """√s (n×1)."""
    s = _nonnegative(sample_weight, "sample_weight")
    if s.shape not in ((n,), (n, 1)):
        raise ValueError(f"sample_weight must be one number for each of {n} samples, got shape {s.shape}")
    if not s.any():
        raise ValueError("sample_weight must not be zero throughout: no sample would count")
    return np.sqrt(s).reshape(n, 1)


def _nonnegative(given: Any, name: str) -> np.ndarray:
    """As float32 or float64, as they are: the type of X might be too short for them."""
    if np.ma.is_masked(given):
        raise ValueError(f"{name} must not be masked: filled(0) gives them the weight 0")
    kinds: Any = [np.float64, np.float32]  # scikit-learn's stub wants a name
    checked = check_array(numbers(given, name), dtype=kinds, ensure_2d=False, accept_sparse=False, input_name=name)
    if (checked < 0).any():
        raise ValueError(f"{name} must be at least 0; take absolute values, or squares")
    return checked
