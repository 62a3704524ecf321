"""Weighted low rank approximation as a scikit-learn transformer: a truncated SVD with a weight for each entry."""

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_array, check_is_fitted, validate_data

from wlra_dist.errors import InputError
from wlra_dist.estimators.weights import checked_weights
from wlra_dist.solvers import LowRank, Solution, solve

EPS = float(np.finfo(float).eps)


class WeightedLowRank(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Finds k directions that approximate the rows of X (n×d) with the least ‖W∘(X − UV)‖_F².

    A weight of 0 makes an entry missing: set it to any number. `transform` fits the rows of new data by weighted
    least squares, and `inverse_transform` then fills in what is missing.

    Args:
        k: the rank; with `rtol` the largest that is tried.
        method: of `wlra_dist.solvers.SOLVERS`, or two joined by +; not reweighted_svd alone, whose
            answer is not of rank k.
        rtol: take the smallest rank with ‖W∘(X − UV)‖_F ≤ rtol·‖W∘X‖_F.
        options: of the method.
        random_state: a seed or generator.

    Attributes:
        components_: V (k×d), its rows orthonormal.
        loss_: ‖W∘(X − UV)‖_F² of the training data.
        solution_: all that `wlra_dist.solvers.solve` says, without a lower bound.
        n_features_in_: d.
        feature_names_in_: names of the features, where X has them.
    """

    components_: np.ndarray
    loss_: float
    solution_: Solution
    n_features_in_: int

    def __init__(
        self,
        k: int | None = 2,
        method: str = "svd_w+als",
        *,
        rtol: float | None = None,
        options: dict[str, Any] | None = None,
        random_state: Any = None,
    ) -> None:
        self.k = k
        self.method = method
        self.rtol = rtol
        self.options = options
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None, *, weights: Any = None) -> "WeightedLowRank":  # noqa: ARG002  their signature
        """V from X and its weights ≥ 0 (n×d, or d of them; None for equal ones); ValueError for what does not fit."""
        X = validate_data(self, X, dtype=[np.float64, np.float32])
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        k = None if self.k is None else min(self.k, *X.shape)
        W = _weights(weights, X)
        try:
            found = solve(X, W, k, self.method, rtol=self.rtol, rng=seed, certify=False, **(self.options or {}))
        except InputError as error:
            raise ValueError(str(error)) from error
        if not isinstance(found.approximation, LowRank):
            raise ValueError(f"{self.method} finds no matrix of rank k: try svd_w+als, or wlra_dist.solvers.solve")
        self.components_ = np.linalg.qr(found.approximation.V.T)[0].T
        self.loss_ = found.loss
        self.solution_ = found
        return self

    def transform(self, X: Any, weights: Any = None) -> np.ndarray:
        """U (n×k) with the least ‖W∘(X − UV)‖_F²; of the least norm where the weights leave a choice."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=[np.float64, np.float32])
        W = _weights(weights, X).astype(float, copy=False)
        largest = W.max(axis=1, keepdims=True)  # a row's fit does not depend on its scale, which squares may not have
        squares = np.square(W / np.where(largest > 0, largest, 1.0))
        V = self.components_.astype(float)
        products = (V[:, None] * V[None]).reshape(-1, V.shape[1])  # of rows of V, two by two: the Gram matrices' basis
        G = (squares @ products.T).reshape(-1, len(V), len(V))
        inverses = np.linalg.pinv(G, rcond=X.shape[1] * EPS, hermitian=True)
        return np.einsum("nij,nj->ni", inverses, (squares * X) @ V.T).astype(X.dtype)

    def fit_transform(self, X: Any, y: Any = None, *, weights: Any = None, **fit_params: Any) -> np.ndarray:
        """U of the training data."""
        return self.fit(X, y, weights=weights, **fit_params).transform(X, weights)

    def inverse_transform(self, U: Any) -> np.ndarray:
        """UV (n×d)."""
        check_is_fitted(self)
        return check_array(U) @ self.components_

    @property
    def _n_features_out(self) -> int:
        return len(self.components_)


def _weights(weights: Any, X: np.ndarray) -> np.ndarray:
    """W (n×d)."""
    if weights is None:
        return np.ones(X.shape, X.dtype)
    return np.ascontiguousarray(np.broadcast_to(checked_weights(weights, X.shape), X.shape))
