"""The weights that an estimator is given, checked as scikit-learn checks its own inputs."""

from typing import Any

import numpy as np
from sklearn.utils.validation import check_array


def checked_weights(weights: Any, shape: tuple[int, int]) -> np.ndarray:
    """W ≥ 0 in float32 or float64 as it is (n×d, or d of them); ValueError for any other."""
    kinds: Any = [np.float64, np.float32]  # that of X might be too short for them; scikit-learn's stub wants a name
    W = check_array(weights, dtype=kinds, ensure_2d=False, accept_sparse=False, input_name="weights")
    if W.shape not in (shape, shape[1:]):
        raise ValueError(f"weights must be n×d = {shape} or one for each feature, got shape {W.shape}")
    if (W < 0).any():
        raise ValueError("weights must be at least 0; take absolute values, or squares")
    return W
