"""WeightedColumnSelector as scikit-learn sees it, and as the paper does."""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

pytest.importorskip("sklearn")

from scipy.sparse import csc_array, csr_matrix
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from wlra_dist.css import SELECTORS
from wlra_dist.estimators import WeightedColumnSelector
from wlra_dist.linalg.blocks import energy


def data(n: int = 30, d: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """X of rank 4 plus noise, and weights of rank one."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n, 4)) @ rng.standard_normal((4, d)) + 0.1 * rng.standard_normal((n, d))
    return X, np.outer(rng.uniform(0.5, 2, n), rng.uniform(0.1, 3, d))


def left(B: np.ndarray, columns: np.ndarray) -> float:
    C = B[:, columns]
    return energy(B - C @ np.linalg.pinv(C) @ B)


@parametrize_with_checks([WeightedColumnSelector(2), WeightedColumnSelector(selector="sketched_qr")])
def test_scikit_learn_s_own_checks(estimator, check):
    options = estimator.get_params()
    check(estimator)  # raises where the estimator is not as it should be
    assert estimator.get_params() == options


@pytest.mark.parametrize("name", SELECTORS)
def test_every_selector_keeps_k_features_and_says_what_is_left(name: str):
    X, W = data()
    fitted = WeightedColumnSelector(5, weights=W, selector=name, random_state=0).fit(X)
    support: Any = fitted.get_support()
    assert support.sum() == len(fitted.columns_) == 5
    assert np.array_equal(fitted.transform(X), X[:, np.sort(fitted.columns_)])
    assert fitted.residual_ == pytest.approx(left(W * X, fitted.columns_), rel=1e-9)


def test_a_weight_for_each_feature_is_the_same_in_every_sample():
    X, W = data()
    by_feature = WeightedColumnSelector(4, weights=W[0]).fit(X)
    in_full = WeightedColumnSelector(4, weights=np.tile(W[0], (len(X), 1))).fit(X)
    assert np.array_equal(by_feature.columns_, in_full.columns_)


@pytest.mark.parametrize("sparse", [np.asarray, csr_matrix])
@pytest.mark.parametrize("shape", [(30, 12), (12, 12)])
def test_weights_of_samples_and_of_features_multiply(shape: tuple[int, int], sparse: type):
    X, W = data(*shape)
    often = np.random.default_rng(1).integers(0, 5, len(X))
    root = np.sqrt(often)[:, None]
    for weights, full in [(None, root), (W[0], root * W[0]), (W, root * W)]:
        ours = WeightedColumnSelector(4, weights=weights).fit(sparse(X), sample_weight=often)
        theirs = WeightedColumnSelector(4, weights=np.broadcast_to(full, X.shape)).fit(X)
        assert np.array_equal(ours.columns_, theirs.columns_)
        assert ours.residual_ == pytest.approx(theirs.residual_, rel=1e-9)
    by_weight = WeightedColumnSelector(4, weights=root).fit(X)
    repeated = WeightedColumnSelector(4).fit(np.repeat(X, often, axis=0))
    assert np.array_equal(by_weight.columns_, repeated.columns_)


def test_weights_too_small_for_the_samples_type_are_kept():
    X, W = data()
    usual, tiny = (WeightedColumnSelector(4, weights=W * scale).fit(X.astype(np.float32)) for scale in (1, 2.0**-160))
    assert np.array_equal(usual.columns_, tiny.columns_)


@pytest.mark.parametrize("selector", ["greedy", "gram_qr", "norm"])
@pytest.mark.parametrize(("x", "w"), [(450, 0), (-450, 0), (0, 450), (0, -450), (900, -700), (-900, 700)])
def test_powers_of_two_change_nothing(selector: str, x: int, w: int):
    X, W = data()
    usual, scaled = (
        WeightedColumnSelector(4, weights=np.ldexp(W, b), selector=selector, random_state=0).fit(np.ldexp(X, a))
        for a, b in [(0, 0), (x, w)]
    )
    assert np.array_equal(usual.columns_, scaled.columns_)
    assert scaled.residual_ == np.ldexp(usual.residual_, 2 * (x + w))


@pytest.mark.parametrize("sparse", [np.asarray, csc_array])
@pytest.mark.parametrize("junk", [np.nan, np.inf, 1e300, -9999.0])
def test_what_stands_where_the_weight_is_0_means_nothing(sparse: type, junk: float):
    X, W = data()
    W = W * (np.random.default_rng(2).random(W.shape) < 0.7)
    holed = np.where(W > 0, X, junk)
    usual, ours = (WeightedColumnSelector(4, weights=W).fit(sparse(M)) for M in (np.where(W > 0, X, 0), holed))
    assert np.array_equal(ours.columns_, usual.columns_)
    assert ours.residual_ == usual.residual_
    masked = WeightedColumnSelector(4, weights=W + 1).fit(np.ma.masked_array(holed, W == 0))
    assert np.array_equal(masked.columns_, WeightedColumnSelector(4, weights=(W + 1) * (W > 0)).fit(X).columns_)
    assert ours.transform(np.where(W > 0, X, np.nan)).shape == (30, 4)  # type: ignore[attr-defined]


@pytest.mark.parametrize("sparse", [np.asarray, csr_matrix, csc_array])
def test_nan_where_something_counts_is_refused_by_place(sparse: type):
    X, W = data()
    X[7, 3] = np.nan
    with pytest.raises(ValueError, match="found nan in row 7, column 3"):
        WeightedColumnSelector(4, weights=W).fit(sparse(X))


def test_what_has_no_weight_is_not_kept():
    X, W = data()
    W[:, ::2] = 0
    assert set(WeightedColumnSelector(4, weights=W).fit(X).columns_) <= set(range(1, 12, 2))


@pytest.mark.parametrize("sparse", [csr_matrix, csc_array])
def test_sparse_samples_choose_the_same(sparse: type):
    X, W = data()
    dense, thin = (WeightedColumnSelector(4, weights=W).fit(kind(X)) for kind in (np.asarray, sparse))
    assert np.array_equal(np.sort(dense.columns_), np.sort(thin.columns_))


def test_a_tolerance_ends_before_k():
    X, W = data()
    fitted = WeightedColumnSelector(10, weights=W, tolerance=0.05).fit(X)
    assert fitted.residual_ <= 0.05 * energy(W * X)
    assert len(fitted.columns_) <= 4


def test_in_a_pipeline_names_are_kept():
    X, _ = data()
    pipeline = make_pipeline(
        StandardScaler(), WeightedColumnSelector(3, selector={"name": "swaps", "starts": ("gram_qr",)})
    )
    assert pipeline.fit_transform(X).shape == (30, 3)
    names: Any = pipeline.get_feature_names_out()
    assert len(names) == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"k": 0}, "k as an integer of at least 1"),
        ({"k": 2.5}, "k as an integer of at least 1"),
        ({"k": 2, "selector": {"name": "greedy", "rounds": 3}}, "selector: .*rounds"),
        ({"k": 2, "weights": np.full(12, 1e-200)}, "divide X or the weights"),
        ({"k": 2, "weights": np.full(12, 1e160)}, "divide X or the weights"),
        ({"k": True}, "k as an integer of at least 1"),
        ({"k": 2, "weights": np.ma.masked_less(np.arange(12.0), 2)}, "weights must not be masked"),
        ({"k": 2, "tolerance": 1.0}, "tolerance must be"),
        ({"k": 2, "selector": "best"}, "selector must be one of"),
        ({"k": 2, "weights": np.ones((3, 3))}, "weights must be n×d"),
        ({"k": 2, "weights": np.ones(30)}, "one for each sample is sample_weight"),
        ({"k": 2, "weights": -np.ones(12)}, "weights must be at least 0"),
    ],
)
def test_what_does_not_fit_is_told(options: dict, message: str):
    with pytest.raises(ValueError, match=message):
        WeightedColumnSelector(**options).fit(data()[0])


def test_nothing_is_kept_before_a_fit():
    with pytest.raises(NotFittedError):
        WeightedColumnSelector(2).get_support()


def test_scikit_learn_waits_for_the_first_estimator():
    program = "import sys, wlra_dist.estimators; assert 'sklearn' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)
