"""The entries that an estimator is given, and the weights that say which of them exist.

As everywhere in this package an entry of weight 0 does not exist, whatever stands there, and no more does one that
`numpy.ma` masks. scikit-learn's own checks know neither: they drop a mask, and refuse every NaN.
"""

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np
from sklearn.utils.validation import validate_data

from wlra_dist.estimators.types import numbers
from wlra_dist.estimators.weights import weight_factors
from wlra_dist.linalg.matrix import Matrix


def entries(
    estimator: Any, X: Any, weights: Any, sample_weight: Any = None, *, new: bool = False, **checks: Any
) -> tuple[Matrix, list[np.ndarray]]:
    """X where its weights are positive and 0 elsewhere, and what multiplies to them, in arrays that broadcast to n×d.

    Args:
        estimator: that asks; with `new` it learns the features of X, otherwise X must have the same.
        X, weights, sample_weight: as it was given them.
        checks: of scikit-learn's `validate_data`; sparse X comes as columns.

    ValueError for what scikit-learn or the weights refuse, and for what is not finite in X.
    """
    mask = [np.asarray(~np.ma.getmaskarray(X), np.float32)] if np.ma.is_masked(X) else []
    kinds = [np.float64, np.float32]
    X = validate_data(estimator, numbers(X), reset=new, dtype=kinds, ensure_all_finite=False, **checks)
    factors = mask + weight_factors(weights, sample_weight, X.shape)
    return (_supported(X, factors) if isinstance(X, np.ndarray) else _supported_columns(X, factors)), factors


def _supported(X: np.ndarray, factors: list[np.ndarray]) -> np.ndarray:
    for W in factors:
        X = X if W.all() else np.where(W != 0, X, 0)
    _require_finite(X, lambda at: divmod(at, X.shape[1]))
    return X


def _supported_columns(X: Any, factors: list[np.ndarray]) -> Matrix:
    from scipy.sparse import csc_array

    rows, columns = X.indices, np.repeat(np.arange(X.shape[1]), np.diff(X.indptr))
    W = prod((np.broadcast_to(factor, X.shape)[rows, columns] for factor in factors), start=np.ones(1, np.float32))
    kept = np.where(W != 0, X.data, 0)
    _require_finite(kept, lambda at: (rows[at], columns[at]))
    return csc_array((kept, X.indices, X.indptr), shape=X.shape)


def _require_finite(X: np.ndarray, place: Callable[[int], tuple[int, int]]) -> None:
    finite = np.isfinite(X)
    if not finite.all():
        at = int(np.argmin(finite))
        row, column = place(at)
        raise ValueError(
            f"expected no NaN or infinity in X where its weight is not 0, found {X.flat[at]} in row {row}, column"
            f" {column} (from 0): mask it, or give it the weight 0"
        )
