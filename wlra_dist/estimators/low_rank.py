"""Weighted low rank approximation as a scikit-learn transformer: a truncated SVD with a weight for each entry."""

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_array, check_is_fitted, validate_data

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
        """V from X and its weights ≥ 0 (n×d, or d of them; None for equal ones)."""
        X = validate_data(self, X, dtype=[np.float64, np.float32])
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        k = None if self.k is None else min(self.k, *X.shape)
        W = _weights(weights, X)
        found = solve(X, W, k, self.method, rtol=self.rtol, rng=seed, certify=False, **(self.options or {}))
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
        squares = np.square(_weights(weights, X), dtype=float)
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
    """W (n×d) in the type of X."""
    if weights is None:
        return np.ones(X.shape, X.dtype)
    kind: Any = X.dtype  # scikit-learn's stub wants its name
    W = check_array(weights, dtype=kind, ensure_2d=False, input_name="weights")
    if W.shape not in (X.shape, X.shape[1:]):
        raise ValueError(f"weights must be n×d = {X.shape} or one for each feature, got shape {W.shape}")
    if (W < 0).any():
        raise ValueError("weights must be at least 0; take absolute values, or squares")
    return np.ascontiguousarray(np.broadcast_to(W, X.shape))
