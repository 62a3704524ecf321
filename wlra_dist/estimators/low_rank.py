"""Weighted low rank approximation as a scikit-learn transformer: a truncated SVD with a weight for each entry."""

from math import prod
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_array, check_is_fitted

from wlra_dist.errors import InputError
from wlra_dist.estimators.entries import entries
from wlra_dist.estimators.types import checked_k
from wlra_dist.estimators.weights import weight_factors, whole
from wlra_dist.solvers import LowRank, Solution, solve
from wlra_dist.solvers.regressions.row_fits import fit_rows


class WeightedLowRank(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Finds k directions that approximate the rows of X (n×d) with the least ‖W∘(X − UV)‖_F².

    An entry of weight 0, or one that `numpy.ma` masks, is missing, whatever stands there, be it NaN. `transform` fits
    the rows of new data by weighted least squares, and `inverse_transform` then fills in what is missing.

    `weights` are W: n×d of them, one for each feature (d), or one for each sample (n, 1). `sample_weight` (n) says how
    often a sample counts, as everywhere in scikit-learn. Both together: Σ s_i·W_ij²·(X − UV)_ij².

    Parameters
    ----------
    k
        The rank; with `rtol` the largest that is tried.
    method
        Of `wlra_dist.solvers.SOLVERS`, or two joined by +; not reweighted_svd alone, whose
        answer is not of rank k.
    rtol
        Take the smallest rank with ‖W∘(X − UV)‖_F ≤ rtol·‖W∘X‖_F.
    options
        Of the method.
    random_state
        A seed or generator.

    Attributes
    ----------
    components_
        V (k×d), its rows orthonormal: the right singular vectors of UV under the sample weights.
    loss_
        ‖W∘(X − UV)‖_F² of the training data.
    solution_
        All that `wlra_dist.solvers.solve` says, with its certificate.
    optimality_gap_
        By what share of `loss_` any other UV of rank k loses less, at most: a proven bound, 1 where nothing is proven.
    n_features_in_
        d.
    feature_names_in_
        Names of the features, where X has them.
    """

    components_: np.ndarray
    loss_: float
    solution_: Solution
    optimality_gap_: float
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

    def fit(
        self,
        X: Any,
        y: Any = None,  # noqa: ARG002  their signature
        *,
        sample_weight: Any = None,
        weights: Any = None,
    ) -> "WeightedLowRank":
        """V from X and its weights ≥ 0, None for equal ones; ValueError for what does not fit."""
        X, factors = entries(self, X, weights, sample_weight, new=True)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        k = None if self.k is None else min(checked_k(self.k), *X.shape)
        try:
            found = solve(X, whole(factors, X), k, self.method, rtol=self.rtol, rng=seed, **(self.options or {}))
        except InputError as error:
            raise ValueError(str(error)) from error
        if not isinstance(found.approximation, LowRank):
            raise ValueError(f"{self.method} finds no matrix of rank k: try svd_w+als, or wlra_dist.solvers.solve")
        self.components_ = _principal(found.approximation, *weight_factors(None, sample_weight, X.shape))
        self.loss_ = found.loss
        self.solution_ = found
        gap = found.certificate.gap if found.certificate else None
        self.optimality_gap_ = 1.0 if gap is None else gap
        return self

    def transform(self, X: Any, weights: Any = None) -> np.ndarray:
        """U (n×k) with the least ‖W∘(X − UV)‖_F²; of the least norm where the weights leave a choice."""
        check_is_fitted(self)
        X, factors = entries(self, X, weights)
        W = prod(factors, start=np.ones((1, X.shape[1])))
        return fit_rows(self.components_.astype(float), W, X).astype(X.dtype)

    def fit_transform(
        self, X: Any, y: Any = None, *, sample_weight: Any = None, weights: Any = None, **fit_params: Any
    ) -> np.ndarray:
        """U of the training data."""
        return self.fit(X, y, sample_weight=sample_weight, weights=weights, **fit_params).transform(X, weights)

    def inverse_transform(self, U: Any) -> np.ndarray:
        """UV (n×d)."""
        check_is_fitted(self)
        return check_array(U) @ self.components_

    @property
    def _n_features_out(self) -> int:
        return len(self.components_)


def _principal(found: LowRank, root: np.ndarray | float = 1.0) -> np.ndarray:
    """The right singular vectors of √s∘UV, each with its largest entry positive: the same for any factors of it."""
    Q, R = np.linalg.qr(found.V.T)
    V = np.linalg.svd((root * found.U) @ R.T, full_matrices=False)[2] @ Q.T
    largest = np.take_along_axis(V, np.abs(V).argmax(axis=1, keepdims=True), axis=1)
    return (V * np.sign(largest)).astype(found.V.dtype)
