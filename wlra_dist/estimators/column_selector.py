"""Feature selection by weighted column subset selection (Woodruff & Yasuda, Cor 1.3), as a scikit-learn selector."""

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.feature_selection import SelectorMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from wlra_dist.css import SELECTORS, Selector, Stop, select
from wlra_dist.estimators.entries import entries
from wlra_dist.estimators.types import checked_k
from wlra_dist.linalg.basis import orthonormal_basis, residual_energy
from wlra_dist.linalg.blocks import energy
from wlra_dist.linalg.matrix import Matrix
from wlra_dist.linalg.scale import largest, power_to_take, scaled_energy, times_power


class WeightedColumnSelector(SelectorMixin, BaseEstimator):
    """Keeps the k features (columns of X, n×d) whose weighted columns W∘X best span all of W∘X.

    An entry of weight 0, or one that `numpy.ma` masks, is missing, whatever stands there.

    Dividing their best combinations by W gives a weighted low rank approximation of X (Woodruff & Yasuda, Cor 1.3).

    Parameters
    ----------
    k
        Features to keep; fewer are kept where fewer span W∘X. All of them by default.
    weights
        W ≥ 0: n×d numbers, one for each feature (d), or one for each sample (n, 1); None for equal weights.
    selector
        A name of `wlra_dist.css.SELECTORS`, or a table of its options with that `name`.
    tolerance
        Stop as soon as at most this share of ‖W∘X‖_F² is left; None goes on to k.
    random_state
        A seed or generator for selectors that draw.

    Attributes
    ----------
    columns_
        The features kept, the first chosen first.
    residual_
        ‖B − CC⁺B‖_F² of B = W∘X and its columns C that are kept.
    n_features_in_
        d.
    feature_names_in_
        Names of the features, where X has them.
    """

    columns_: np.ndarray
    residual_: float
    n_features_in_: int

    def __init__(
        self,
        k: int | None = None,
        *,
        weights: Any = None,
        selector: str | dict[str, Any] = "auto",
        tolerance: float | None = None,
        random_state: Any = None,
    ) -> None:
        self.k = k
        self.weights = weights
        self.selector = selector
        self.tolerance = tolerance
        self.random_state = random_state

    def fit(
        self,
        X: Any,
        y: Any = None,  # noqa: ARG002  scikit-learn's signature
        *,
        sample_weight: Any = None,
    ) -> "WeightedColumnSelector":
        """Chooses features of X (dense or sparse); ValueError for options or weights that do not fit.

        `sample_weight` (n) says how often a sample counts: W_ij is multiplied by its root.
        """
        B, power = _weighted(*entries(self, X, self.weights, sample_weight, new=True, accept_sparse="csc"))
        coins = check_random_state(self.random_state).randint(2**31 - 1)
        chosen = select(self._selector(), B, self._stop(B), np.random.default_rng(coins))
        self.columns_ = chosen.columns
        self.residual_ = _restored(residual_energy(B, orthonormal_basis(B[:, chosen.columns])), power)
        return self

    def _get_support_mask(self) -> Any:  # of booleans (d); scikit-learn's stub returns nothing
        check_is_fitted(self)
        mask = np.zeros(self.n_features_in_, dtype=bool)
        mask[self.columns_] = True
        return mask

    def _stop(self, B: Matrix) -> Stop:
        k = None if self.k is None else checked_k(self.k)
        if self.tolerance is not None and not 0 <= self.tolerance < 1:
            raise ValueError(f"tolerance must be in [0, 1), got {self.tolerance}")
        return Stop(k, None if self.tolerance is None else self.tolerance * energy(B))

    def _selector(self) -> Selector:
        options = {"name": self.selector} if isinstance(self.selector, str) else dict(self.selector)
        name = options.pop("name", None)
        if name not in SELECTORS:
            raise ValueError(f"selector must be one of {', '.join(SELECTORS)}, got {name!r}")
        try:
            return SELECTORS[name](**options)
        except TypeError as error:
            raise ValueError(f"selector: {error}") from error

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.allow_nan = self.weights is not None  # which may be 0 there; scikit-learn's `transform` asks
        return tags


def _weighted(X: Any, factors: list[np.ndarray]) -> tuple[Any, int]:
    """W∘X over a power of two, so that its squares have room, and that power."""
    B, power = _near_one(X)
    for factor in factors:
        W, more = _near_one(factor)
        B, power = (B * W if isinstance(B, np.ndarray) else type(B)(B * W)), power + more
    B, more = _near_one(B)
    return B, power + more


def _near_one(M: Any) -> tuple[Any, int]:
    power = power_to_take(largest(M))
    return (times_power(M.astype(float), -power), power) if power else (M, 0)


def _restored(energy: float, power: int) -> float:
    """The energy of W∘X; ValueError if it has no double."""
    with np.errstate(over="ignore"):
        restored = scaled_energy(energy, power)
    if energy and not np.finfo(float).tiny <= restored < np.inf:
        raise ValueError("W∘X has squares that float64 cannot hold; divide X or the weights by their largest entry")
    return restored
